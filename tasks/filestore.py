"""The file store (文件库): every file that arrived or left, by its sha256, written once and never changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tasks import settings


def digest_of(content: bytes) -> str:
    """The sha256 of some bytes (摘要) in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def path_of(sha256: str) -> Path:
    """Where the file with this digest is kept (文件位置), whether or not it is there."""
    return settings.current().file_store / sha256[:2] / sha256


def keep(content: bytes) -> str:
    """Keep some bytes (存入文件库) and return their sha256; complete on disk before this returns."""
    sha256 = digest_of(content)
    path = path_of(sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{sha256}.{os.getpid()}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return sha256


def content_of(sha256: str) -> bytes:
    """The bytes of a kept file (取出文件); FileNotFoundError names the digest when it is gone."""
    path = path_of(sha256)
    if not path.exists():
        raise FileNotFoundError(f"文件库中缺少文件 {sha256}，请从备份恢复 {path}")
    return path.read_bytes()


def altered() -> list[str]:
    """Digests whose stored bytes no longer match (被改动的文件)."""
    found = []
    for path in sorted(settings.current().file_store.glob("??/*")):
        if not path.name.startswith(".") and digest_of(path.read_bytes()) != path.name:
            found.append(path.name)
    return found
