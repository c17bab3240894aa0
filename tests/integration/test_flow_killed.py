"""Killed anywhere and run again, a day of the year ends where an undisturbed one ends: no letter twice, none missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from year_kit import advance, audit_events, on, opened, published_files, rows

from tasks import verification
from tasks.practice import people

HERE = Path(__file__).resolve().parent
# How often and when something was tried, and in which order, depends on the kills; nothing that anybody is told does.
HIDDEN = {
    "letter": ("id", "attempts", "error"),
    "letterattachment": ("id", "letter_id"),
    "lettermessage": ("id", "letter_id"),
}


def _what_is_there(home: Path) -> dict[str, Any]:
    with opened(home) as year:
        audit_events()
        assert verification.verify().differences == ()
        keys = sorted("/".join(letter.key) for letter in year.arrived())
        return {"rows": rows(hide=HIDDEN), "letters": keys, "files": published_files(home), "state": year.state()}


def _killed_day(home: Path, month: int, day: int) -> int:
    from prefect.settings import PREFECT_API_URL

    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIXIAO_")}
    server = {"PREFECT_API_URL": str(PREFECT_API_URL.value()), "PREFECT_LOGGING_LEVEL": "CRITICAL"}
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_runs.py"), str(home), str(month), str(day)],
        env=environment | server | {"PYTHONPATH": str(HERE.parent.parent)},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "month", "day"), [("collecting", 3, 27), ("publication_approved", 10, 15)])
def test_a_day_killed_again_and_again_ends_like_an_undisturbed_one(
    stages: Path, tmp_path: Path, stage: str, month: int, day: int
) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    shutil.copytree(stages / stage, calm)
    with opened(calm) as year:
        # What the departments send is the same for both: a mail written anew has other part boundaries.
        year.at(on(month, day))
        people.act(year.world, on(month, day).date())
    shutil.copytree(calm, rough)
    with opened(calm) as year:
        advance(year, on(month, day))
    assert _killed_day(rough, month, day) >= 3
    expected, found = _what_is_there(calm), _what_is_there(rough)
    assert found["letters"] == expected["letters"]
    assert len(set(found["letters"])) == len(found["letters"]), "a letter arrived twice"
    assert found["state"] is expected["state"]
    for table, held in expected["rows"].items():
        assert found["rows"][table] == held, table
    assert found["files"] == expected["files"]
