"""The parts of a delivery (来件的组成): documents with labels, and what was not used and why."""

from __future__ import annotations

from dataclasses import dataclass, field


class BombError(ValueError):
    """An archive or mail that would unpack to far more than it is (疑似压缩炸弹)."""


@dataclass(frozen=True)
class NamedFile:
    """A document with its label (文件)."""

    name: str
    content: bytes


@dataclass(frozen=True)
class SetAside:
    """A part of a delivery that was not used, and why (未采用的部分)."""

    name: str
    reason: str


@dataclass
class Found:
    """What was found in a delivery (拆包结果)."""

    files: list[NamedFile] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    unpacked_bytes: int = 0
