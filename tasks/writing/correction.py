"""Correcting or withdrawing a document that has gone out (更正通知、撤回通知), always with the reason."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from models.document import Frozen
from tasks.writing.imprint import imprint
from tasks.writing.notice import broken_title
from tasks.writing.official import (
    addressee,
    body_markup,
    finished,
    number_and_rule,
    official_document,
    red_head,
    signature,
    title_lines,
)
from tasks.writing.templates import filled


class CorrectionKind(StrEnum):
    """What happens to the earlier document (更正方式)."""

    CORRECTED = "更正"
    WITHDRAWN = "撤回"


class Change(Frozen):
    """One passage that changes (更正内容)."""

    before: str
    after: str


class CorrectionView(Frozen):
    """What the correction says (更正或撤回内容). ``changes`` are needed for a correction and forbidden otherwise."""

    kind: CorrectionKind
    bureau: str
    document_number: str
    original_number: str
    original_title: str
    original_date: date
    reason: str
    issued_on: date
    addressees: str = "各预算部门"
    changes: tuple[Change, ...] = ()
    office: str = ""
    contact: str = ""


def write_correction(view: CorrectionView) -> bytes:
    """The correction or withdrawal (更正通知、撤回通知, .docx). Raises ValueError without a reason or with idle changes."""
    if not view.reason.strip():
        raise ValueError(f"{view.kind}通知必须写明原因，请补充后重新生成。")
    if bool(view.changes) != (view.kind is CorrectionKind.CORRECTED):
        raise ValueError("更正通知须写明更正内容，撤回通知不得写更正内容，请核对后重新生成。")
    title = f"关于{view.kind}{view.original_number}文件的通知"
    document = official_document(title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number)
    title_lines(document, broken_title(view.bureau, title))
    addressee(document, view.addressees)
    body_markup(document, filled("documents/correction.txt.j2", view=view))
    signature(document, view.bureau, view.issued_on)
    imprint(document, view.office or f"{view.bureau}办公室", view.issued_on)
    return finished(document)
