"""The days on which something is due (有事项到期的日期), for whoever steps through a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session

from models import calendar, rules
from models.records import Cycle
from models.states import CycleState, LetterState
from tasks import lookup, store
from tasks.stages import overview, rectification, reminders


def coming(fiscal_year: int, after: date) -> list[date]:
    """Days later than ``after`` on which a stage, a reminder or an item is due, in order."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        days = set(_days(db, cycle, after))
    return sorted(day for day in days if day > after)


def _days(db: Session, cycle: Cycle, after: date) -> Iterator[date]:
    tomorrow = after + timedelta(days=1)
    policy = rules.load(cycle.ruleset_id).calendar
    view = overview.year_view(db, cycle)
    yield from view.due.values()
    if view.letters_to_send or view.versions_to_read or _unsettled(view.waits_for):
        yield tomorrow
    if cycle.state is CycleState.COLLECTING:
        for submission, _ in lookup.submissions(db, cycle):
            if submission.state in reminders.SILENT:
                owed = reminders.duty(db, cycle, policy, submission)
                yield from (rung.day for rung in owed.rungs)
                yield calendar.add_working_days(owed.overdue_after, policy.escalation_working_days)
    if cycle.state is CycleState.RECTIFYING:
        for submission, _ in lookup.submissions(db, cycle):
            for item in rectification.items_of(db, submission):
                if item.state in rectification.WAITING:
                    steps = range(policy.rectify_reminders + 1)
                    yield from (item.due_on + timedelta(days=n * policy.rectify_reminder_days) for n in steps)


def _unsettled(waits_for: tuple[str, ...]) -> bool:
    return any(LetterState.UNKNOWN.label in sentence for sentence in waits_for)
