"""The run that asked for help is killed: its helpers work on, what they do counts, and the next run does only the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from sqlmodel import select
from year_kit import YEAR, on

from flows import asking
from flows.collect_submissions import collect_submissions
from flows.help_out import help_out
from flows.machine_forms import HelpForm
from flows.parse_submissions import parse_submissions
from flows.score_submissions import score_submissions
from models.records import Reading, ScoreCardRecord, SharedWork, SubmissionVersion
from models.states import SharedStep
from tasks import store
from tasks.practice import people
from tasks.stages import parsing
from tasks.stages import sharing as lists


class Killed(BaseException):
    """What no flow catches, as the end of its process."""


@pytest.fixture
def dies_asking(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], str]:
    """Runs a step that is killed as soon as it has asked for help; the name of the list it left."""

    def run(step: Callable[[], Any]) -> str:
        left: list[str] = []

        def asked(_step: SharedStep, _year: int, lot: str, _size: int, _queues: Sequence[str]) -> None:
            left.append(lot)
            raise Killed

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(asking, "helpers", lambda *_: ["协助-甲"])
            patch.setattr(asking, "ask", asked)
            step()
        return left[0]

    return run


def counted(what: Any) -> Counter[Any]:
    with store.session() as db:
        return Counter(db.exec(select(what)))


def helps(step: SharedStep, lot: str) -> str:
    return help_out(HelpForm(fiscal_year=YEAR.fiscal_year, step=step, lot=lot), return_state=True).message or ""


def test_helpers_read_to_the_end_and_nothing_is_read_twice(year_at: Any, dies_asking: Any) -> None:
    year = year_at("collecting", on(4, 3))
    for day in (22, 27):
        people.act(year.world, date(on(3, day).year, 3, day))
    people.act(year.world, on(4, 3).date())
    collect_submissions(YEAR)
    waiting = parsing.departments_to_read(YEAR.fiscal_year)
    assert len(waiting) >= 3

    lot = dies_asking(lambda: parse_submissions(YEAR))
    # One helper is in the middle of a department when the next run begins; that run waits for nobody.
    (in_hand,) = lists.take(lot, "乙/2")
    assert helps(SharedStep.READ, lot) == f"协助审读{len(waiting) - 1}个部门。"
    assert [part.subject for part in parsing.departments_to_read(YEAR.fiscal_year)] == [in_hand.subject]
    assert (parse_submissions(YEAR, return_state=True).message or "").startswith("审读1份")
    assert parsing.unread_of(in_hand.subject) == [], "the helper finds it done"

    assert parse_submissions(YEAR, return_state=True).name == "无需办理"
    versions = counted(SubmissionVersion.id)
    assert counted(Reading.version_id) == versions and set(versions.values()) == {1}


def test_helpers_score_to_the_end_and_the_next_run_counts_their_cards(year_at: Any, dies_asking: Any) -> None:
    year_at("late_in", on(5, 15))
    lot = dies_asking(lambda: score_submissions(YEAR))
    told = helps(SharedStep.SCORE, lot)
    cards = counted(ScoreCardRecord.submission_id)
    assert told == f"协助评分{len(cards)}个部门。" and set(cards.values()) == {1}
    state = score_submissions(YEAR, return_state=True)
    assert state.is_completed() and (state.message or "").startswith(f"已评分{len(cards)}个部门")
    assert counted(ScoreCardRecord.submission_id) == cards, "equal inputs make no other card"
    assert set(counted(SharedWork.done)) <= {True}
