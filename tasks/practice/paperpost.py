"""Letters that are brought in the practice year (演练送达): the printed folder changes hands, and the department can read it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from tasks import clock
from tasks.practice.catcher import Caught

_NAME = re.compile(r"^(\d{4}-\d\d-\d\d)-(.+)$")
_ATTACHED = re.compile(r"^\d\d-(.+)$")


@dataclass(frozen=True)
class Brought(Caught):
    """A letter that somebody brought (送达的函件): a folder ``DAY-KEY`` with the printed letter and its attachments."""

    def message(self) -> EmailMessage:
        """There is no mail (没有邮件)."""
        raise ValueError(f"{self.path.name} was brought on paper")

    def attachments(self) -> list[tuple[str, bytes]]:
        """The files that came with it (附件): name and content."""
        found = [(_ATTACHED.match(path.name), path) for path in sorted(self.path.iterdir())]
        return [(match.group(1), path.read_bytes()) for match, path in found if match]


def hand_over(printed: Path, counter: Path, key: str) -> Path:
    """Bring one printed letter to its department (送达一封函件), complete or not at all; bringing it again changes nothing."""
    target = counter / f"{clock.today().isoformat()}-{key.replace('/', '.')}"
    if not target.exists():
        part = counter / f"{target.name}.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(printed, part)
        part.replace(target)
    return target


def letters(counter: Path) -> list[Brought]:
    """Every letter that was brought (送达的全部函件), by day."""
    found = []
    for path in sorted(counter.iterdir()) if counter.is_dir() else ():
        match = _NAME.match(path.name)
        if match and path.suffix != ".part":
            found.append(Brought(path, date.fromisoformat(match.group(1)), tuple(match.group(2).split("."))))
    return found
