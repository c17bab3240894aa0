"""What the letters about remediation say (整改函件内容)."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import model_validator

from tasks.mail.context_parts import Context, Line


class RectificationLine(Context):
    """One remediation item (整改事项) as the department sees it."""

    number: int
    problem: Line
    due_on: date
    origin: Line | None = None
    requirement: Line | None = None
    state: Line | None = None
    remark: Line | None = None


class RectificationContext(Context):
    """The remediation notice (整改通知)."""

    items: tuple[RectificationLine, ...]
    report_by: date
    document_number: Line | None = None


class RectificationReminderContext(Context):
    """A remediation reminder (整改提醒): days left or working days late, as for ReminderContext.

    ``reminded`` says that the handler has had a reminder, which an escalated one may then say.
    """

    items: tuple[RectificationLine, ...]
    report_by: date
    days_left: int | None = None
    days_late: int | None = None
    step: int = 1
    escalated: bool = False
    reminded: bool = True

    @model_validator(mode="after")
    def _left_or_late(self) -> Self:
        if (self.days_left is None) == (self.days_late is None):
            raise ValueError("exactly one of days_left and days_late is needed")
        return self


class RectificationReturnedContext(Context):
    """Claims that were not accepted (整改退回); each item's ``remark`` says why."""

    items: tuple[RectificationLine, ...]
    received_on: date
    report_by: date


class RectificationExtensionContext(Context):
    """More time for items granted or refused (整改延期答复); each item's ``due_on`` is the day that holds now."""

    granted: bool
    items: tuple[RectificationLine, ...]
    requested_to: date
    reason: Line


class RectificationClosedContext(Context):
    """Items closed (整改办结通知); ``remaining`` are still open."""

    items: tuple[RectificationLine, ...]
    closed_on: date
    remaining: int = 0


class RectificationCarriedContext(Context):
    """Items that go on into the next year (整改事项结转通知); each item's ``remark`` is the bureau's reason."""

    items: tuple[RectificationLine, ...]
    carried_on: date
    next_year: int
    remaining: int = 0
