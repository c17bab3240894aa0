"""Text that may stand in a Word or Excel file (可写入文件的文本)."""

from __future__ import annotations

import re

# XML 1.0 forbids these characters; one of them would make the whole file unreadable.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Bidirectional controls can make a name look like another one.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: object) -> str:
    """The text without characters a file cannot hold or a reader cannot see (清理文本)."""
    return _INVISIBLE.sub("", _FORBIDDEN.sub("", str(text)))
