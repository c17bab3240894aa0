"""The local mailbox (本地邮箱, Maildir): read where it lies, new and seen alike; nothing is moved or deleted."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, datetime
from pathlib import Path

from models.states import Channel
from tasks.intake.arrivals import Arrival, no_later_than_now, origin_of
from tasks.intake.limits import Limits


def arrivals(folder: Path, known: Container[str], limits: Limits) -> Iterator[Arrival]:
    """Messages not yet in the ledger (新邮件), oldest first.

    The origin is the unique part of the file name, which stays when a mail program marks the message as read.
    """
    found: list[tuple[float, str, Path]] = []
    for place in ("new", "cur"):
        for path in (folder / place).glob("*") if (folder / place).is_dir() else ():
            origin = origin_of(f"maildir/{path.name.split(':', 1)[0]}")
            if not path.name.startswith(".") and path.is_file() and origin not in known:
                found.append((path.stat().st_mtime, origin, path))
    for changed, origin, path in sorted(found):
        yield _arrival(origin, path, changed, limits)


def _arrival(origin: str, path: Path, changed: float, limits: Limits) -> Arrival:
    at = no_later_than_now(datetime.fromtimestamp(changed, UTC))
    size = path.stat().st_size
    if size <= limits.message_bytes:
        return Arrival(Channel.MAILBOX, origin, path.read_bytes(), at)
    with path.open("rb") as file:
        beginning = file.read(64 * 1024)
    problem = f"邮件有{size // 1024 // 1024}MB，超过{limits.message_bytes // 1024 // 1024}MB的上限，只保存了开头部分；原件在 {path}"
    return Arrival(Channel.MAILBOX, origin, beginning, at, problem=problem, size=size)
