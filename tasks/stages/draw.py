"""The draw of the spot check (抽取抽查对象): prepared, approved, released to departments and reviewers."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models import rules, sampling, sealing
from models.facts import Severity
from models.figures import FigureKey
from models.records import (
    Cycle,
    Department,
    DrawRecord,
    FindingRecord,
    Reading,
    Review,
    Submission,
)
from models.states import CycleState, Gate, Stage, SubmissionState
from tasks import clock, lookup, settings, store
from tasks.stages import assigning, gates, moves, second_reviewers

WHO = "系统"


class DrawError(ValueError):
    """A draw that cannot be made (不能抽取); the message says why, in Chinese."""


def frame(db: Session, cycle: Cycle) -> list[sampling.FrameUnit]:
    """The departments that can be drawn (抽样框): those with accepted material, with class, budget and risk weight."""
    policy = rules.load(cycle.ruleset_id).spot_check
    units = []
    for submission, department in lookup.submissions(db, cycle):
        if submission.state is SubmissionState.ACCEPTED:
            budget = lookup.figures_of(db, cycle, department).get(FigureKey.BUDGET_INITIAL)
            size = max(Decimal(budget), Decimal(1)) if budget else Decimal(1)
            hidden = department.withheld
            units.append(
                sampling.FrameUnit(
                    code=department.code,
                    name=department.name,
                    stratum=sampling.stratum(department.stratum, size, policy),
                    # An exact budget would tell which unit it is.
                    size=sealing.coarse(size) if hidden and policy.weighs_size else size,
                    risk=_risk(db, cycle, submission, policy),
                    alias=_alias(cycle, department) if hidden else None,
                )
            )
    return units


def _alias(cycle: Cycle, department: Department) -> str:
    """Under what a classified unit is drawn (涉密单位代号): from a key that stays in the house, so that nobody finds the code
    by trying, and fixed before there is a seed, so that nobody chooses its place."""
    key = settings.current().home / "draw.key"
    if not key.is_file():
        part = key.with_suffix(".part")
        part.write_text(secrets.token_hex(32), "ascii")
        part.chmod(0o600)
        part.replace(key)
    told = hmac.new(key.read_bytes(), f"{cycle.fiscal_year}|{department.code}".encode(), hashlib.sha256)
    return f"代号{told.hexdigest()[:12]}"


def _risk(db: Session, cycle: Cycle, submission: Submission, policy: sampling.SpotCheckPolicy) -> Decimal:
    """The risk weight from this year's contradictions, last year's deviation, and whether it was drawn before."""
    errors = db.exec(
        select(FindingRecord)
        .join(Reading)
        .where(Reading.version_id == submission.accepted_version_id, FindingRecord.severity == Severity.ERROR)
        .where(col(FindingRecord.dismissed_by).is_(None), col(FindingRecord.replaced_at).is_(None))
    ).all()
    earlier = (
        select(Submission)
        .join(Cycle)
        .where(Submission.department_id == submission.department_id, Cycle.fiscal_year < cycle.fiscal_year)
        .order_by(col(Cycle.fiscal_year))
    )
    before = [row.outcome for one in db.exec(earlier).all() if (row := lookup.outcome_in_force(db, one))]
    last = before[-1].get("deviation") if before else None
    percent = Decimal(last["percent"]) if last and last.get("percent") else None
    return sampling.risk_weight(len(errors), percent, any(o["spot_checked"] for o in before), policy.risk)


def prepare(fiscal_year: int, seed: str, who: str, redraw_reason: str | None = None) -> DrawRecord:
    """Draw with a seed (抽取) and put the list to the approver. The same seed again changes nothing.

    Raises DrawError outside the scoring stage, or for another draw without a reason. Every draw is kept.
    """
    seed = seed.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        last = lookup.latest_draw(db, cycle)
        if last is not None and last.seed == seed and not redraw_reason:
            return last
        open_to = (CycleState.SCORING,) if last is None else (CycleState.SCORING, CycleState.SPOT_CHECKING)
        if cycle.state not in open_to:
            raise DrawError(
                f"年度处于“{cycle.state.label}”阶段，只有评分阶段可以抽取抽查对象，反馈结果之前可以重新抽取。"
            )
        if last is not None and not redraw_reason:
            raise DrawError(f"已于{clock.local_date(last.drawn_at)}抽取过一次，重新抽取必须填写理由，原结果将保留。")
        made = sampling.draw(frame(db, cycle), rules.load(cycle.ruleset_id).spot_check, seed)
        if made.digest in {row.digest for row in draws(db, cycle)}:
            raise DrawError(f"种子“{seed}”已经用过，抽取结果相同；重新抽取请换用另一个种子。")
        row = DrawRecord(
            cycle_id=cycle.id,
            number=last.number + 1 if last else 1,
            seed=seed,
            record=made.model_dump(mode="json"),
            digest=made.digest,
            prepared_by=who,
            redraw_reason=redraw_reason,
            drawn_at=clock.now(),
        )
        db.add(row)
        new = {"seed": seed, "digest": made.digest, "drawn": list(made.drawn), "reason": redraw_reason}
        store.record(db, who, "draw.made", f"{fiscal_year}/{row.number}", None, new)
        gates.put_before(db, cycle, Gate.DRAW, made.digest, who, {"drawn": list(made.drawn), "number": row.number})
        return row


def rows(made: DrawRecord) -> list[dict[str, Any]]:
    """The draw as a table (抽取结果表)."""
    return [
        {
            "代码": u["code"],
            "部门": u["name"],
            "类别": u["stratum"],
            "入样概率": u["ratio"],
            "抽中": "是" if u["drawn"] else "",
        }
        for u in made.record["units"]
    ]


def draws(db: Session, cycle: Cycle) -> list[DrawRecord]:
    """All draws of a year (历次抽取), oldest first."""
    return list(db.exec(select(DrawRecord).where(DrawRecord.cycle_id == cycle.id).order_by(col(DrawRecord.number))))


def release(fiscal_year: int) -> str | None:
    """Release the approved draw (下达抽查任务): letters to the drawn, workbooks to the reviewers. None while not approved.

    A redraw takes back what was given out under the draw before. While a redraw waits for its decision nothing is released.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        made = lookup.draw_in_force(db, cycle)
        matter = lookup.latest_approval(db, cycle, Gate.DRAW)
        if made is None or matter is None or matter.decision is None:
            return None
        due = lookup.stage_dates(db, cycle)[Stage.REVIEW_BY].due_on
        drawn = _drawn(db, cycle, made)
        if cycle.state in (CycleState.SCORING, CycleState.SPOT_CHECKING):
            try:
                assigning.give_out(db, cycle, made, drawn, due)
                second_reviewers.give_out(db, cycle, made, drawn)
            except assigning.AssignmentError as error:
                raise DrawError(str(error)) from error
            moves.mark_done(db, cycle, Stage.DRAW)
            moves.move_cycle(db, cycle, CycleState.SPOT_CHECKING, WHO)
        record = published(made, draws(db, cycle))
    _write_record(record)
    return f"抽查{len(drawn)}个部门，复核截止{due}。"


def release_redraw(fiscal_year: int) -> str | None:
    """Release a redraw that was approved while reviews were out (下达重新抽取的任务); None where there is none."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.SPOT_CHECKING or not unreleased(db, cycle):
            return None
    return release(fiscal_year)


def published(made: DrawRecord, all_of_them: list[DrawRecord]) -> dict[str, Any]:
    """The draw record as it is published (公布的抽取记录): the draw, its number, and every other draw of the year.

    Classified units stand under their alias; the record can be repeated all the same.
    """
    register = {
        "number": made.number,
        "drawn_on": clock.local_date(made.drawn_at).isoformat(),
        "redraw_reason": made.redraw_reason,
        "previous": [published(row, []) for row in all_of_them if row.number != made.number],
    }
    return sealing.sealed(made.record).model_dump(mode="json") | register


def _drawn(db: Session, cycle: Cycle, made: DrawRecord) -> list[tuple[Submission, Department]]:
    codes = {u["code"] for u in made.record["units"] if u["drawn"]}
    return [(s, d) for s, d in lookup.submissions(db, cycle) if d.code in codes]


def awaited(db: Session, cycle: Cycle) -> str | None:
    """What a redraw still waits for (重新抽取待办), as a sentence; None when the reviews of the draw in force are out."""
    last = lookup.latest_draw(db, cycle)
    if last is None:
        return None
    matter = lookup.latest_approval(db, cycle, Gate.DRAW)
    if matter is not None and matter.digest == last.digest and matter.decision is None:
        return f"第{last.number}次抽取的名单待审批。"
    return f"第{last.number}次抽取的任务尚未下达。" if unreleased(db, cycle) else None


def unreleased(db: Session, cycle: Cycle) -> bool:
    """Whether an approved draw has not been given out yet (已批准尚未下达)."""
    made = lookup.draw_in_force(db, cycle)
    return made is not None and db.exec(select(Review.id).where(Review.draw_id == made.id)).first() is None


def _write_record(record: dict[str, Any]) -> None:
    """Write the draw record where anyone can repeat it from (抽取记录)."""
    target = settings.current().home / "spot-check.json"
    temporary = target.with_suffix(".part")
    temporary.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    temporary.replace(target)
