"""The small year as a whole."""

from __future__ import annotations

from pathlib import Path


def test_the_small_year_reaches_its_end(stages: Path) -> None:
    assert (stages / "closed").is_dir()
