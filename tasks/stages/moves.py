"""Moving a year from one state to the next (年度进度流转), with its audit event and the stage's date marked done."""

from __future__ import annotations

from sqlmodel import Session

from models.records import Cycle, Submission
from models.states import CycleState, Stage, SubmissionState
from models.transitions import CYCLE, SUBMISSION, require
from tasks import clock, lookup, store


def move_cycle(db: Session, cycle: Cycle, new: CycleState, who: str) -> None:
    """Move the year on (年度进度); does nothing when it is there already."""
    if cycle.state is new:
        return
    old, cycle.state = cycle.state, require(CYCLE, cycle.state, new)
    if new is CycleState.CLOSED:
        cycle.closed_at = clock.now()
    db.add(cycle)
    store.record(db, who, "cycle.moved", str(cycle.fiscal_year), {"state": str(old)}, {"state": str(new)})


def move_submission(db: Session, submission: Submission, code: str, new: SubmissionState, who: str) -> None:
    """Move a department's material on (报送状态); does nothing when it is there already."""
    if submission.state is new:
        return
    old, submission.state = submission.state, require(SUBMISSION, submission.state, new)
    if new is not SubmissionState.NEEDS_CORRECTION:
        submission.correct_by = None
    db.add(submission)
    store.record(db, who, "submission.moved", code, {"state": str(old)}, {"state": str(new)})


def mark_done(db: Session, cycle: Cycle, stage: Stage) -> None:
    """Note when a stage was done (阶段完成时间), once."""
    row = lookup.stage_dates(db, cycle).get(stage)
    if row is not None and row.done_at is None:
        row.done_at = clock.now()
        db.add(row)
