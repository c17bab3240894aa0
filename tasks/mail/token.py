"""The token in a subject (主题标记), e.g. 【绩效2025-101】 or 【绩效2025-101-整改】: made and read only here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from models.states import LetterKind


class Purpose(StrEnum):
    """What an answer with this token is (来件用途); the value is the suffix of the token."""

    MATERIAL = ""
    REVIEW = "复核"
    RECTIFICATION = "整改"
    OBJECTION = "申诉"

    @property
    def label(self) -> str:
        """What staff and departments call it (名称)."""
        return {"": "自评材料", "复核": "复核工作簿", "整改": "整改报告", "申诉": "申诉材料"}[self.value]


# What an answer to each kind of letter is about; kinds without an entry ask for no answer and carry no token.
ANSWERED_WITH: dict[LetterKind, Purpose] = {
    LetterKind.NOTICE: Purpose.MATERIAL,
    LetterKind.REMINDER: Purpose.MATERIAL,
    LetterKind.ESCALATION: Purpose.MATERIAL,
    LetterKind.RECEIPT: Purpose.MATERIAL,
    LetterKind.DUPLICATE: Purpose.MATERIAL,
    LetterKind.CORRECTION: Purpose.MATERIAL,
    LetterKind.EXTENSION: Purpose.MATERIAL,
    LetterKind.DRAWN: Purpose.MATERIAL,
    LetterKind.REVIEW_TASK: Purpose.REVIEW,
    LetterKind.SECOND_REVIEW_TASK: Purpose.REVIEW,
    LetterKind.SETTLEMENT_TASK: Purpose.REVIEW,
    LetterKind.REVIEW_RETURNED: Purpose.REVIEW,
    LetterKind.RESULT: Purpose.OBJECTION,
    LetterKind.OBJECTION_RECEIVED: Purpose.OBJECTION,
    LetterKind.OBJECTION_DECIDED: Purpose.OBJECTION,
    LetterKind.RECTIFICATION: Purpose.RECTIFICATION,
    LetterKind.RECTIFICATION_REMINDER: Purpose.RECTIFICATION,
    LetterKind.RECTIFICATION_RETURNED: Purpose.RECTIFICATION,
    LetterKind.RECTIFICATION_EXTENSION: Purpose.RECTIFICATION,
    LetterKind.RECTIFICATION_CLOSED: Purpose.RECTIFICATION,
    LetterKind.RECTIFICATION_CARRIED: Purpose.RECTIFICATION,
}


@dataclass(frozen=True)
class Token:
    """Year, department and purpose (主题标记内容)."""

    fiscal_year: int
    code: str
    purpose: Purpose = Purpose.MATERIAL


# People retype subjects: half-width brackets and other dashes are read as well.
_PATTERN = re.compile(
    r"[【\[〔]\s*绩效\s*(\d{4})\s*-\s*([^【】\[\]〔〕\s]{1,20}?)\s*(?:-\s*(复核|整改|申诉)\s*)?[】\]〕]"
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))


def make(fiscal_year: int, code: str, purpose: Purpose = Purpose.MATERIAL) -> str:
    """The token as it stands in a subject (生成标记)."""
    suffix = f"-{purpose.value}" if purpose.value else ""
    return f"【绩效{fiscal_year}-{code}{suffix}】"


def find_all(text: str) -> list[Token]:
    """Every different token in a text (查找标记), in order."""
    found = [
        Token(int(year), code, Purpose(suffix or ""))
        for year, code, suffix in _PATTERN.findall(unicodedata.normalize("NFKC", text).translate(_DASHES))
    ]
    return list(dict.fromkeys(found))


def parse(text: str) -> Token | None:
    """The first token in a text (读取标记), or None."""
    found = find_all(text)
    return found[0] if found else None
