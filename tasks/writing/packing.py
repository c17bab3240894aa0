"""The same content makes the same file, byte for byte (可重复生成的文件).

Word and Excel files are zip archives that carry the moment they were written in two places: each member's time stamp
and the core properties. Both are set to a fixed moment here, so that a file's sha256 says whether its content changed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

FIXED_MEMBER_TIME = (1980, 1, 1, 0, 0, 0)
FIXED_CORE_TIME = b"2000-01-01T00:00:00Z"
_CORE_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def repacked(content: bytes, replacements: Mapping[str, bytes] | None = None) -> bytes:
    """Write an Office package again with fixed times (统一时间戳).

    ``replacements`` maps a member's name to the bytes it shall have instead. The order of the members is kept.
    """
    replacements = replacements or {}
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed,
    ):
        for member in source.infolist():
            data = replacements.get(member.filename, source.read(member))
            if member.filename == "docProps/core.xml":
                data = _CORE_TIME.sub(rb"\g<1>" + FIXED_CORE_TIME + rb"\g<2>", data)
            fixed = zipfile.ZipInfo(member.filename, FIXED_MEMBER_TIME)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o644 << 16
            packed.writestr(fixed, data)
    return target.getvalue()
