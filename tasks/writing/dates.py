"""Dates as official documents write them (公文日期写法)."""

from __future__ import annotations

from datetime import date


def chinese_date(day: date) -> str:
    """A date in full (成文日期): ``2025年3月5日``, without leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"
