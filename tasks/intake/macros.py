"""Programs inside documents (宏): told by content, because a suffix can be changed."""

from __future__ import annotations

import io
import zipfile

from tasks.intake.unzip import BROKEN, is_zip

# Where Office keeps its programs: a member of the newer formats, a stream of the older ones (named in UTF-16).
_MEMBER = "vbaproject.bin"
_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def has_macros(content: bytes) -> bool:
    """Whether a document carries programs (含宏)."""
    if content.startswith(_OLD_FORMAT):
        return _STREAM in content
    if not is_zip(content):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return any(name.lower().endswith(_MEMBER) for name in package.namelist())
    except BROKEN:
        return False
