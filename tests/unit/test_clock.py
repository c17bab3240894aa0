"""The clock is the real one unless a moment was injected, and a date is the bureau's date."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

import pytest

from tasks import clock


def test_without_an_injected_moment_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.ENVIRONMENT, raising=False)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_fixed_moment_holds_for_children_and_ends_with_its_block() -> None:
    before = os.environ.get(clock.ENVIRONMENT)
    with clock.fixed(datetime(2026, 4, 8, 1, 0, tzinfo=UTC)):
        assert clock.now() == datetime(2026, 4, 8, 1, 0, tzinfo=UTC)
        with clock.fixed(datetime(2026, 4, 9, 1, 0, tzinfo=UTC)):
            assert clock.today() == date(2026, 4, 9)
        assert clock.today() == date(2026, 4, 8)
    assert os.environ.get(clock.ENVIRONMENT) == before


def test_late_in_the_evening_utc_it_is_already_tomorrow_in_the_county() -> None:
    with clock.fixed(datetime(2026, 4, 30, 17, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 5, 1)
    assert clock.local_date(datetime(2026, 4, 30, 15, 59, tzinfo=UTC)) == date(2026, 4, 30)


def test_a_moment_without_zone_is_the_bureaus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.ENVIRONMENT, "2026-05-01T00:30:00")
    assert clock.today() == date(2026, 5, 1)
    assert clock.now().utcoffset() == timedelta(hours=8)
