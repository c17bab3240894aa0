"""Chinese working days (工作日) with moved rest days (调休), and what is not known about them.

The holidays come from the package ``chinesecalendar``, which follows the yearly notice of the State Council. For a year
without data, Monday to Friday count as working days, and ``caveat`` says so in a sentence for the letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from chinese_calendar import constants

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@cache
def known_years() -> frozenset[int]:
    """The years whose holidays are known (已有放假安排数据的年份)."""
    return frozenset(day.year for day in constants.holidays)


def known(year: int) -> bool:
    """Whether the holidays and moved rest days of ``year`` are known (是否已有该年放假调休安排)."""
    return year in known_years()


def is_working_day(day: date) -> bool:
    """Whether ``day`` is a working day (工作日). In a year that is not ``known``: Monday to Friday."""
    weekday = day.weekday() < SATURDAY
    if not known(day.year):
        return weekday
    return day in constants.workdays or (weekday and day not in constants.holidays)


def add_working_days(start: date, days: int) -> date:
    """The day that lies ``days`` working days after ``start`` (顺延工作日), which itself does not count.

    ``days`` = 0 gives ``start`` if it is a working day, else the next one. Negative counts go back. The result is
    always a working day.
    """
    step = ONE_DAY if days >= 0 else -ONE_DAY
    day = start
    if days == 0:
        while not is_working_day(day):
            day += step
        return day
    left = abs(days)
    while left:
        day += step
        if is_working_day(day):
            left -= 1
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after ``start`` up to and including ``end`` (间隔工作日数); 0 where end <= start."""
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def working_days_late(due: date, received: date) -> int:
    """By how many working days something came too late (逾期工作日数); 0 where it was in time.

    A deadline on a rest day runs to the next working day (期限届满日为休息日的顺延), so what arrives until then is not late.
    """
    return working_days_between(add_working_days(due, 0), received)


def caveat(days: Iterable[date]) -> str | None:
    """A sentence that says for which years holidays are unknown (放假安排未知的说明), or None when all are known."""
    missing = sorted({day.year for day in days if not known(day.year)})
    if not missing:
        return None
    years = "、".join(f"{year}年" for year in missing)
    return f"{years}的放假调休安排尚无数据，工作日暂按周一至周五计算；国务院办公厅通知公布并更新节假日数据后可能变化。"
