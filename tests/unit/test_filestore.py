"""A kept file is found by its digest, written once, and any change to it shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tasks import filestore


def test_what_is_kept_comes_back(home: Path) -> None:
    digest = filestore.keep("绩效".encode())
    assert digest == hashlib.sha256("绩效".encode()).hexdigest()
    assert filestore.content_of(digest) == "绩效".encode()
    assert filestore.path_of(digest).is_relative_to(home / "files")


def test_keeping_again_writes_nothing(home: Path) -> None:
    digest = filestore.keep(b"once")
    before = filestore.path_of(digest).stat()
    assert filestore.keep(b"once") == digest
    after = filestore.path_of(digest).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert [p.name for p in filestore.path_of(digest).parent.iterdir()] == [digest], "no temporary file is left"


def test_a_lost_file_is_named_with_what_to_do(home: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"缺少文件 0000.*从备份恢复"):
        filestore.content_of("0" * 64)


def test_an_altered_file_shows(home: Path) -> None:
    digest, other = filestore.keep(b"one"), filestore.keep(b"two")
    assert filestore.altered() == []
    filestore.path_of(digest).write_bytes(b"One")
    assert filestore.altered() == [digest]
    assert filestore.content_of(other) == b"two"
