"""The practice year's mail server (演练收信服务): a real SMTP server on loopback that files every letter as .eml."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tasks import clock
from tasks.server import free_port

# A letter with two workbooks is well below this.
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Caught:
    """A letter that arrived (收到的函件), as told by its file name ``DAY-KEY.eml`` where the key names year, code, kind, number."""

    path: Path
    day: date
    key: tuple[str, ...]

    @property
    def code(self) -> str:
        """The department it is about (部门代码)."""
        return self.key[1] if len(self.key) > 2 else ""

    @property
    def kind(self) -> str:
        """The kind of letter (函件种类)."""
        return self.key[2] if len(self.key) > 2 else ""

    @property
    def number(self) -> int:
        """The number of the letter within its kind (函件序号)."""
        return int(self.key[3]) if len(self.key) > 3 and self.key[3].isdigit() else 0

    def message(self) -> EmailMessage:
        """The letter itself (函件内容)."""
        parsed = message_from_bytes(self.path.read_bytes(), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def attachments(self) -> list[tuple[str, bytes]]:
        """The files that came with it (函件附件): name and content."""
        return [(part.get_filename() or "", part.get_content()) for part in self.message().iter_attachments()]


class Filing:
    """Files what arrives (收件归档); the same letter twice makes two files, so that a duplicate shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Write one letter to disk before it is acknowledged (先落盘再应答)."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        found = re.search(rb"^Message-ID:\s*<([^@>]+)", content, re.IGNORECASE | re.MULTILINE)
        name = f"{clock.today().isoformat()}-{found.group(1).decode('ascii', 'replace') if found else 'unnamed'}"
        target, copies = self.folder / f"{name}.eml", 1
        while target.exists():
            copies += 1
            target = self.folder / f"{name}-{copies}.eml"
        temporary = target.with_suffix(".part")
        temporary.write_bytes(content)
        temporary.replace(target)
        return "250 OK"


@contextmanager
def catching(folder: Path) -> Iterator[int]:
    """A mail server that files into ``folder`` (运行演练收信服务); yields its port on loopback."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    controller = Controller(Filing(folder), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


_NAME = re.compile(r"^(\d{4}-\d\d-\d\d)-(.+?)(?:-\d+)?$")


def letters(folder: Path) -> list[Caught]:
    """Every letter that arrived (收到的全部函件), by file name."""
    told = ((name, _told(name)) for name in sorted(entry.name for entry in os.scandir(folder)) if name.endswith(".eml"))
    return [Caught(folder / name, *parts) for name, parts in told if parts is not None]


@cache
def _told(name: str) -> tuple[date, tuple[str, ...]] | None:
    """What a file's name tells (文件名所示), asked again and again in a year; None where it is not one of ours."""
    match = _NAME.match(name.removesuffix(".eml"))
    return (date.fromisoformat(match.group(1)), tuple(match.group(2).split("."))) if match else None


def arrived(folder: Path, message_id: str) -> bool:
    """Whether the letter with this Message-ID arrived (某函件是否送达)."""
    wanted = message_id.encode()
    return any(wanted in path.read_bytes() for path in folder.glob("*.eml"))
