"""What every file store does (文件库约定), wherever it lies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class LostError(FileNotFoundError):
    """A kept file that is gone or no longer what was kept (文件缺失或被改动); the message says which and what to do."""


class UnusableError(RuntimeError):
    """The file store cannot be used (文件库不可用); the message says why and what to do, never a key."""


class UnreachableError(UnusableError):
    """The file store does not answer just now (文件库暂时无法连接): trying again later may help."""


def digest_of(content: bytes) -> str:
    """The sha256 of some bytes (摘要) in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def place_of(sha256: str) -> str:
    """Where a file lies inside any store (库内位置): ``ab/ab12…``."""
    return f"{sha256[:2]}/{sha256}"


def lost(sha256: str, where: str) -> LostError:
    """The error for a file that is not there (文件缺失)."""
    return LostError(f"文件库中缺少文件 {sha256}，请从备份恢复 {where}")


def changed(sha256: str, where: str) -> LostError:
    """The error for a file whose bytes are not those that were kept (文件被改动)."""
    return LostError(f"文件库中的文件 {sha256} 已被改动，请从备份恢复 {where}")


class Store(Protocol):
    """A place that keeps bytes under their sha256 (文件库). Nothing in it is ever changed or deleted by the program."""

    def exists(self, sha256: str) -> bool:
        """Whether a file is there (是否存在)."""
        ...

    def read(self, sha256: str) -> bytes:
        """The bytes as they are stored, unchecked (读取); LostError when there are none."""
        ...

    def write(self, sha256: str, content: bytes) -> None:
        """Store bytes under a name (写入), complete when this returns, or not at all."""
        ...

    def names(self) -> Iterator[str]:
        """Every name in the store (全部文件), in order."""
        ...

    def path(self, sha256: str) -> Path:
        """A file on this machine with these bytes (本机路径), for who can only read files. Raises LostError."""
        ...

    def check(self) -> str:
        """Write, read and take away a trial file (检查可读写); where the store lies. Raises UnusableError."""
        ...
