"""Feeding results back (反馈评价结果): every department its own score with reasons, and until when it may object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import calendar, rules
from models.records import Cycle, Department, Letter, OutcomeRecord, Submission
from models.rules.cards import Outcome
from models.states import CycleState, LetterKind, Stage, SubmissionState
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import ResultContext, ResultLine
from tasks.stages import cycle as cycles
from tasks.stages import draw as draws
from tasks.stages import moves, results

WHO = "系统"


@dataclass(frozen=True)
class FedBack:
    """What was told (反馈情况), or who is waited for."""

    rows: tuple[dict[str, Any], ...] = ()
    waits_for: tuple[str, ...] = ()
    object_by: date | None = None


def feed_back(fiscal_year: int) -> FedBack:
    """Settle and tell every department its result (反馈评价结果). Repeatable; waits while anything is missing."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if lookup.editions(db, cycle):
            return FedBack(waits_for=(f"{fiscal_year}年度评价结果已公开，有误的请运行“拟办更正公开”，不再另行反馈。",))
        redraw = draws.awaited(db, cycle)
        if redraw:
            return FedBack(waits_for=(redraw,))
    try:
        rows = results.settle_all(fiscal_year)
    except results.UnsettledError as waiting:
        return FedBack(waits_for=tuple(waiting.waits_for))
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        object_by = _object_by(db, cycle)
        for submission, department in lookup.submissions(db, cycle):
            outcome = lookup.latest_outcome(db, submission)
            if outcome is not None and submission.state is SubmissionState.ACCEPTED:
                tell(db, cycle, submission, department, outcome, object_by)
        moves.mark_done(db, cycle, Stage.FEEDBACK)
        moves.mark_done(db, cycle, Stage.REVIEW_BY)
        if cycle.state is CycleState.SPOT_CHECKING:
            moves.move_cycle(db, cycle, CycleState.OBJECTION, WHO)
    return FedBack(rows=tuple(rows), object_by=object_by)


def _object_by(db: Session, cycle: Cycle) -> date:
    """The last day to object (申诉截止日): fixed on the first feedback, and publication never comes before it."""
    dates = lookup.stage_dates(db, cycle)
    if Stage.OBJECT_BY in dates:
        return dates[Stage.OBJECT_BY].due_on
    days = rules.load(cycle.ruleset_id).calendar.objection_working_days
    last = calendar.add_working_days(clock.today(), days)
    cycles.set_stage_date(db, cycle, Stage.OBJECT_BY, last, WHO)
    if dates[Stage.PUBLISH].due_on <= last:
        earliest = calendar.add_working_days(last, 1)
        for stage in (Stage.PUBLISH, Stage.RECTIFY):
            cycles.set_stage_date(db, cycle, stage, earliest, WHO)
    return last


def tell(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    department: Department,
    row: OutcomeRecord,
    object_by: date | None,
) -> None:
    """One department's result letter (评价结果反馈函), one per version; ``object_by`` None where it can no longer object."""
    outcome = Outcome.model_validate(row.outcome)
    deviation = outcome.deviation
    context = ResultContext(
        lines=tuple(
            ResultLine(
                label=line.label,
                maximum=line.maximum,
                self_score=line.self,
                reviewed=line.reviewed,
                final=line.final,
                explanation=line.explanation,
            )
            for line in outcome.lines
        ),
        self_score=outcome.self_score,
        review_score=outcome.review_score,
        deviation_percent=two_places(deviation.percent) if deviation else None,
        deduction=outcome.deduction,
        deviation_explanation=deviation.explanation if deviation else None,
        final_score=outcome.final_score,
        grade=outcome.grade.name if outcome.grade else None,
        spot_checked=outcome.spot_checked,
        object_by=object_by,
        version=_times_told(db, cycle, department, row.number),
        ruleset=rules.load(outcome.ruleset_id).title,
        remarks=(outcome.total_explanation,),
    )
    compose.queue(db, cycle=cycle, kind=LetterKind.RESULT, number=row.number, department=department, context=context)


def _times_told(db: Session, cycle: Cycle, department: Department, number: int) -> int:
    """Which letter with its result this is for a department (第几次反馈): versions that nobody was told are not counted."""
    earlier = select(func.count()).where(
        Letter.cycle_id == cycle.id,
        Letter.department_id == department.id,
        Letter.kind == LetterKind.RESULT,
        col(Letter.number) < number,
    )
    return db.exec(earlier).one() + 1


def two_places(value: Decimal | None) -> Decimal | None:
    """A percentage as letters print it (百分比保留两位小数)."""
    return None if value is None else value.quantize(Decimal("0.01"))
