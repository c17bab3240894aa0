"""The yearly notice (绩效评价工作通知) and the outline of the report (自评报告提纲)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from models.document import Frozen
from models.states import Stage
from tasks.writing import annexes
from tasks.writing.imprint import imprint
from tasks.writing.official import (
    addressee,
    attachment_list,
    body_markup,
    finished,
    number_and_rule,
    official_document,
    red_head,
    signature,
    title_lines,
)
from tasks.writing.outline import OutlineView, write_outline
from tasks.writing.templates import filled

__all__ = ["NoticeView", "OutlineView", "broken_title", "write_notice", "write_outline"]

_ANNEX_MARKS = {
    name.lower(): annexes.mark(getattr(annexes, name)) for name in ("OUTLINE", "RUBRIC", "PROJECT", "WORKBOOK")
}


class NoticeView(Frozen):
    """What the notice says (通知内容). ``stage_dates`` are the dates of the year, shown where the text names them.

    ``addressees`` is the printed line, e.g. ``各预算部门``. ``max_claim`` are the points a department may claim,
    ``unclaimed_line`` the rubric line that it leaves blank; both come from the rule set.
    """

    bureau: str
    document_number: str
    title: str
    fiscal_year: int
    addressees: str
    submit_by: date
    mailbox: str
    contact: str
    issued_on: date
    stage_dates: Mapping[Stage, date] = Field(default_factory=dict)
    office: str = ""
    phone: str = ""
    basis: tuple[str, ...] = ()
    max_claim: str = "90"
    unclaimed_line: str = "自评准确"
    copied_to: str = ""


def write_notice(view: NoticeView) -> bytes:
    """The notice as a Word file in the official layout (印发通知, .docx)."""
    document = official_document(view.title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number)
    title_lines(document, broken_title(view.bureau, view.title))
    addressee(document, view.addressees)
    body_markup(document, filled("documents/notice.txt.j2", view=view, dates=_dates_by_code(view), annex=_ANNEX_MARKS))
    attachment_list(document, annexes.ANNEXES)
    signature(document, view.bureau, view.issued_on)
    imprint(document, view.office or f"{view.bureau}办公室", view.issued_on, view.copied_to)
    return finished(document)


def _dates_by_code(view: NoticeView) -> dict[str, date | None]:
    return {stage.value: view.stage_dates.get(stage) for stage in Stage}


def broken_title(bureau: str, title: str, longest: int = 20) -> list[str]:
    """A title in lines of at most ``longest`` characters (标题分行), broken where the words allow it.

    The bureau's name stands on its own line when the whole does not fit on one; the rest is cut before 关于 or after
    开展, never inside a word that these marks show.
    """
    whole = title if title.startswith(bureau) else f"{bureau}{title}"
    if len(whole) <= longest:
        return [whole]
    rest = whole.removeprefix(bureau)
    lines = [bureau]
    while len(rest) > longest:
        cut = _cut(rest, longest)
        lines.append(rest[:cut])
        rest = rest[cut:]
    return [*lines, rest]


def _cut(text: str, longest: int) -> int:
    for mark in ("年度", "开展", "部门", "的", "绩效"):
        places = [index for index in range(longest // 3, longest + 1) if text.startswith(mark, index)]
        if places and mark in {"部门", "绩效"}:
            return places[-1]
        fitting = [index + len(mark) for index in places if index + len(mark) <= longest]
        if fitting:
            return fitting[-1]
    return longest
