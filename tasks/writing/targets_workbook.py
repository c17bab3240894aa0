"""The approved targets and budgets as a workbook (项目绩效目标批复表): the form to fill in, and what comes back.

One row per indicator; a project whose indicators were not approved has one row without any. Department and
project stand on every row. Either every cell is right and everything is imported, or nothing is and every broken row is
named with what to do. A later import replaces the earlier one as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.approved import SIGNS, ApprovedIndicator, ApprovedProject
from models.document import Frozen
from tasks.writing.fingerprint import Fingerprint, fingerprint_of, parsed_fingerprint
from tasks.writing.opened import UnreadableWorkbookError, opened
from tasks.writing.sheets import (
    choice,
    comment,
    finished_workbook,
    new_workbook,
    number_between,
    printable,
    put,
    widths,
)
from tasks.writing.targets_rows import MOST_MONEY, MOST_ROWS, TargetRows, head_columns

KIND = "targets"
SHEET = "项目绩效目标批复表"
ALL_DEPARTMENTS = "all"
TITLE_ROW, NOTE_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3, 4
SPARE_ROWS = 200
COLUMNS: dict[str, str] = {
    "部门编码": "与部门名册一致，每行都要填写。",
    "部门名称": "用于核对编码，可以空白；填写的须与部门名册一致。",
    "项目编码": "预算项目编码，可以空白；同一项目各行一致。",
    "项目名称": "批复的项目全称，每行都要填写；同一项目各行完全一致。",
    "项目预算（万元）": "批复的年初预算，单位万元；没有数据的留空。同一项目只填一行或者各行一致。",
    "项目年度目标": "批复的年度总体目标，可以空白。同一项目只填一行或者各行一致。",
    "一级指标": "如产出指标、效益指标、满意度指标。",
    "二级指标": "如数量指标、质量指标、社会效益指标。",
    "三级指标": "批复的指标名称；同一项目同一二级指标下不能重复。",
    "指标性质": "从下拉列表中选择：≥、≤、=、>、<；文字目标选“定性”。",
    "指标值": "只填数字，不带符号和单位；文字或者日期目标（如优良中低差、12月底前）的性质选“定性”。",
    "度量单位": "如人次、公里、%；“定性”的可以空白。",
    "权重": "批复的分值，没有的留空。",
}
_WIDTHS = (10, 22, 24, 28, 13, 34, 12, 17, 26, 10, 12, 10, 8)
_NUMBERS = ("项目预算（万元）", "权重")
_NOTE = (
    "每行一项指标；没有批复指标的项目填一行，只填项目。空白表示没有数据，不等于零。"
    "可以插入、删除、粘贴行，不要改动表头和表名。导入时以本表为准，整表替换上一次导入的内容。"
)

Shown = str | Decimal | int | None


class TargetsImport(Frozen):
    """What a returned workbook says (导入结果), by department code; with any problem ``departments`` is empty."""

    departments: dict[str, tuple[ApprovedProject, ...]]
    problems: tuple[str, ...]


class ListedDepartment(NamedTuple):
    """A department as the form lists it (表中的部门): roster code and name, and the names of its projects."""

    code: str
    name: str
    projects: tuple[str, ...] = ()


def write_targets_template(
    fiscal_year: int,
    departments: Sequence[ListedDepartment],
    known: Mapping[str, Sequence[ApprovedProject]] | None = None,
    author: str = "财政局",
) -> bytes:
    """The form (项目绩效目标批复表, .xlsx): what is known already, else a row per project of the roster, then blank rows."""
    known = known or {}
    mark = Fingerprint(KIND, fiscal_year, ALL_DEPARTMENTS, 1)
    book = new_workbook(f"{fiscal_year}年度项目绩效目标批复表", author, mark)
    sheet = book.create_sheet(SHEET)
    put(sheet, TITLE_ROW, 1, f"{fiscal_year}年度项目绩效目标批复表", style="title", span=len(COLUMNS))
    put(sheet, NOTE_ROW, 1, _NOTE, style="note", span=len(COLUMNS))
    for column, (label, help_text) in enumerate(COLUMNS.items(), 1):
        comment(put(sheet, HEAD_ROW, column, label, style="head"), help_text)
    lines = [line for one in departments for line in _lines(one, known.get(one.code))]
    for row, line in enumerate([*lines, *_blank_lines()], FIRST_ROW):
        for column, label in enumerate(COLUMNS, 1):
            style = "input" if label in (*_NUMBERS, "指标性质", "指标值", "度量单位") else "input_text"
            put(sheet, row, column, line.get(label), style=style)
        sheet.row_dimensions[row].height = 18 * max(1, -(-len(str(line.get("项目年度目标") or "")) // 16))
    last = FIRST_ROW + len(lines) + SPARE_ROWS - 1
    choice(sheet, f"J{FIRST_ROW}:J{last}", tuple(SIGNS), COLUMNS["指标性质"])
    number_between(sheet, f"E{FIRST_ROW}:E{last}", 0, MOST_MONEY, COLUMNS["项目预算（万元）"])
    number_between(sheet, f"M{FIRST_ROW}:M{last}", 0, 100, COLUMNS["权重"])
    widths(sheet, _WIDTHS)
    sheet.row_dimensions[TITLE_ROW].height, sheet.row_dimensions[NOTE_ROW].height = 30, 22
    sheet.row_dimensions[HEAD_ROW].height = 32
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 5)
    printable(sheet, header_row=HEAD_ROW)
    sheet.print_area = f"A1:M{max(FIRST_ROW, FIRST_ROW + len(lines) - 1)}"
    return finished_workbook(book, mark)


def _lines(department: ListedDepartment, known: Sequence[ApprovedProject] | None) -> list[dict[str, Shown]]:
    listed = known if known is not None else [ApprovedProject(name=name) for name in department.projects]
    who: dict[str, Shown] = {"部门编码": department.code, "部门名称": department.name}
    lines: list[dict[str, Shown]] = []
    for project in listed or [ApprovedProject(name="")]:
        named: dict[str, Shown] = who | {"项目编码": project.code or None, "项目名称": project.name or None}
        own = [named | _indicator(one) for one in project.indicators] or [named]
        # Told once a project, so that the form stays legible.
        own[0] = own[0] | {"项目预算（万元）": project.budget, "项目年度目标": project.goal or None}
        lines += own
    return lines


def _blank_lines() -> list[dict[str, Shown]]:
    return [{} for _ in range(SPARE_ROWS)]


def _indicator(one: ApprovedIndicator) -> dict[str, Shown]:
    return {
        "一级指标": one.level1,
        "二级指标": one.level2,
        "三级指标": one.name,
        "指标性质": one.sign,
        "指标值": one.target if one.number is None else one.number,
        "度量单位": one.unit or None,
        "权重": one.weight,
    }


def read_targets(content: bytes, fiscal_year: int, departments: Sequence[ListedDepartment]) -> TargetsImport:
    """Read a returned form (导入批复的绩效目标). Never raises on bad content: every problem is a sentence."""
    try:
        book = opened(content, most_rows=MOST_ROWS)
        sheet = book.sheet(SHEET)
        _check_mark(content, fiscal_year)
        columns = head_columns(sheet, HEAD_ROW, tuple(COLUMNS))
    except UnreadableWorkbookError as error:
        return TargetsImport(departments={}, problems=(str(error),))
    rows = TargetRows(book, sheet, columns, {one.code: one.name for one in departments})
    for row in range(FIRST_ROW, sheet.max_row + 1):
        rows.take(row)
    found = rows.finished()
    if not found and not rows.problems:
        rows.problems.append(f"工作表“{SHEET}”中没有任何项目，请填写后重新导入。")
    return TargetsImport(departments={} if rows.problems else found, problems=tuple(rows.problems))


def _check_mark(content: bytes, fiscal_year: int) -> None:
    text = fingerprint_of(content)
    mark = parsed_fingerprint(text) if text else None
    if mark is None or mark.kind != KIND:
        raise UnreadableWorkbookError(
            "这不是系统生成的项目绩效目标批复表，请把数据粘贴到系统生成的批复表中再导入（只粘贴数值）。"
        )
    if mark.fiscal_year != fiscal_year:
        raise UnreadableWorkbookError(
            f"这是{mark.fiscal_year}年度的批复表，当前评价年度为{fiscal_year}年，请使用本年度的批复表。"
        )
