"""The local mailbox (本地邮箱, Maildir): read where it lies, new and seen alike; nothing is moved or deleted."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from models.states import Channel
from tasks.intake import headers
from tasks.intake.arrivals import Arrival, ChannelError, no_later_than_now, origin_of
from tasks.intake.limits import Limits


def arrivals(folder: Path, known: Container[str], limits: Limits) -> Iterator[Arrival]:
    """Messages not yet in the ledger (新邮件), oldest first.

    The origin is the unique part of the file name, which stays when a mail program marks the message as read.
    """
    unreadable: list[str] = []
    for origin, path in _new(folder, known):
        try:
            yield _arrival(origin, path, limits)
        except FileNotFoundError:
            # A mail program moved it meanwhile; the next run finds it in its new place.
            continue
        except OSError as error:
            unreadable.append(f"{path}（{error.strerror}）")
    if unreadable:
        raise ChannelError(f"不能读取 {'、'.join(unreadable)}：请检查文件权限，其余邮件已收取")


def _new(folder: Path, known: Container[str]) -> list[tuple[str, Path]]:
    found: list[tuple[float, str, Path]] = []
    for place in ("new", "cur"):
        for path in (folder / place).glob("*") if (folder / place).is_dir() else ():
            origin = origin_of(f"maildir/{headers.decoded(os.fsencode(path.name)).split(':', 1)[0]}")
            if not path.name.startswith(".") and path.is_file() and origin not in known:
                with suppress(FileNotFoundError):
                    found.append((path.stat().st_mtime, origin, path))
    return [(origin, path) for _, origin, path in sorted(found)]


def _arrival(origin: str, path: Path, limits: Limits) -> Arrival:
    status = path.stat()
    at = no_later_than_now(datetime.fromtimestamp(status.st_mtime, UTC))
    size = status.st_size
    if size <= limits.message_bytes:
        return Arrival(Channel.MAILBOX, origin, path.read_bytes(), at)
    with path.open("rb") as file:
        beginning = file.read(64 * 1024)
    problem = f"邮件有{size // 1024 // 1024}MB，超过{limits.message_bytes // 1024 // 1024}MB的上限，只保存了开头部分；原件在 {path}"
    return Arrival(Channel.MAILBOX, origin, beginning, at, problem=problem, size=size)
