"""A year on PostgreSQL in which all material has come in and nothing is read yet, for tests and measurements with workers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import test_hundred_departments as cores

from models.states import CycleState
from tasks import clock, settings, store
from tasks.practice import catcher, county, people, world
from tasks.practice.county_model import County
from tasks.practice.people import World
from tasks.stages import collection, cycle, figures

YEAR = world.FISCAL_YEAR
NOTICE_DAY, LAST_ARRIVAL, SCORING_DAY = date(YEAR + 1, 3, 10), date(YEAR + 1, 5, 8), date(YEAR + 1, 5, 15)
# The first twelve of the practice county are written by hand, with stories of their own.
WRITTEN = 12


def small_county(departments: int) -> County:
    """Generated departments that all have an address."""
    whole = county.load(2 * departments + WRITTEN, 77)
    chosen = [d for d in whole.departments[WRITTEN:] if d.contact.address]
    return whole.model_copy(update={"departments": tuple(chosen[:departments])})


def at(day: date) -> None:
    """Set the clock to the morning of a day."""
    clock.set_now(world.morning(day, settings.current().zone))


@contextmanager
def opened(home: Path, url: str, departments: int) -> Iterator[World]:
    """The year in this process, with a mail server; everything is as before afterwards."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("JIXIAO_")}
    people_of = small_county(departments)
    try:
        with catcher.catching(home / "mail" / "out") as port:
            os.environ["JIXIAO_DATABASE_URL"] = url
            found = world.configure(home, port, people_of)
            store.migrate()
            yield world.world_of(people_of, found)
            store.engine(settings.current().resolved_database_url).dispose()
    finally:
        for name in [n for n in os.environ if n.startswith("JIXIAO_")]:
            del os.environ[name]
        os.environ.update(kept)
        settings.current.cache_clear()


def collect_material(where: World) -> None:
    """The year until everything has come in and nothing is read."""
    at(date(YEAR + 1, 3, 1))
    roster, figure_book = world.write_inputs(where, [])
    bureau = where.county.bureau
    cycle.open_cycle(
        YEAR, county=where.county.name, bureau=bureau.name, office=bureau.office, ruleset_id=world.RULESET,
        roster=roster.read_bytes(), roster_name=roster.name, who=cores.CLERK,
    )  # fmt: skip
    figures.import_figures(YEAR, figure_book.read_bytes(), figure_book.name, cores.CLERK)
    at(NOTICE_DAY)
    assert cores.Office(where, random.Random(4)).day(NOTICE_DAY) is CycleState.COLLECTING
    at(LAST_ARRIVAL)
    people.act(where, LAST_ARRIVAL)
    collection.collect(YEAR)
