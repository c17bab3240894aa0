"""A small practice year for the flow tests: built once through the real flows, kept at every stage, opened anew by each test.

The same stored year can be opened on SQLite or, copied row by row, on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select, text
from sqlmodel import Session, SQLModel
from sqlmodel import select as pick

from flows import practice_clerk
from flows.advance_cycle import advance_cycle
from flows.decide_gate import decide_gate
from flows.draw_spot_check import prepare_draw
from flows.forms import DrawForm, GateForm, NoticeForm, PublicationForm, YearForm
from flows.issue_notice import prepare_notice
from flows.publish_results import prepare_publication, publish_results
from models.records import AuditEvent, Cycle, Letter, Submission
from models.states import CycleState, Decision, Gate, LetterKind
from tasks import clock, lookup, settings, store
from tasks.practice import catcher, county, people, world
from tasks.practice.county_model import County
from tasks.practice.people import World

# One sends the wrong year and corrects it, one sends a better version, one fills the forbidden line, one never sends, one is late.
CODES = ("105", "108", "109", "111", "112")
SILENT = "111"
NUMBER = "清财绩〔2026〕5号"
BULLETIN_NUMBER = "清财绩〔2026〕18号"
BULLETIN_NUMBER = "清财绩〔2026〕18号"
SEED = "清禾县-2025-7"
YEAR = YearForm(fiscal_year=world.FISCAL_YEAR)
CLERK, LEADER = "经办甲", "负责人乙"


def on(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of the working year."""
    return datetime.combine(date(world.FISCAL_YEAR + 1, month, day), time(hour), tzinfo=settings.Settings().zone)


def small_county() -> County:
    """The practice county with a few departments only, and nobody to settle what two reviewers differ in."""
    whole = county.load()
    bureau = whole.bureau.model_copy(update={"leads": ()})
    kept = tuple(d for d in whole.departments if d.code in CODES)
    return whole.model_copy(update={"departments": kept, "bureau": bureau})


@dataclass(frozen=True)
class Year:
    """A year that is open in this process."""

    home: Path
    world: World

    def at(self, moment: datetime) -> None:
        """Set the clock; it stays there until the year is put away."""
        clock.set_now(moment)

    def state(self) -> CycleState:
        with store.session() as db:
            return cycle(db).state

    def submission(self, code: str) -> Submission:
        with store.session() as db:
            return lookup.submission_of(db, cycle(db), code)[0]

    def letters(self, kind: LetterKind, code: str | None = None) -> list[Letter]:
        """Letters in the outbox, by number."""
        with store.session() as db:
            found = db.exec(pick(Letter).where(Letter.kind == kind).order_by(Letter.key)).all()  # type: ignore[arg-type]
        return [letter for letter in found if code is None or letter.key.split("/")[1] == code]

    def arrived(self, kind: LetterKind | None = None) -> list[catcher.Caught]:
        """Letters that the mail server has taken."""
        return [c for c in catcher.letters(self.world.outgoing) if kind is None or c.kind == kind.value]


def cycle(db: Session) -> Cycle:
    """The year's row."""
    return lookup.cycle_of(db, world.FISCAL_YEAR)


@contextmanager
def opened(home: Path, database_url: str = "") -> Iterator[Year]:
    """Open the year that lies in a folder, with a mail server of its own; everything is as before afterwards."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("JIXIAO_")}
    for name in kept:
        del os.environ[name]
    if database_url:
        os.environ["JIXIAO_DATABASE_URL"] = database_url
    people_of = small_county()
    try:
        with catcher.catching(home / "mail" / "out") as port:
            found = world.configure(home, port, people_of)
            store.migrate()
            yield Year(home, world.world_of(people_of, found))
            store.engine(settings.current().resolved_database_url).dispose()
    finally:
        for name in [n for n in os.environ if n.startswith("JIXIAO_")]:
            del os.environ[name]
        os.environ.update(kept)
        settings.current.cache_clear()


def reset_settings(**values: str) -> None:
    """Change settings of the open year through the environment; an empty value takes one away."""
    for name, value in values.items():
        os.environ[f"JIXIAO_{name}"] = value
    settings.current.cache_clear()


def decide(gate: Gate, decision: Decision = Decision.APPROVED, who: str = LEADER, reason: str = "材料齐全。") -> None:
    """Decide on what waits at a gate, through the flow."""
    with store.session() as db:
        matter = lookup.latest_approval(db, cycle(db), gate)
    assert matter is not None
    decide_gate(
        GateForm(
            fiscal_year=YEAR.fiscal_year,
            gate=gate,
            digest=matter.digest,
            decision=decision,
            approver=who,
            reason=reason,
        )
    )


def advance(year: Year, moment: datetime, *, staff: bool = True) -> None:
    """One day: the people act, the year is advanced, the staff do their part, until nobody has anything to do."""
    year.at(moment)
    people.act(year.world, moment.date())
    advance_cycle(YEAR)
    while staff and practice_clerk.work(year.world, SEED):
        advance_cycle(YEAR)


def build(root: Path) -> Path:
    """Run the whole small year through the flows and keep a copy at every stage; returns the folder of the copies."""
    home, copies = root / "work", root / "stages"
    home.mkdir(parents=True)
    with opened(home) as year:
        for name in _walk(year):
            store.engine(settings.current().resolved_database_url).dispose()
            shutil.copytree(home, copies / name)
    return copies


def _walk(year: Year) -> Iterator[str]:
    """The year in few days; yields the name of each stage worth keeping."""
    year.at(on(3, 7))
    roster, figures = world.write_inputs(year.world, [])
    practice_clerk.start_year(year.world, roster, figures, world.RULESET)
    yield "opened"
    year.at(on(3, 10))
    prepare_notice(NoticeForm(fiscal_year=YEAR.fiscal_year, document_number=NUMBER, operator=CLERK))
    yield "notice_prepared"
    decide(Gate.NOTICE)
    yield "notice_approved"
    advance_cycle(YEAR)
    yield "collecting"
    advance(year, on(3, 22))
    advance(year, on(3, 27))
    yield "returned"
    advance(year, on(4, 3))
    yield "corrected"
    advance(year, on(5, 8))
    yield "late_in"
    advance(year, on(5, 15), staff=False)
    yield "scored"
    while practice_clerk.work(year.world, SEED):
        advance_cycle(YEAR)
    yield "judged"
    year.at(on(7, 1))
    prepare_draw(DrawForm(fiscal_year=YEAR.fiscal_year, seed=SEED, operator=CLERK))
    yield "drawn"
    decide(Gate.DRAW)
    advance_cycle(YEAR)
    yield "spot_checking"
    year.at(on(7, 11))
    people.act(year.world, date(world.FISCAL_YEAR + 1, 7, 11))
    yield "reviews_returned"
    yield from _second_half(year)


def _second_half(year: Year) -> Iterator[str]:
    advance(year, on(7, 11))
    yield "reviewed"
    advance(year, on(8, 31))
    yield "objection"
    year.at(on(10, 15))
    prepare_publication(PublicationForm(fiscal_year=YEAR.fiscal_year, document_number=BULLETIN_NUMBER, operator=CLERK))
    yield "publication_prepared"
    decide(Gate.PUBLICATION)
    yield "publication_approved"
    publish_results(YEAR)
    yield "published"
    advance(year, on(10, 15, 15))
    yield "rectifying"
    year.at(on(10, 30))
    people.act(year.world, date(world.FISCAL_YEAR + 1, 10, 30))
    yield "remediation_returned"
    for month, day in ((10, 30), (11, 7), (11, 20), (12, 5), (12, 15), (12, 31)):
        advance(year, on(month, day))
    yield "closed"


def move_to_postgres(home: Path, url: str) -> None:
    """Copy a year's rows into an empty, migrated PostgreSQL database and set its counters."""
    target = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    source = create_engine(f"sqlite:///{home / 'jixiao.db'}")
    with source.connect() as old, target.begin() as new:
        for table in SQLModel.metadata.sorted_tables:
            rows = [dict(row) for row in old.execute(select(table)).mappings()]
            if rows:
                new.execute(insert(table), rows)
            if rows and "id" in table.columns:
                highest = new.execute(select(func.max(table.columns["id"]))).scalar_one()
                new.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"),
                            {"name": f'"{table.name}"', "highest": highest})  # fmt: skip
    source.dispose()
    target.dispose()


def rows(leave_out: Sequence[str] = ("auditevent",), hide: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """All that the database holds, by table; ``hide`` names columns by table that may differ."""
    found: dict[str, Any] = {}
    with store.session() as db:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in leave_out:
                continue
            hidden = (hide or {}).get(table.name, ())
            shown = [c for c in table.columns if c.name not in hidden]
            held = db.execute(select(*shown)).mappings()
            found[table.name] = sorted(json.dumps(dict(r), default=str, sort_keys=True) for r in held)
    return found


def audit_events() -> int:
    """How many audit events there are; their chain holds."""
    with store.session() as db:
        assert store.broken_links(db) == []
        return len(db.exec(pick(AuditEvent)).all())


def published_files(home: Path) -> dict[str, str]:
    """Every file that the public or the auditors get, with its digest."""
    files = [p for folder in ("site", "results", "documents") for p in sorted((home / folder).rglob("*"))]
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}
