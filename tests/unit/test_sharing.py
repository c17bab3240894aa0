"""Shared work: each part is in one hand at a time, a dead hand's part comes free, a live one's does not, nothing is lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlmodel import select

from models.records import SharedWork
from tasks import settings, store
from tasks.stages import sharing
from tasks.stages.sharing import Part

LOT = "read-2025"
PARTS = [Part(number, f"部门{number}") for number in range(1, 9)]


@pytest.fixture
def short_hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who gives no sign of life for two seconds is given up."""
    monkeypatch.setenv("JIXIAO_HOLD_SECONDS", "2")
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


def rows() -> list[SharedWork]:
    with store.session() as db:
        return list(db.exec(select(SharedWork)))


def test_every_part_is_given_to_one_of_many_hands(database: str) -> None:
    sharing.open_lot(LOT, PARTS)
    taken: Counter[int] = Counter()

    def work(name: str) -> None:
        for batch in sharing.hand_out(LOT, name):
            for part in batch:
                taken[part.subject] += 1
                sharing.finish(LOT, part.subject, {"by": name})

    threads = [threading.Thread(target=work, args=(f"工作进程{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == Counter(part.subject for part in PARTS)
    assert set(sharing.results(LOT, PARTS)) == {part.subject for part in PARTS}


def test_a_batch_is_as_large_as_asked_and_oldest_first(database: str) -> None:
    sharing.open_lot(LOT, PARTS)
    assert sharing.take(LOT, "甲", 5) == PARTS[:5]
    assert sharing.take(LOT, "乙", 5) == PARTS[5:]
    assert sharing.take(LOT, "丙", 5) == []


def test_opening_a_lot_again_leaves_what_is_in_hand_and_adds_what_is_new(database: str) -> None:
    sharing.open_lot(LOT, PARTS[:4])
    sharing.take(LOT, "甲", 2)
    sharing.open_lot(LOT, PARTS)
    assert [p.subject for p in sharing.take(LOT, "乙", 9)] == [3, 4, 5, 6, 7, 8]


def test_what_was_done_before_is_worked_again_when_it_is_put_up_again(database: str) -> None:
    """A department that sent another version has something to read once more."""
    sharing.open_lot(LOT, PARTS[:1])
    sharing.take(LOT, "甲")
    sharing.finish(LOT, 1, {"rows": ["first"]})
    assert sharing.take(LOT, "甲") == []
    sharing.open_lot(LOT, PARTS[:1])
    assert sharing.take(LOT, "甲") == PARTS[:1]


def test_a_dead_hand_s_part_is_taken_over_and_a_live_hand_s_is_not(home: object, short_hold: None) -> None:
    sharing.open_lot(LOT, PARTS[:2])
    assert sharing.take(LOT, "死") == PARTS[:1]
    started = time.monotonic()
    with sharing.holding(LOT, "活"):
        assert sharing.take(LOT, "活") == PARTS[1:2]
        got = next(sharing.hand_out(LOT, "接办", to_the_end=True))
        assert got == PARTS[:1]
        assert 1 < time.monotonic() - started < 60
        time.sleep(max(0.0, started + 4 - time.monotonic()))
        assert sharing.take(LOT, "又一") == [], "the living still holds what it took four seconds ago"


def test_a_helper_does_not_wait_for_others_and_the_caller_does_until_all_is_done(
    home: object, short_hold: None
) -> None:
    sharing.open_lot(LOT, PARTS[:1])
    with sharing.holding(LOT, "甲"):
        sharing.take(LOT, "甲")
        assert list(sharing.hand_out(LOT, "乙")) == []
        threading.Timer(0.6, sharing.finish, (LOT, 1, {})).start()
        started = time.monotonic()
        assert list(sharing.hand_out(LOT, "乙", to_the_end=True)) == []
        assert time.monotonic() - started > 0.6


def test_a_part_that_brings_down_every_worker_is_left_for_a_person(home: object) -> None:
    sharing.open_lot(LOT, PARTS[:1])
    for _ in range(sharing.MOST_ATTEMPTS):
        assert sharing.take(LOT, "甲") == PARTS[:1]
        with store.session() as db:
            row = db.exec(select(SharedWork)).one()
            row.held_until = 0
            db.add(row)
    assert list(sharing.hand_out(LOT, "乙", to_the_end=True)) == []
    assert sharing.results(LOT, PARTS) == {}
    sharing.open_lot(LOT, PARTS[:1])
    assert sharing.take(LOT, "甲") == PARTS[:1], "the next run of the step tries again"


def test_a_lot_is_taken_down_but_for_what_is_still_in_hand(database: str) -> None:
    sharing.open_lot(LOT, PARTS[:3])
    sharing.take(LOT, "甲")
    sharing.close_lot(LOT, PARTS[:3])
    assert [row.subject for row in rows()] == [1]
    sharing.open_lot("score-2025-a", PARTS[:1])
    sharing.open_lot("score-2025-b", PARTS[:1])
    sharing.open_lot("score-20259-c", PARTS[:1])
    sharing.clear_away("score-2025-", but="score-2025-b")
    assert sorted(row.lot for row in rows()) == [LOT, "score-2025-b", "score-20259-c"]


def test_a_result_comes_back_as_plain_values(database: str) -> None:
    from decimal import Decimal

    sharing.open_lot(LOT, PARTS[:1])
    sharing.finish(LOT, 1, {"rows": [{"自评得分": Decimal("88.50"), "项目": 3, "说明": ("甲", "乙")}]})
    assert sharing.results(LOT, PARTS) == {1: {"rows": [{"自评得分": "88.50", "项目": 3, "说明": ["甲", "乙"]}]}}
