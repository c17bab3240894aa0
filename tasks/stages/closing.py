"""Closing the year (年度办结): when no item is open and every letter has left; its results are handed on."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.agenda import is_due
from models.records import Cycle, Letter
from models.states import CycleState, LetterState, Stage
from tasks import clock, lookup, settings, store
from tasks.stages import moves, overview, refusing, reports, use_of_results

WHO = "系统"
UNFINISHED = (
    LetterState.DRAFT,
    LetterState.APPROVED,
    LetterState.SENDING,
    LetterState.UNKNOWN,
    LetterState.TO_DELIVER,
)


def close_if_finished(fiscal_year: int) -> bool:
    """Close the year (年度办结) when its closing date has come and nothing is open; True when it is closed now.

    The list for the budget desk and the report on remediation are written before, so that a closed year has them.
    """
    with store.session() as db:
        ripe = _ripe(db, lookup.cycle_of(db, fiscal_year))
    if ripe:
        use_of_results.write_list(fiscal_year)
        reports.write_report(fiscal_year)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if ripe and _ripe(db, cycle):
            moves.mark_done(db, cycle, Stage.RECTIFY_BY)
            moves.mark_done(db, cycle, Stage.CLOSE)
            moves.move_cycle(db, cycle, CycleState.CLOSED, WHO)
        following = use_of_results.neighbour(db, cycle, 1)
        if following is not None:
            use_of_results.hand_over(db, cycle, following)
        closed = cycle.state is CycleState.CLOSED
    if closed:
        store.export_audit(settings.current().home / "audit.jsonl")
    return closed


def _ripe(db: Session, cycle: Cycle) -> bool:
    view = overview.year_view(db, cycle)
    unsent = select(Letter.id).where(Letter.cycle_id == cycle.id, col(Letter.state).in_(UNFINISHED))
    if cycle.state is not CycleState.RECTIFYING or not is_due(view, Stage.CLOSE, clock.today()):
        return False
    # Nobody who objected may be left without an answer: a result that waits for its edition is one.
    waiting = refusing.pending(db, cycle) or overview.undecided_objections(db, cycle)
    return not view.items_open and not waiting and db.exec(unsent).first() is None
