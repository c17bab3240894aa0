"""A practice year that is killed again and again ends like one that ran undisturbed."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import SECONDS, Year, environment, jixiao

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(SECONDS)]

# More of them take longer and show the same; JIXIAO_TEST_KILLS asks for as many as one likes.
KILLS = int(os.environ.get("JIXIAO_TEST_KILLS", "3"))


def results_of(year: Year) -> object:
    """The published results without the day of publication, which an outage may move."""
    return year.results | {"published_on": ""}


def test_a_year_killed_at_random_moments_ends_in_the_same_state(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    home = tmp_path / "home"
    chance = random.Random(20251120)
    killed = 0
    while killed < KILLS:
        with (tmp_path / "output.txt").open("a") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", "demo", "--home", str(home)],
                env=environment(),
                stdout=out,
                stderr=out,
            )
            _wait_until_it_walks(home, process)
            time.sleep(chance.uniform(0, 6))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
        killed += 1
    done = jixiao("demo", "--home", str(home))
    again = Year(home, done.stdout + done.stderr, done.returncode)
    assert again.code == 0, again.output
    assert killed > 0
    # Asked for only now: another test process may have run it in the meantime.
    year: Year = request.getfixturevalue("year")
    assert results_of(again) == results_of(year)
    assert again.letter_names() == year.letter_names()
    assert again.brought_names() == year.brought_names()
    assert jixiao("verify", "--home", str(home)).returncode == 0


def _wait_until_it_walks(home: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the year has begun a new day, so that the kill hits the work and not the start of the server."""
    begun, deadline = _day(home), time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None and _day(home) == begun:
        time.sleep(0.1)


def _day(home: Path) -> str | None:
    """The day at which the year stands, as it notes it itself."""
    note = home / "practice.json"
    day: str | None = json.loads(note.read_text("utf-8"))["day"] if note.exists() else None
    return day
