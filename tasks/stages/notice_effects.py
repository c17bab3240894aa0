"""What an approved correction or withdrawal of the notice brings about (更正、撤回通知的效力), in one transaction."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from models.records import Approval, Cycle, Letter
from models.states import CycleState, LetterKind, LetterState, Stage
from tasks import lookup, store
from tasks.mail import decisions
from tasks.stages import cycle as cycles
from tasks.stages import moves
from tasks.writing.correction import CorrectionKind

# What must not leave any more once the notice no longer holds.
ABOUT_THE_NOTICE = (LetterKind.NOTICE, LetterKind.REMINDER, LetterKind.ESCALATION)
NOT_LEFT = (
    LetterState.DRAFT,
    LetterState.APPROVED,
    LetterState.FAILED,
    LetterState.UNKNOWN,
    LetterState.TO_DELIVER,
)


def take_effect(db: Session, cycle: Cycle, matter: Approval, count: int) -> str:
    """Carry out an approved amendment (更正或撤回生效), inside the caller's transaction; returns a sentence."""
    who = matter.decided_by or ""
    if matter.summary["amendment"] == CorrectionKind.WITHDRAWN:
        _withdraw(db, cycle, matter, who)
        return f"通知已撤回，{count}封撤回通知待发送；可重新拟办通知。"
    new_day = matter.summary.get("submit_by")
    if new_day:
        cycles.set_stage_date(db, cycle, Stage.SUBMIT_BY, date.fromisoformat(new_day), who)
    told = f"，报送截止日改为{new_day}" if new_day else ""
    return f"更正通知已批准{told}，{count}封待发送。"


def _withdraw(db: Session, cycle: Cycle, matter: Approval, who: str) -> None:
    """The year goes back to where the notice is prepared; what was received stays."""
    pending = db.exec(
        select(Letter)
        .where(Letter.cycle_id == cycle.id, col(Letter.kind).in_(ABOUT_THE_NOTICE), col(Letter.state).in_(NOT_LEFT))
        .order_by(col(Letter.id))
    )
    obsolete = [
        letter
        for letter in pending
        if letter.kind is not LetterKind.NOTICE or letter.number != matter.summary["number"]
    ]
    decisions.withdraw(db, obsolete, who, f"通知已撤回：{matter.summary['reason']}")
    old = {"document_number": cycle.document_number}
    cycle.document_number = None
    db.add(cycle)
    notice_day = lookup.stage_dates(db, cycle)[Stage.NOTICE]
    notice_day.done_at = None
    db.add(notice_day)
    store.record(db, who, "notice.withdrawn", str(cycle.fiscal_year), old, {"reason": matter.summary["reason"]})
    moves.move_cycle(db, cycle, CycleState.DRAFTING, who)
