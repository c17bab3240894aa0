"""Documents that go with letters to a department (函件附件): the notice of remediation and its reply form."""

from __future__ import annotations

from datetime import date

from models.document import Frozen
from tasks.writing.dates import chinese_date
from tasks.writing.fingerprint import Fingerprint
from tasks.writing.official import (
    add_grid,
    annex_mark,
    body_markup,
    finished,
    official_document,
    title_lines,
)
from tasks.writing.templates import filled
from tasks.writing.word_tables import Box, Grid

REPLY_KIND = "rectification"
NUMBER, PROBLEM, MEASURE, OWNER, DUE, PROGRESS, EVIDENCE = (
    "序号", "问题", "整改措施", "责任人", "完成时限", "完成情况", "佐证材料",
)  # fmt: skip
REPLY_HEAD = (NUMBER, PROBLEM, MEASURE, OWNER, DUE, PROGRESS, EVIDENCE)
_SHADE = "EDEDED"


class RectificationLine(Frozen):
    """One problem to be put right (整改事项); filled parts are what is known already."""

    number: int
    problem: str
    due_on: date
    measure: str = ""
    owner: str = ""
    progress: str = ""
    evidence: str = ""


class RectificationFormView(Frozen):
    """The reply form of one department (整改情况反馈表内容). ``number`` counts the forms sent to it this year."""

    bureau: str
    fiscal_year: int
    code: str
    department: str
    items: tuple[RectificationLine, ...]
    reply_by: date | None = None
    mailbox: str = ""
    number: int = 1


def rectification_mark(view: RectificationFormView) -> Fingerprint:
    """The mark of one reply form (整改反馈表标识)."""
    return Fingerprint(REPLY_KIND, view.fiscal_year, view.code, view.number)


def write_rectification_form(view: RectificationFormView) -> bytes:
    """The reply form (整改情况反馈表, .docx): the problems are printed, the department fills in the rest."""
    title = f"{view.fiscal_year}年度绩效评价整改情况反馈表"
    document = official_document(title, view.bureau, rectification_mark(view))
    annex_mark(document, "附件", new_page=False)
    title_lines(document, [title], blank_above=0)
    body_markup(document, filled("documents/rectification.txt.j2", view=view))
    rows = [[Box(label, bold=True, shade=_SHADE) for label in REPLY_HEAD]]
    for item in view.items:
        rows.append(
            [
                Box(str(item.number)),
                Box(item.problem, align="left"),
                Box(item.measure, align="left"),
                Box(item.owner),
                Box(chinese_date(item.due_on)),
                Box(item.progress, align="left"),
                Box(item.evidence, align="left"),
            ]
        )
    add_grid(document, Grid((10, 40, 34, 15, 19, 22, 20), rows, size=9.5, row_height=16, heights={0: 9.0}))
    return finished(document)
