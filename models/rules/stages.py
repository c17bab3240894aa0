"""The year's stages as data (年度工作安排): dates and offsets, all overridable by a rule set."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field, field_validator, model_validator

from models.document import Frozen

_LEAP_YEAR = 2024


class StageDates(Frozen):
    """The stages of one working year as dates (各阶段日期)."""

    notice: date
    submit_by: date
    scoring: date
    draw: date
    review_by: date
    publish: date
    close: date


class CalendarPolicy(Frozen):
    """When what happens (工作日程). Stage dates are ``MM-DD`` in the year after the fiscal year.

    ``reminders_before``/``reminders_after``: calendar days before and after the deadline on which the silent ones are
    reminded (0 = on the day). ``escalation_working_days`` after it the leader in charge is written to.
    ``objection_working_days`` from the feedback; ``feedback_days`` after the result is fixed; ``rectify_days`` from receipt
    of the remediation notice. ``correction_days`` to correct returned material; ``rectify_reminder_days`` between
    reminders of an overdue remediation item, of which there are at most ``rectify_reminders``.
    """

    notice: str = "03-01"
    submit_by: str = "04-30"
    reminders_before: tuple[int, ...] = (15, 5, 1, 0)
    reminders_after: tuple[int, ...] = (1, 3, 7)
    escalation_working_days: int = Field(default=5, ge=1)
    scoring: str = "05-15"
    draw: str = "07-01"
    review_by: str = "08-31"
    feedback_days: int = Field(default=20, ge=1)
    objection_working_days: int = Field(default=10, ge=1)
    publish: str = "10-15"
    rectify_days: int = Field(default=30, ge=1)
    rectify_reminder_days: int = Field(default=10, ge=1)
    rectify_reminders: int = Field(default=3, ge=0)
    correction_days: int = Field(default=7, ge=1)
    close: str = "12-31"

    @field_validator("notice", "submit_by", "scoring", "draw", "review_by", "publish", "close")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        try:
            date.fromisoformat(f"{_LEAP_YEAR}-{value}")
        except ValueError as error:
            raise ValueError(f"“{value}”不是“月-日”形式的日期，请写成如 04-30。") from error
        if value == "02-29":
            raise ValueError("工作日程不能用2月29日，请改为2月28日或3月1日。")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        names = ("notice", "submit_by", "scoring", "draw", "review_by", "publish", "close")
        days = [getattr(self, name) for name in names]
        if days != sorted(days):
            raise ValueError("工作日程须按印发通知、报送截止、评分、抽查、复核、公开、结束的先后排列。")
        return self

    def dates(self, fiscal_year: int) -> StageDates:
        """The stage dates for the evaluation of ``fiscal_year`` (评价年度的各阶段日期), in the year after it."""
        day = {name: date.fromisoformat(f"{fiscal_year + 1}-{getattr(self, name)}") for name in StageDates.model_fields}
        return StageDates(**day)
