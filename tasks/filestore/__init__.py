"""The file store (文件库): every file that arrived or left, by its sha256, written once and never changed.

It lies in the data folder, in another folder (``JIXIAO_FILE_STORE=/path``) or in an S3-compatible store
(``JIXIAO_FILE_STORE=s3://bucket/prefix``); what is promised here holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tasks import settings
from tasks.filestore.base import LostError, Store, UnreachableError, UnusableError, changed, digest_of, place_of
from tasks.filestore.folder import Folder

__all__ = ["LostError", "UnreachableError", "UnusableError", "digest_of", "place_of"]

# Reading everything back waits for the network, not for the processor.
READERS = 8


def _store() -> Store:
    found = settings.current()
    if not found.file_store.startswith("s3:"):
        return Folder(found.file_folder)
    from tasks.filestore import bucket

    return bucket.opened(found)


def path_of(sha256: str) -> Path:
    """A file on this machine with the kept bytes (本机文件), to be read only; LostError when they are gone or altered."""
    path = _store().path(sha256)
    if digest_of(path.read_bytes()) != sha256:
        raise changed(sha256, str(path))
    return path


def keep(content: bytes) -> str:
    """Keep some bytes (存入文件库) and return their sha256; complete in the store before this returns."""
    sha256 = digest_of(content)
    put(sha256, content)
    return sha256


def put(sha256: str, content: bytes) -> None:
    """Put a file back under its name, as a backup holds it (放回文件). What is there already stays as it is."""
    store = _store()
    if not store.exists(sha256):
        store.write(sha256, content)


def content_of(sha256: str) -> bytes:
    """The bytes of a kept file (取出文件); LostError names the digest when they are gone or altered."""
    content = as_stored(sha256)
    if digest_of(content) != sha256:
        raise changed(sha256, where())
    return content


def as_stored(sha256: str) -> bytes:
    """The bytes that lie under a name, whatever they are (原样取出), for backups."""
    return _store().read(sha256)


def names() -> Iterator[str]:
    """The digests of all kept files (全部文件), in order."""
    return _store().names()


def altered() -> list[str]:
    """Digests whose stored bytes no longer match (被改动的文件)."""
    store = _store()
    with ThreadPoolExecutor(READERS, thread_name_prefix="verifying") as threads:
        found = threads.map(lambda name: (name, digest_of(store.read(name))), store.names())
        return [name for name, digest in found if name != digest]


def check() -> str:
    """Write, read and take away a trial file (检查文件库); where the store lies. Raises UnusableError."""
    return _store().check()


def where() -> str:
    """Where the store lies (文件库位置), as it may be shown."""
    found = settings.current()
    return found.file_store or str(found.file_folder)
