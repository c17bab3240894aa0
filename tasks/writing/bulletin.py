"""The bulletin (评价结果通报) and a department's result (评价结果反馈书), in the official layout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import mean
from typing import Any

from models.document import Frozen
from models.grading import DEFAULT_BANDS, GradeBand
from models.numbers import Number, rounded, trimmed
from models.published import PublishedDepartment, PublishedResults
from tasks.writing.budget_list import load_uses
from tasks.writing.imprint import imprint
from tasks.writing.notice import broken_title
from tasks.writing.official import (
    add_grid,
    addressee,
    annex_mark,
    attachment_list,
    body_markup,
    body_paragraph,
    finished,
    number_and_rule,
    official_document,
    red_head,
    signature,
    title_lines,
)
from tasks.writing.templates import filled
from tasks.writing.word_tables import Box, Grid

_SHADE = "EDEDED"


class BulletinView(Frozen):
    """What the bulletin says (通报内容): the published results and the frame of the document."""

    results: PublishedResults
    bureau: str
    document_number: str
    issued_on: date
    addressees: str = "各预算部门"
    title: str = ""
    office: str = ""
    copied_to: str = ""
    rectify_by: date | None = None
    grade_bands: tuple[GradeBand, ...] = DEFAULT_BANDS


class ResultView(Frozen):
    """One department's result as a document (评价结果反馈书内容)."""

    department: PublishedDepartment
    fiscal_year: int
    bureau: str
    document_number: str
    issued_on: date
    object_by: date | None = None
    contact: str = ""
    office: str = ""


def write_bulletin(view: BulletinView) -> bytes:
    """The bulletin (关于…评价结果的通报, .docx) with the ranked table as its attachment."""
    year = view.results.fiscal_year
    title = view.title or f"关于{year}年度部门预算绩效评价结果的通报"
    annex = f"{year}年度部门预算绩效评价结果"
    document = official_document(title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number)
    title_lines(document, broken_title(view.bureau, title))
    addressee(document, view.addressees)
    body_markup(
        document, filled("documents/bulletin.txt.j2", view=view, points=_points, uses=load_uses(), **totals(view))
    )
    attachment_list(document, [annex])
    signature(document, view.bureau, view.issued_on)
    annex_mark(document, "附件")
    title_lines(document, [annex], blank_above=0, space_after=8)
    add_grid(document, ranking(view.results.departments))
    imprint(document, view.office or f"{view.bureau}办公室", view.issued_on, view.copied_to)
    return finished(document)


def totals(view: BulletinView) -> dict[str, Any]:
    """The figures of an edition that a bulletin tells in words (总体情况): counts, average, grades with their departments."""
    departments = view.results.departments
    scores = [department.final_score for department in departments if department.final_score is not None]
    checked = [department for department in departments if department.spot_checked]
    return {
        "total": len(departments),
        "scored": len(scores),
        "average": trimmed(rounded(mean(scores))) if scores else None,
        "grades": [(band.name, _names(departments, band.name)) for band in view.grade_bands],
        "checked": checked,
        "deducted": [department for department in checked if department.deduction],
        "silent": [department.name for department in departments if department.status == "not_submitted"],
        "undecided": [department.name for department in departments if department.status == "undecided"],
    }


def _names(departments: Sequence[PublishedDepartment], grade: str) -> list[str]:
    return [department.name for department in departments if department.grade == grade]


def _points(value: Number | None) -> str:
    return "—" if value is None else trimmed(value)


def head(texts: Sequence[str]) -> list[Box]:
    """The head row of a table in a bulletin (表头)."""
    return [Box(text, bold=True, shade=_SHADE) for text in texts]


def ranking(departments: Sequence[PublishedDepartment]) -> Grid:
    """The table of results by rank (评价结果表)."""
    rows = [head(("名次", "部门", "自评得分", "复核得分", "偏离度", "自评准确扣分", "最终得分", "等级"))]
    for department in departments:
        rows.append(
            [
                Box(department.rank or "—"),
                Box(department.name, align="left"),
                Box(_points(department.self_score)),
                Box(_points(department.review_score) if department.spot_checked else "未抽查"),
                Box(department.deviation_shown or "—"),
                Box(_points(department.deduction)),
                Box(_points(department.final_score)),
                Box(department.grade or department.status_label),
            ]
        )
    return Grid((12, 48, 17, 17, 17, 17, 17, 15), rows, size=10.5, row_height=8)


def write_result(view: ResultView) -> bytes:
    """A department's result with every line explained (评价结果反馈书, .docx)."""
    department = view.department
    title = f"关于反馈{view.fiscal_year}年度部门预算绩效评价结果的函"
    document = official_document(title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number)
    title_lines(document, broken_title(view.bureau, title))
    addressee(document, department.name)
    body_markup(document, filled("documents/result.txt.j2", view=view, d=department, points=_points))
    attachment_list(document, ["分项得分及说明"])
    signature(document, view.bureau, view.issued_on)
    annex_mark(document, "附件")
    title_lines(document, ["分项得分及说明"], blank_above=0, space_after=8)
    if department.lines:
        add_grid(document, _lines(department))
    if not department.lines:
        body_paragraph(document, "未报送自评材料，没有分项得分。")
    imprint(document, view.office or f"{view.bureau}办公室", view.issued_on)
    return finished(document)


def _lines(department: PublishedDepartment) -> Grid:
    rows = [head(("指标", "分值", "自评", "计算", "复核", "最终", "说明"))]
    for line in department.lines:
        numbers = (line.maximum, line.self, line.computed, line.reviewed, line.final)
        rows.append(
            [Box(line.label), *(Box(_points(number)) for number in numbers), Box(line.explanation, align="left")]
        )
    return Grid((20, 11, 11, 12, 12, 12, 82), rows, size=9)
