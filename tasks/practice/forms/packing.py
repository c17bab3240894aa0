"""Zip packages whose bytes depend on nothing but their content (字节确定的压缩包)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

EPOCH = (2000, 1, 1, 0, 0, 0)  # a fixed moment: the same call must give the same sha256


def packed(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A package (压缩包) with the members in the given order and UTF-8 names where they are not ASCII."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(_entry(name), content)
    return buffer.getvalue()


class _GbkEntry(zipfile.ZipInfo):
    """An entry that writes its name in GBK; zipfile itself only knows ASCII and UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name zipfile calls
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def packed_gbk(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip as older Windows programs make it (GBK文件名压缩包): names in GBK without the UTF-8 flag."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            entry = _GbkEntry(name, date_time=EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    entry.external_attr = 0
    return entry
