"""Log files that do not grow for ever (日志轮换): what `jixiao up` lets its server and workers write."""

from __future__ import annotations

import shutil
from pathlib import Path

LARGEST = 5 * 1024 * 1024
KEPT = 4


def rotate(log: Path, largest: int = LARGEST, kept: int = KEPT) -> bool:
    """Put a large log aside as ``.1`` and begin it anew (日志轮换); older ones move up, the oldest goes.

    The process that writes it keeps it open for appending, so the file is emptied in its place, not replaced. What is
    written in the instant between copying and emptying is lost; nothing but the log depends on it.
    """
    if not log.exists() or log.stat().st_size <= largest:
        return False
    for number in range(kept - 1, 0, -1):
        older = _aside(log, number)
        if older.exists():
            older.replace(_aside(log, number + 1))
    shutil.copyfile(log, _aside(log, 1))
    with log.open("r+b") as emptied:
        emptied.truncate(0)
    return True


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
