"""Telling whose a document is (识别报送单位) from what it says or carries inside, for the intake."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tasks.mail import token
from tasks.read_report import read_report
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.letters import REPLY_KIND
from tasks.writing.review_layout import SEAT_OF

# What a workbook's mark says it is for, as an answer's purpose.
PURPOSES = {
    "self": token.Purpose.MATERIAL,
    **dict.fromkeys(SEAT_OF, token.Purpose.REVIEW),
    REPLY_KIND: token.Purpose.RECTIFICATION,
}


def fingerprint(content: bytes) -> str | None:
    """The subject token that a workbook of ours stands for (工作簿标识对应的主题标记), or None. Safe on any bytes."""
    mark = parsed_fingerprint(fingerprint_of(content) or "")
    if mark is None or mark.kind not in PURPOSES:
        return None
    return token.make(mark.fiscal_year, mark.code, PURPOSES[mark.kind])


def named_inside(name: str, content: bytes) -> str | None:
    """The department that a report names (报告中写明的部门), read in a child process; None when it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "material"
        path.write_bytes(content)
        facts = read_report(path, name=name).facts
    return facts.department if facts else None
