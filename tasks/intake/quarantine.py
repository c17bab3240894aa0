"""Quarantine (隔离待查): what waits for a person, and how a person lets it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Receipt
from models.states import Channel, ReceiptOutcome
from tasks import clock, store
from tasks.intake.identify import Identified
from tasks.intake.settle import OPEN_FOR_MATERIAL
from tasks.mail.token import Purpose

_BY_PERSON = "人工确认"
# What a person may look at again.
RELEASABLE = (ReceiptOutcome.QUARANTINED, ReceiptOutcome.IGNORED)


class ReleaseError(ValueError):
    """A receipt that cannot be released (不能放行), with the reason."""


@dataclass(frozen=True)
class Waiting:
    """A quarantined receipt for the staff's list (隔离清单)."""

    receipt_id: int
    received_at: datetime
    channel: Channel
    sender: str | None
    subject: str | None
    perhaps: str | None
    reason: str


def listing(
    db: Session, cycle_id: int, outcome: ReceiptOutcome = ReceiptOutcome.QUARANTINED, *, decided: bool = False
) -> list[Waiting]:
    """Everything in quarantine (隔离清单), oldest first; with IGNORED, the mails without attachments and their words.

    What a person has confirmed to stay out is listed only with ``decided``. An automatic answer is nobody's concern and
    is never listed.
    """
    names = {d.id: d.name for d in db.exec(select(Department))}
    query = select(Receipt).where(Receipt.cycle_id == cycle_id, Receipt.outcome == outcome)
    if not decided:
        query = query.where(col(Receipt.handled_at).is_(None))
    if outcome is ReceiptOutcome.IGNORED:
        # A mail from a person was identified; automatic answers and our own copies were not.
        query = query.where(col(Receipt.identified_by).is_not(None))
    return [
        Waiting(
            r.id or 0, r.received_at, r.channel, r.sender, r.subject, names.get(r.department_id or 0), r.reason or ""
        )
        for r in db.exec(query.order_by(col(Receipt.id)))
    ]


def release(db: Session, receipt_id: int, department: Department, purpose: Purpose, who: str, reason: str) -> None:
    """Let a receipt in for a department (放行): the next collection enters it as if it had been identified.

    Dangerous contents stay out: only who sent it and what it is was decided, not whether it is safe.
    """
    if not reason.strip():
        raise ReleaseError("放行来件必须填写理由，例如“电话核实，系该部门新任经办人”")
    receipt = _held(db, receipt_id)
    cycle = db.exec(select(Cycle).where(Cycle.id == receipt.cycle_id)).one()
    if purpose is Purpose.MATERIAL and cycle.state not in OPEN_FOR_MATERIAL:
        raise ReleaseError(f"年度工作处于“{cycle.state.label}”，不能再登记新的自评材料版本；原件保留在收件台账中")
    old = receipt.outcome
    receipt.outcome = ReceiptOutcome.PENDING
    receipt.department_id = department.id
    receipt.identified_by = f"{_BY_PERSON}:{purpose.name}:{who}"[:60]
    receipt.handled_at = None
    db.add(receipt)
    details = {"department": department.code, "purpose": purpose.label, "reason": reason.strip()}
    store.record(db, who, "receipt.released", f"receipt:{receipt_id}", {"outcome": old.value}, details)


def keep_out(db: Session, receipt_id: int, who: str, reason: str) -> None:
    """Confirm that a receipt stays out (确认不采用); it is kept, and can still be released later."""
    if not reason.strip():
        raise ReleaseError("确认不采用必须填写理由，例如“广告邮件”或“已另行答复延期申请”")
    receipt = _held(db, receipt_id)
    if receipt.handled_at is not None:
        return
    receipt.handled_at = clock.now()
    db.add(receipt)
    details = {"outcome": receipt.outcome.value, "reason": reason.strip()}
    store.record(db, who, "receipt.kept_out", f"receipt:{receipt_id}", None, details)


def _held(db: Session, receipt_id: int) -> Receipt:
    """A receipt that a person may decide about (可处理的来件)."""
    receipt = db.exec(select(Receipt).where(Receipt.id == receipt_id)).first()
    if receipt is None:
        raise ReleaseError(f"没有编号为 {receipt_id} 的来件，请查看“来件待办清单”中的编号")
    if receipt.outcome not in RELEASABLE:
        raise ReleaseError(f"来件 {receipt_id} 的状态是“{receipt.outcome.label}”，不需要处理")
    return receipt


def released_as(receipt: Receipt) -> Identified | None:
    """What a person said a receipt is (人工确认结果), or None."""
    parts = (receipt.identified_by or "").split(":")
    if len(parts) < 3 or parts[0] != _BY_PERSON or receipt.department_id is None:
        return None
    return Identified(receipt.department_id, Purpose[parts[1]], receipt.identified_by or _BY_PERSON)
