"""A whole practice year, run once for all tests that look at it, through the command a user types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**extra: str) -> dict[str, str]:
    """What a user's shell would hold: nothing of ours, nothing of Prefect's, no address of a running server."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIXIAO_", "PREFECT_"))}
    return kept | {"COLUMNS": "140"} | extra


def jixiao(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=700,
        check=False,
    )


@dataclass(frozen=True)
class Year:
    """A practice year that ran to its end."""

    home: Path
    output: str
    code: int

    @property
    def results(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "results" / "results.json").read_text("utf-8"))
        return found

    def department(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = next(d for d in self.results["departments"] if d["code"] == code)
        return found

    def letter_names(self) -> list[str]:
        """Every letter that arrived, without the day it arrived on."""
        return sorted(path.name[11:] for path in (self.home / "mail" / "out").glob("*.eml"))


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The default practice year, uninterrupted, on SQLite."""
    home = tmp_path_factory.mktemp("year") / "home"
    done = jixiao("demo", "--home", str(home))
    return Year(home, done.stdout + done.stderr, done.returncode)
