"""A year that is killed again and again, and a year on PostgreSQL, end like the one that ran through."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Year, environment, jixiao

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KILLS = 5


def results_of(year: Year) -> object:
    """The published results without the day of publication, which an outage may move."""
    return year.results | {"published_on": ""}


def test_a_year_killed_at_random_moments_ends_in_the_same_state(year: Year, tmp_path: Path) -> None:
    home = tmp_path / "home"
    chance = random.Random(20251120)  # noqa: S311  moments to kill at, nothing secret
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
            time.sleep(chance.uniform(1, 9))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
        killed += 1
    done = jixiao("demo", "--home", str(home))
    again = Year(home, done.stdout + done.stderr, done.returncode)
    assert again.code == 0, again.output
    assert killed > 0
    assert results_of(again) == results_of(year)
    assert again.letter_names() == year.letter_names()
    assert jixiao("verify", "--home", str(home)).returncode == 0


def _wait_until_it_walks(home: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the year's database is there, so that the kill hits the work and not the start of the server."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        log = home / "prefect" / "server.json"
        if (home / "jixiao.db").exists() and log.exists():
            return
        time.sleep(0.2)


def test_the_same_year_on_postgresql_has_the_same_results(year: Year, fresh_postgres: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = jixiao("demo", "--home", str(home), JIXIAO_DATABASE_URL=fresh_postgres)
    there = Year(home, done.stdout + done.stderr, done.returncode)
    assert there.code == 0, there.output
    assert not (home / "jixiao.db").exists()
    assert there.results == year.results
    assert there.letter_names() == year.letter_names()
    assert jixiao("verify", "--home", str(home), JIXIAO_DATABASE_URL=fresh_postgres).returncode == 0
