"""The practice year's staff appoint a second reviewer (演练双人复核) where the county's story has one."""

from __future__ import annotations

from collections.abc import Iterator

from flows.forms import ReviewerForm
from flows.record_reviews import appoint_reviewer
from models.states import CycleState, ReviewSeat
from tasks import lookup, store
from tasks.practice.people import World
from tasks.stages import double_review


def work(world: World) -> Iterator[str]:
    """Appoint second reviewers for drawn departments (指定第二复核人); doing it again does nothing."""
    planned = {d.code: d.story.second_review for d in world.county.departments if d.story.second_review}
    if not planned:
        return
    for code in _without_second(world, tuple(planned)):
        story = planned[code]
        assert story is not None
        clerk = world.county.bureau.preparer.name
        appoint_reviewer(
            ReviewerForm(fiscal_year=world.fiscal_year, department=code, reason=story.reason, operator=clerk)
        )
        yield f"为{code}指定第二复核人"


def _without_second(world: World, codes: tuple[str, ...]) -> list[str]:
    """Which of these departments are reviewed by one person only (只有一名复核人员的部门)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        draw = lookup.draw_in_force(db, cycle) if cycle.state is CycleState.SPOT_CHECKING else None
        if draw is None:
            return []
        parts = {code: double_review.seats(db, draw, lookup.submission_of(db, cycle, code)[0]) for code in codes}
    return [
        code
        for code, seats in parts.items()
        if ReviewSeat.FIRST in seats and seats[ReviewSeat.FIRST].recorded_at is None and ReviewSeat.SECOND not in seats
    ]
