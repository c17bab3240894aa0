"""A file store in a folder (目录文件库): of this machine, or one that several machines share."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tasks.filestore.base import UnusableError, lost, place_of


class Folder:
    """Files below a folder (目录文件库), two levels deep so that no directory grows large."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the file lies (文件位置); LostError when it is not there."""
        path = self.root / place_of(sha256)
        if not path.is_file():
            raise lost(sha256, str(path))
        return path

    def exists(self, sha256: str) -> bool:
        """Whether a file is there (是否存在)."""
        return (self.root / place_of(sha256)).is_file()

    def read(self, sha256: str) -> bytes:
        """The bytes as they are on disk (读取)."""
        return self.path(sha256).read_bytes()

    def write(self, sha256: str, content: bytes) -> None:
        """Write a file (写入): complete on disk before it gets its name."""
        path = self.root / place_of(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two machines can share the folder, and two threads a process.
        own = f"{socket.gethostname()}.{os.getpid()}.{threading.get_ident()}"
        temporary = path.with_name(f".{sha256}.{own}.part")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def names(self) -> Iterator[str]:
        """Every file (全部文件), in order."""
        for path in sorted(self.root.glob("??/*")):
            if not path.name.startswith("."):
                yield path.name

    def check(self) -> str:
        """Write and take away a trial file (检查可读写)."""
        trial = self.root / f".trial.{socket.gethostname()}.{os.getpid()}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            trial.write_bytes(b"jixiao")
        except OSError as error:
            raise UnusableError(f"{self.root} 不可写（{error.strerror}），请检查目录、挂载和权限") from error
        finally:
            with suppress(OSError):
                trial.unlink()
        return str(self.root)
