"""The drop folder (收件文件夹): inbox/<department's code or name>/[复核|整改|申诉/]<files>. Nothing is moved or deleted."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Container, Iterator
from datetime import UTC, datetime
from pathlib import Path

from models.states import Channel
from tasks import filestore
from tasks.intake import headers
from tasks.intake.arrivals import Arrival, ChannelError, no_later_than_now, origin_of
from tasks.intake.limits import Limits

_UNFINISHED = (".part", ".tmp", ".crdownload", ".download", ".partial")
_LITTER = ("~$", ".", "Thumbs.db", "desktop.ini")


def arrivals(folder: Path, known: Container[str], limits: Limits, settle_seconds: float) -> Iterator[Arrival]:
    """Files not yet in the ledger (新文件), by path; one still being written (changed within ``settle_seconds``) waits.

    The origin is path and content, so a changed file at the same path is a new arrival.
    """
    unreadable: list[str] = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        try:
            if path.is_symlink() or not path.is_file() or unfinished(path, settle_seconds):
                continue
            arrival = _arrival(folder, path, limits)
        except FileNotFoundError:
            # Taken away again by the person who put it there.
            continue
        except OSError as error:
            unreadable.append(f"{name_of(path)}（{error.strerror}）")
            continue
        if arrival.origin not in known:
            yield arrival
    if unreadable:
        raise ChannelError(f"不能读取 {'、'.join(unreadable)}：请检查文件权限，其余文件已收取")


def _arrival(folder: Path, path: Path, limits: Limits) -> Arrival:
    shown = name_of(path.relative_to(folder))
    status = path.stat()
    at = no_later_than_now(datetime.fromtimestamp(status.st_mtime, UTC))
    if status.st_size > limits.message_bytes:
        problem = f"文件有{status.st_size // 1024 // 1024}MB，超过上限，没有读取；原件在 {path}"
        origin = origin_of(f"{shown}#{status.st_size}")
        return Arrival(Channel.DROP_FOLDER, origin, b"", at, shown, problem, status.st_size)
    content = path.read_bytes()
    origin = origin_of(f"{shown}#{filestore.digest_of(content)[:16]}")
    return Arrival(Channel.DROP_FOLDER, origin, content, at, shown)


def name_of(path: Path) -> str:
    """A path in readable text (路径文字): names that another system wrote in GBK are no valid UTF-8 here."""
    return unicodedata.normalize("NFC", headers.decoded(os.fsencode(path)))


def unfinished(path: Path, settle_seconds: float) -> bool:
    """Whether a file is still being copied, or is litter of an office program (未完成的文件)."""
    if path.name.startswith(_LITTER) or path.name.lower().endswith(_UNFINISHED):
        return True
    # The file system's clock, not the injected one, and not the modification time, which copying may keep from the
    # original: this is about copying, not about deadlines.
    return time.time() - path.stat().st_ctime < settle_seconds
