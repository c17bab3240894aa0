"""Staff read the log of a run in Chinese; warnings and errors are never held back."""

from __future__ import annotations

import logging

import pytest
from prefect.states import Completed, Failed

from flows.plain_log import PlainWords, in_chinese


def record(level: int, words: str) -> logging.LogRecord:
    return logging.LogRecord("prefect.flow_runs", level, "", 0, words, (), None)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (Completed(message="发送3封。"), "办理完毕：发送3封。"),
        (Completed(name="部分完成", message="1份未能审读。"), "办理完毕（部分完成）：1份未能审读。"),
        (Completed(name="无需办理"), "办理完毕（无需办理）。"),
        (Failed(message="文号“x's”已用。"), "没有办成：文号“x's”已用。"),
        (Completed(), "办理完毕。"),
    ],
    ids=str,
)
def test_the_end_of_a_run_is_told_in_chinese_with_its_own_words(state: object, told: str) -> None:
    assert in_chinese(f"Finished in state {state}") == told


def test_the_beginning_names_the_step() -> None:
    told = in_chinese("Beginning flow run '2025年度-推进' for flow '推进年度工作'")
    assert told is not None and "推进年度工作" in told and "Beginning" not in told


def test_engine_chatter_is_held_back_and_what_is_wrong_is_not() -> None:
    shown = PlainWords().filter
    assert not shown(record(logging.INFO, "Process 12 exited cleanly."))
    assert shown(record(logging.INFO, "2025年度催报：拟发提醒3封。"))
    assert shown(record(logging.WARNING, "Task run failed with exception"))
    assert shown(record(logging.DEBUG, "details"))
