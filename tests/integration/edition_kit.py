"""A late objection that is upheld after publication, and the form with which its corrected edition is prepared."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from year_kit import CLERK, LEADER, YEAR, cycle

from models.records import Objection, Receipt
from models.states import Channel, ObjectionState, ReceiptOutcome
from tasks import clock, filestore, lookup, store
from tasks.stages import objection_decisions, objections
from tasks.stages.objection_decisions import Correction

SECOND = "清财绩〔2026〕25号"
FORM = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK, "document_number": SECOND, "reason": "申诉成立"}
CODE = "105"


def uphold(code: str = CODE, rule: str = "target-setting", score: str = "9") -> int:
    """A late objection that the bureau takes up after publication and upholds; its number."""
    with store.session() as db:
        submission, department = lookup.submission_of(db, cycle(db), code)
        receipt = Receipt(
            cycle_id=cycle(db).id,
            channel=Channel.MAILBOX,
            origin=f"late/{code}",
            sha256=filestore.keep(code.encode()),
            size=len(code),
            received_at=clock.now(),
            department_id=department.id,
            outcome=ReceiptOutcome.OBJECTION,
        )
        db.add(receipt)
        db.flush()
        made = Objection(
            submission_id=submission.id, receipt_id=receipt.id, text="目标已量化。", received_on=clock.today()
        )
        db.add(made)
        db.flush()
        number = made.id
    objections.receive(YEAR.fiscal_year)
    assert "拟办更正公开" in decide_again(number, rule, score)
    return number


def decide_again(
    number: int, rule: str = "target-setting", score: str = "9", decision: ObjectionState = ObjectionState.UPHELD
) -> str:
    """Decide an objection as the leader does, on what the list shows; what was said of it."""
    seen = next(row["内容摘要"] for row in objections.listing(YEAR.fiscal_year) if row["申诉编号"] == number)
    told = objection_decisions.decide(
        YEAR.fiscal_year,
        number,
        seen=seen,
        decision=decision,
        who=LEADER,
        reason="补充材料属实。" if decision is ObjectionState.UPHELD else "补充材料不足以证明。",
        corrections=[Correction(rule, Decimal(score), "目标已量化，补充材料可以证明。")]
        if decision is ObjectionState.UPHELD
        else [],
    )
    return told.sentence


def department(results: Path, code: str = CODE) -> dict[str, Any]:
    held = json.loads(results.read_text("utf-8"))
    return next(d for d in held["departments"] if d["code"] == code)


def tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()
    }
