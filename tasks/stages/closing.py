"""Closing the year (年度办结): when every item is verified and every letter has left."""

from __future__ import annotations

from sqlmodel import col, select

from models.agenda import is_due
from models.records import Letter
from models.states import CycleState, LetterState, Stage
from tasks import clock, lookup, settings, store
from tasks.stages import moves, overview

WHO = "系统"
UNFINISHED = (LetterState.DRAFT, LetterState.APPROVED, LetterState.SENDING, LetterState.UNKNOWN)


def close_if_finished(fiscal_year: int) -> bool:
    """Close the year (年度办结) when its closing date has come and nothing is open; True when it is closed now."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        view = overview.year_view(db, cycle)
        unsent = select(Letter.id).where(Letter.cycle_id == cycle.id, col(Letter.state).in_(UNFINISHED))
        waiting = db.exec(unsent).first()
        ripe = cycle.state is CycleState.RECTIFYING and is_due(view, Stage.CLOSE, clock.today())
        if ripe and not view.items_open and waiting is None:
            moves.mark_done(db, cycle, Stage.RECTIFY_BY)
            moves.mark_done(db, cycle, Stage.CLOSE)
            moves.move_cycle(db, cycle, CycleState.CLOSED, WHO)
        closed = cycle.state is CycleState.CLOSED
    store.export_audit(settings.current().home / "audit.jsonl")
    return closed
