"""The list for the budget desk (结果应用清单): departments by grade, with what the grade means for next year's budget."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from models.document import Frozen
from models.grading import DEFAULT_BANDS, GradeBand
from models.numbers import Number
from models.published import PublishedDepartment, PublishedResults
from tasks.writing.sheets import finished_workbook, new_workbook, printable, put, widths
from tasks.writing.templates import TEMPLATES

SHEET = "结果应用"
_HEAD = ("等级", "部门编码", "部门名称", "最终得分", "是否抽查", "自评准确扣分", "结果应用建议", "需要关注的指标")


class Uses(Frozen):
    """What a result is used for (结果应用建议), from ``templates/documents/uses.yml``; ``grades`` from best to worst."""

    grades: tuple[str, ...]
    not_submitted: str
    undecided: str
    attention_below: Number


@lru_cache(maxsize=4)
def load_uses(templates: Path = TEMPLATES) -> Uses:
    """Read the advice for each grade (读取结果应用建议)."""
    text = (templates / "documents" / "uses.yml").read_text(encoding="utf-8")
    return Uses.model_validate(yaml.safe_load(text))


def advice(department: PublishedDepartment, bands: Sequence[GradeBand], uses: Uses) -> str:
    """What is advised for a department (结果应用建议). Raises ValueError when there are more grades than advice."""
    if department.status in ("not_submitted", "returned"):
        return uses.not_submitted
    names = [band.name for band in bands]
    if department.grade is None:
        return uses.undecided
    place = names.index(department.grade)
    if place >= len(uses.grades):
        raise ValueError(f"等级“{department.grade}”没有结果应用建议，请在 templates/documents/uses.yml 中补充。")
    return uses.grades[place]


def weak_lines(department: PublishedDepartment, below: Decimal) -> tuple[str, ...]:
    """The lines that earned less than a share of their points (需要关注的指标)."""
    return tuple(
        line.label
        for line in department.lines
        if line.final is not None and line.maximum and line.final < below * line.maximum
    )


def write_budget_list(
    results: PublishedResults, bands: Sequence[GradeBand] = DEFAULT_BANDS, uses: Uses | None = None
) -> bytes:
    """The list by grade (结果应用清单, .xlsx), best first, those without a grade last."""
    uses = uses or load_uses()
    title = f"{results.fiscal_year}年度预算绩效评价结果应用清单"
    book = new_workbook(title, results.bureau)
    sheet = book.create_sheet(SHEET)
    put(sheet, 1, 1, title, style="title", span=len(_HEAD))
    sheet.row_dimensions[1].height = 32
    for column, label in enumerate(_HEAD, 1):
        put(sheet, 2, column, label, style="head")
    for row, department in enumerate(results.departments, 3):
        put(sheet, row, 1, department.grade or department.status_label, style="number")
        put(sheet, row, 2, department.code, style="number")
        put(sheet, row, 3, department.name)
        put(sheet, row, 4, department.final_score, style="number")
        put(sheet, row, 5, "是" if department.spot_checked else "否", style="number")
        put(sheet, row, 6, department.deduction, style="number")
        put(sheet, row, 7, advice(department, bands, uses))
        weak = "、".join(weak_lines(department, uses.attention_below))
        put(sheet, row, 8, weak)
        sheet.row_dimensions[row].height = 20 + 14 * (len(weak) // 22)
    widths(sheet, (9, 11, 32, 11, 10, 13, 40, 44))
    sheet.freeze_panes = "D3"
    sheet.auto_filter.ref = f"A2:H{2 + len(results.departments)}"
    printable(sheet, header_row=2)
    return finished_workbook(book)
