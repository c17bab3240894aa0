"""A step over many departments: one that fails stops none, batches beyond a thousand, help only from those who can give it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from flows import asking, sharing
from flows.commands import worker
from models.records import SharedWork
from models.states import SharedStep
from tasks import filestore, settings, store
from tasks.stages import sharing as lists
from tasks.stages.sharing import Part
from tasks.workpool import POOL, helping_queue

PARTS = [Part(number, f"部门{number}") for number in range(1, 6)]
seen: list[str] = []


def _shown(_year: int, part: Part) -> Iterator[dict[str, Any]]:
    seen.append(f"shown {part.subject}")
    yield {"部门": part.label}
    if part.subject == 2:
        raise ValueError("材料打不开。")


def _plain(_year: int, part: Part) -> Iterator[dict[str, Any]]:
    seen.append(f"plain {part.subject}")
    yield {"部门": part.label}


WORK = sharing.Work(SharedStep.READ, _shown, _plain)


@flow
def carry() -> list[Any]:
    carried = sharing.carry_out(WORK, 2025, PARTS)
    return [[row["部门"] for row in carried.rows], carried.broken, carried.error]


@pytest.fixture(autouse=True)
def _nothing_seen(home: Path, prefect_harness: None) -> None:
    seen.clear()


def listed() -> list[SharedWork]:
    with store.session() as db:
        return list(db.exec(select(SharedWork)))


def test_alone_every_department_is_done_and_one_that_fails_is_named() -> None:
    rows, broken, error = carry()
    assert rows == [part.label for part in PARTS]
    assert broken == {"部门2": "材料打不开。"} and isinstance(error, ValueError)
    assert listed() == [], "nothing is listed when nobody helps"


def test_with_helpers_the_run_that_asked_does_what_they_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def helped(_step: SharedStep, _year: int, lot: str, _size: int, queues: list[str]) -> list[Any]:
        assert queues == ["协助-甲"]
        (taken,) = lists.take(lot, "甲/1")
        lists.finish(lot, taken.subject, {"rows": [{"部门": f"{taken.label}（甲）"}]})
        return []

    monkeypatch.setattr(asking, "helpers", lambda *_: ["协助-甲"])
    monkeypatch.setattr(asking, "ask", helped)
    rows, broken, _ = carry()
    assert rows == ["部门1（甲）", "部门2", "部门3", "部门4", "部门5"]
    assert list(broken) == ["部门2"]
    assert seen == [f"shown {number}" for number in (2, 3, 4, 5)]
    assert listed() == [], "the list is taken down at the end"


def test_very_many_departments_are_done_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_TASK_RUNS", 4)
    monkeypatch.setenv("JIXIAO_BATCH_SIZE", "2")
    settings.current.cache_clear()
    rows, broken, _ = carry()
    assert rows == [part.label for part in PARTS] and broken == {}
    assert seen == ["plain 1", "plain 2", "plain 3", "plain 4", "shown 5"]


def test_only_workers_that_are_there_and_have_room_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate

    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        for name, helpers in (("甲", 1), ("乙", 2), ("不在", 4)):
            worker.open_queue(name, helpers)
        for name in ("甲", "乙", "没有队列"):
            client.send_worker_heartbeat(POOL, name, heartbeat_interval_seconds=30)

    @flow
    def who(count: int) -> list[str]:
        return asking.helpers(SharedStep.READ, count)

    enough = settings.current().share_reading_from
    assert who(enough) == [], "a run that no worker started does everything itself"
    monkeypatch.setenv("PREFECT__WORKER_NAME", "甲")
    assert who(enough - 1) == []
    assert who(enough) == [helping_queue("乙")] * 2
    monkeypatch.setenv("PREFECT__WORKER_NAME", "乙")
    assert who(enough) == [helping_queue("乙"), helping_queue("甲")] or who(enough) == [
        helping_queue("甲"),
        helping_queue("乙"),
    ]
    worker.open_queue("乙", 1)
    assert who(enough) == [helping_queue("甲")]
    monkeypatch.setenv("JIXIAO_SHARE_READING_FROM", "0")
    settings.current.cache_clear()
    assert who(1000) == [], "0 asks nobody"


def test_nobody_is_waited_for_when_help_cannot_be_asked() -> None:
    @flow
    def ask() -> list[Any]:
        return asking.ask(SharedStep.READ, 2025, "read-2025", 1, ["协助-甲"])

    assert ask() == [], "the helping step is not registered here"


def test_only_what_may_pass_is_tried_again() -> None:
    assert lists.may_pass(filestore.UnreachableError("x"))
    assert lists.may_pass(OperationalError("SELECT 1", {}, Exception("connection lost")))
    for fault in (filestore.LostError("x"), filestore.UnusableError("x"), ValueError("x"), None):
        assert not lists.may_pass(fault)
