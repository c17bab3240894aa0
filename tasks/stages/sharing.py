"""Sharing a step's work among workers (分办): each takes a department, holds it while it works, and another takes over
what a dead worker held.

Taking is a matter of speed, not of correctness: a version has one reading and the same inputs one card, whoever works.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import delete, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, col, select

from models.records import SharedWork
from tasks import settings, store
from tasks.filestore import UnreachableError

# A department that brought down so many workers is left for a person to look at.
MOST_ATTEMPTS = 3
LOOK_AGAIN_SECONDS = 1.0
_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_CLOCKS = {
    "postgresql": "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    "sqlite": "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
}


@dataclass(frozen=True)
class Part:
    """One department's part of the work (一个部门的事项): submission id and department name."""

    subject: int
    label: str


def may_pass(error: object) -> bool:
    """Whether a fault may pass by itself (暂时性故障): the database or the file store did not answer just now."""
    return isinstance(error, OperationalError | UnreachableError)


def open_lot(lot: str, parts: Sequence[Part]) -> None:
    """Put work up for sharing (列出分办事项). What somebody has in hand stays with them; what is old is worked again."""
    with store.session() as db:
        insert = _INSERTS[db.get_bind().dialect.name]
        rows = [{"lot": lot, "subject": p.subject, "label": p.label, "held_until": 0, "attempts": 0} for p in parts]
        made = insert(SharedWork).values([row | {"done": False} for row in rows]).on_conflict_do_nothing()
        db.execute(made)
        db.execute(
            update(SharedWork)
            .where(
                col(SharedWork.lot) == lot,
                col(SharedWork.subject).in_([p.subject for p in parts]),
                col(SharedWork.held_until) < _now(db),
            )
            .values(done=False, holder=None, held_until=0, attempts=0)
        )


def take(lot: str, holder: str, most: int = 1) -> list[Part]:
    """Take what nobody has in hand (领取事项), oldest first; nothing when all is done, held, or tried too often."""
    with store.session() as db:
        now = _now(db)
        free = (
            select(SharedWork)
            .where(
                SharedWork.lot == lot,
                col(SharedWork.done).is_(False),
                SharedWork.held_until < now,
                SharedWork.attempts < MOST_ATTEMPTS,
            )
            .order_by(col(SharedWork.id))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        taken = []
        for row in db.exec(free):
            row.holder, row.held_until, row.attempts = holder, now + _hold(), row.attempts + 1
            db.add(row)
            taken.append(Part(row.subject, row.label))
        return taken


def finish(lot: str, subject: int, result: Mapping[str, Any]) -> None:
    """Note that a department's part is done (办结事项) and what came of it, as plain values."""
    with store.session() as db:
        db.execute(
            update(SharedWork)
            .where(col(SharedWork.lot) == lot, col(SharedWork.subject) == subject)
            .values(done=True, held_until=0, result=to_jsonable_python(result))
        )


@contextmanager
def holding(lot: str, holder: str) -> Iterator[None]:
    """Hold what one takes for as long as the block runs (持有期间), by a sign of life every third of the time allowed."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(_hold() / 3):
            # A database that does not answer for a moment must not end the work; at worst another does it as well.
            try:
                _renew(lot, holder)
            except SQLAlchemyError:
                continue

    thread = threading.Thread(target=renew, name="holding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(lot: str, holder: str) -> None:
    with store.session() as db:
        held = (col(SharedWork.lot) == lot, col(SharedWork.holder) == holder, col(SharedWork.done).is_(False))
        db.execute(update(SharedWork).where(*held).values(held_until=_now(db) + _hold()))


def hand_out(lot: str, holder: str, most: int = 1, *, to_the_end: bool = False) -> Iterator[list[Part]]:
    """Hand out work until none is free (逐批领取); ``to_the_end`` also waits for what others hold, to take it over."""
    with holding(lot, holder):
        while True:
            taken = take(lot, holder, most)
            if taken:
                yield taken
            elif to_the_end and _under_way(lot):
                time.sleep(LOOK_AGAIN_SECONDS)
            else:
                return


def _under_way(lot: str) -> bool:
    """Whether somebody has something in hand (是否还有在办事项), or something has just come free."""
    with store.session() as db:
        undone = select(SharedWork).where(SharedWork.lot == lot, col(SharedWork.done).is_(False))
        now = _now(db)
        return any(row.held_until >= now or row.attempts < MOST_ATTEMPTS for row in db.exec(undone))


def results(lot: str, parts: Sequence[Part]) -> dict[int, dict[str, Any]]:
    """What came of each department's part (办理结果), by submission; those that were not done are not in it."""
    with store.session() as db:
        wanted = {p.subject for p in parts}
        rows = db.exec(select(SharedWork).where(SharedWork.lot == lot, col(SharedWork.done).is_(True)))
        return {row.subject: row.result or {} for row in rows if row.subject in wanted}


def close_lot(lot: str, parts: Sequence[Part]) -> None:
    """Take the list down (撤下分办事项) when a step has gathered its results; what is still in hand stays."""
    with store.session() as db:
        free = (col(SharedWork.held_until) < _now(db), col(SharedWork.subject).in_([p.subject for p in parts]))
        db.execute(delete(SharedWork).where(col(SharedWork.lot) == lot, *free))


def clear_away(beginning: str, but: str) -> None:
    """Take down lists of a killed run (清理遗留事项): all whose name begins alike, except one."""
    with store.session() as db:
        old = (col(SharedWork.lot).startswith(beginning, autoescape=True), col(SharedWork.lot) != but)
        db.execute(delete(SharedWork).where(*old))


def _hold() -> int:
    return settings.current().hold_seconds


def _now(db: Session) -> int:
    """Seconds since 1970 by the database's clock (数据库时间): machines differ, and a practice year's clock stands still."""
    return int(db.execute(text(_CLOCKS[db.get_bind().dialect.name])).scalar_one())
