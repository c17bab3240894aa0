"""The clock (时钟): the only place that asks what time it is, so that a practice year can walk through its days."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from tasks import settings

# A worker process of a practice year gets its time this way.
ENVIRONMENT = "JIXIAO_NOW"


def now() -> datetime:
    """The present moment (当前时刻), aware; the injected one while a practice year runs."""
    injected = os.environ.get(ENVIRONMENT)
    if not injected:
        return datetime.now(UTC)
    moment = datetime.fromisoformat(injected)
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.current().zone)


def today() -> date:
    """Today's date in the bureau's time zone (当日)."""
    return now().astimezone(settings.current().zone).date()


def local_date(moment: datetime) -> date:
    """The date of a moment in the bureau's time zone (当地日期)."""
    return moment.astimezone(settings.current().zone).date()


def set_now(moment: datetime | None) -> None:
    """Inject a moment for this process and its children (设定时钟), or go back to the real clock with None."""
    if moment is None:
        os.environ.pop(ENVIRONMENT, None)
    else:
        os.environ[ENVIRONMENT] = moment.isoformat()


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Run a block at a fixed moment (固定时钟)."""
    before = os.environ.get(ENVIRONMENT)
    set_now(moment)
    try:
        yield
    finally:
        set_now(datetime.fromisoformat(before) if before else None)
