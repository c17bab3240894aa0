"""A whole practice year, run once for all tests that look at it, through the command a user types."""

from __future__ import annotations

import email
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
# A year takes a minute; on a machine busy with other things it may take twenty.
SECONDS = 1800


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
        timeout=SECONDS,
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

    def brought_names(self) -> list[str]:
        """Every letter that was brought on paper, without the day."""
        return sorted(path.name[11:] for path in (self.home / "mail" / "paper").iterdir())

    def to(self, which: str) -> list[EmailMessage]:
        """The letters of a department and kind that arrived, e.g. ``104.extension``."""
        found = sorted((self.home / "mail" / "out").glob(f"*.{which}.*"))
        return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]  # type: ignore[misc]

    def texts(self, which: str) -> list[str]:
        """The words of these letters."""
        parts = [letter.get_body(("plain",)) for letter in self.to(which)]
        return [part.get_content() for part in parts if part is not None]

    def events(self) -> list[dict[str, Any]]:
        """The audit trail."""
        return [json.loads(line) for line in (self.home / "audit.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Year:
    """The default practice year, uninterrupted, on SQLite.

    Test processes that run side by side share it; who comes second waits.
    """
    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "practice-year"
    home, told = root / "home", root / "told.json"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            shutil.rmtree(root, ignore_errors=True)
            done = jixiao("demo", "--home", str(home))
            told.write_text(json.dumps([done.stdout + done.stderr, done.returncode]), "utf-8")
    output, code = json.loads(told.read_text("utf-8"))
    return Year(home, output, code)
