"""The department's own workbook (绩效自评工作簿): its projects, approved targets and budgets, ready to fill in.

What the bureau approved is printed and locked; where nothing was imported the cells are open and the instructions say so.
"""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from models.approved import ApprovedProject, prefilled
from models.document import Frozen
from models.numbers import Number, plain, trimmed
from tasks.writing.annexes import WORKBOOK, mark
from tasks.writing.department_projects import redden, write_project
from tasks.writing.fingerprint import Fingerprint, fingerprint_of
from tasks.writing.rubric import RubricRow
from tasks.writing.sheets import (
    finished_workbook,
    lock,
    new_workbook,
    number_between,
    printable,
    put,
    put_formula,
    widths,
)
from tasks.writing.templates import filled

__all__ = ["DepartmentWorkbookView", "fingerprint_of", "write_department_workbook"]

KIND = "self"
NOT_FILLED = "不填"
_RUBRIC_HEAD = ("一级指标", "二级指标", "三级指标", "指标分值", "计分标准", "自评得分", "备注", "检查")


class DepartmentWorkbookView(Frozen):
    """One department's workbook (工作簿内容). ``version`` counts what was sent to it this year, from 1.

    ``approval`` says which import the approved targets come from; empty where none were imported.
    """

    fiscal_year: int
    code: str
    department: str
    bureau: str = ""
    version: int = 1
    max_claim: Number | None = None
    rubric: tuple[RubricRow, ...]
    projects: tuple[ApprovedProject, ...] = ()
    approval: str = ""
    submit_by: str = ""
    mailbox: str = ""


def department_mark(view: DepartmentWorkbookView) -> Fingerprint:
    """The mark of one department's workbook (自评工作簿标识)."""
    return Fingerprint(KIND, view.fiscal_year, view.code, view.version)


def write_department_workbook(view: DepartmentWorkbookView) -> bytes:
    """The workbook (绩效自评工作簿, .xlsx): instructions, rubric, one sheet per project."""
    mark = department_mark(view)
    book = new_workbook(f"{view.fiscal_year}年度{view.department}绩效自评工作簿", view.bureau, mark)
    _write_instructions(book.create_sheet("填报说明"), view)
    _write_rubric(book.create_sheet("整体自评表"), view)
    for number, project in enumerate(view.projects, 1):
        write_project(book.create_sheet(f"项目{number}"), view.fiscal_year, view.department, project)
    return finished_workbook(book, mark)


def _write_instructions(sheet: Worksheet, view: DepartmentWorkbookView) -> None:
    put(sheet, 1, 1, f"{view.fiscal_year}年度绩效自评工作簿", style="title")
    text = filled(
        "documents/workbook_help.txt.j2", view=view, prefilled=prefilled(view.projects).sentence, annex=mark(WORKBOOK)
    )
    for row, line in enumerate([line for line in text.splitlines() if line.strip()], 2):
        put(sheet, row, 1, line, style="note")
        sheet.row_dimensions[row].height = 18 * (1 + len(line) // 38)
    widths(sheet, (80,))
    sheet.row_dimensions[1].height = 34
    lock(sheet)
    printable(sheet, landscape=False)


def _write_rubric(sheet: Worksheet, view: DepartmentWorkbookView) -> None:
    put(sheet, 1, 1, f"{view.fiscal_year}年部门整体支出绩效自评表", style="title", span=8)
    put(sheet, 2, 1, f"部门（单位）名称：{view.department}", style="note", span=8)
    for column, label in enumerate(_RUBRIC_HEAD, 1):
        put(sheet, 3, column, label, style="head")
    for row, line in enumerate(view.rubric, 4):
        for column, text in enumerate((line.level1, line.level2, line.label), 1):
            put(sheet, row, column, text, style="fixed")
        put(sheet, row, 4, line.maximum, style="fixed")
        put(sheet, row, 5, line.criterion)
        put(sheet, row, 6, None if line.claimed else NOT_FILLED, style="input" if line.claimed else "fixed")
        put(sheet, row, 7, None, style="input_text")
        put(sheet, row, 8, None, style="fixed")
        if line.claimed and line.maximum is not None:
            number_between(sheet, f"F{row}", 0, plain(line.maximum), f"0至{trimmed(line.maximum)}分")
            put_formula(
                sheet,
                row,
                8,
                f'=IF(F{row}="","未填",IF(NOT(ISNUMBER(F{row})),"不是数字",IF(F{row}>D{row},"超过分值","√")))',
            )
        sheet.row_dimensions[row].height = max(30, 15 * (1 + len(line.criterion) // 26))
    last = 3 + len(view.rubric)
    redden(sheet, f"H4:H{last}")
    put(sheet, last + 1, 1, "合计", style="head", span=3)
    put_formula(sheet, last + 1, 4, f"=SUM(D4:D{last})")
    top = f"自评满分{trimmed(view.max_claim)}分" if view.max_claim is not None else ""
    put(sheet, last + 1, 5, top, style="fixed")
    put_formula(sheet, last + 1, 6, f'=IF(COUNT(F4:F{last})=0,"",SUM(F4:F{last}))')
    for offset, label in enumerate(("评价结论", "存在问题", "改进措施"), 2):
        put(sheet, last + offset, 1, label, style="head")
        put(sheet, last + offset, 2, None, style="input_text", span=7)
        sheet.row_dimensions[last + offset].height = 54
    _merge_equal(sheet, 4, last, 1)
    _merge_equal(sheet, 4, last, 2)
    widths(sheet, (15, 15, 13, 10, 50, 11, 24, 12))
    sheet.freeze_panes = "D4"
    lock(sheet)
    printable(sheet, one_page=True)


def _merge_equal(sheet: Worksheet, first: int, last: int, column: int) -> None:
    """Merge equal labels that follow each other (同名合并)."""
    start = first
    for row in range(first + 1, last + 2):
        if row <= last and sheet.cell(row, column).value == sheet.cell(start, column).value:
            continue
        if row - 1 > start:
            sheet.merge_cells(start_row=start, start_column=column, end_row=row - 1, end_column=column)
        start = row
