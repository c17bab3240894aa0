"""Chinese working days (工作日)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import (
    add_working_days,
    caveat,
    is_working_day,
    known,
    working_days_between,
    working_days_late,
)

days = st.dates(min_value=date(2023, 1, 1), max_value=date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 1, 26), True),  # a Sunday worked for the Spring Festival
        (date(2025, 1, 28), False),  # the eve of the Spring Festival, a Tuesday
        (date(2025, 9, 28), True),  # a Sunday worked for the National Day
        (date(2025, 10, 8), False),  # the last day of the 2025 National Day holiday, a Wednesday
        (date(2025, 10, 9), True),
        (date(2025, 10, 11), True),  # a Saturday worked for it
        (date(2025, 6, 7), False),  # an ordinary Saturday
    ],
)
def test_moved_rest_days_are_known(day: date, working: bool) -> None:
    assert is_working_day(day) is working


def test_a_year_without_data_is_said_plainly() -> None:
    assert known(2025)
    assert not known(2051)
    assert is_working_day(date(2051, 10, 2))  # a Monday in what is always a holiday week
    sentence = caveat([date(2025, 1, 1), date(2051, 10, 2)])
    assert sentence is not None and "2051年" in sentence and "2025年" not in sentence
    assert caveat([date(2025, 1, 1)]) is None


def test_working_days_jump_the_national_holiday() -> None:
    assert add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert add_working_days(date(2025, 9, 30), 3) == date(2025, 10, 11)
    assert add_working_days(date(2025, 10, 9), -1) == date(2025, 9, 30)
    assert add_working_days(date(2025, 10, 3), 0) == date(2025, 10, 9)


def test_a_deadline_on_a_rest_day_runs_to_the_next_working_day() -> None:
    assert working_days_late(date(2025, 10, 1), date(2025, 10, 9)) == 0
    assert working_days_late(date(2025, 10, 1), date(2025, 10, 10)) == 1
    assert working_days_late(date(2025, 4, 30), date(2025, 4, 30)) == 0
    assert working_days_late(date(2025, 4, 30), date(2025, 5, 6)) == 1
    assert working_days_late(date(2025, 4, 30), date(2025, 3, 1)) == 0


@given(days, st.integers(min_value=1, max_value=60))
def test_added_working_days_can_be_counted_back(start: date, count: int) -> None:
    end = add_working_days(start, count)
    assert is_working_day(end)
    assert working_days_between(start, end) == count


@given(days, st.integers(min_value=0, max_value=90))
def test_lateness_never_shrinks_as_days_pass(due: date, later: int) -> None:
    received = due + timedelta(days=later)
    assert working_days_late(due, received) <= working_days_late(due, received + timedelta(days=1))
