"""The practice year's staff find that a figure was typed wrongly, and correct what was published (演练更正公开)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flows.edition_forms import EditionForm
from flows.forms import ImportFiguresForm
from flows.open_year import import_figures
from flows.publish_results import prepare_correction
from models.states import CycleState, Gate
from tasks import clock, lookup, store
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.people import World
from tasks.practice.world import write_right_figures

PUBLIC = (CycleState.PUBLISHED, CycleState.RECTIFYING)


def work(world: World) -> Iterator[str]:
    """Put right what the story got wrong, on its day or later (更正误录的财政数据); doing it again does nothing."""
    wrong = [d for d in world.county.departments if d.story.misrecorded is not None]
    for department in wrong[:1]:
        if _noticed(world, department):
            yield _correct(world, department)


def _noticed(world: World, department: PracticeDepartment) -> bool:
    mistake = department.story.misrecorded
    assert mistake is not None
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        editions = lookup.editions(db, cycle) if cycle.state in PUBLIC else []
        if not editions or lookup.latest_approval(db, cycle, Gate.CORRECTION) is not None:
            return False
        return clock.today() >= editions[0].published_on + timedelta(days=mistake.days)


def _correct(world: World, department: PracticeDepartment) -> str:
    """The right figure is imported, the department settled anew, and the corrected edition put before the leader."""
    bureau, mistake = world.county.bureau, department.story.misrecorded
    assert mistake is not None
    workbook = write_right_figures(world, department)
    import_figures(ImportFiguresForm(fiscal_year=world.fiscal_year, workbook=workbook, operator=bureau.preparer.name))
    number = f"{bureau.document_prefix}〔{world.fiscal_year + 1}〕25号"
    prepare_correction(
        EditionForm(
            fiscal_year=world.fiscal_year,
            document_number=number,
            reason=mistake.reason,
            settled_again=[department.code],
            operator=bureau.preparer.name,
        )
    )
    return f"拟办更正公开 {number}"
