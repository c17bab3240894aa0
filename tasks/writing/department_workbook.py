"""The department's own workbook (绩效自评工作簿): its projects, approved targets and budgets, ready to fill in."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.numbers import Number, plain, trimmed
from tasks.writing.fingerprint import Fingerprint, fingerprint_of
from tasks.writing.rubric import RubricRow
from tasks.writing.sheets import (
    choice,
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

__all__ = ["DepartmentWorkbookView", "IndicatorPlan", "ProjectPlan", "fingerprint_of", "write_department_workbook"]

KIND = "self"
OPERATORS = ("≥", "≤", "=", ">", "<", "定性")
NOT_FILLED = "不填"
_RUBRIC_HEAD = ("一级指标", "二级指标", "三级指标", "指标分值", "计分标准", "自评得分", "备注", "检查")
_INDICATOR_HEAD = (
    "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分", "未完成原因分析", "佐证材料",
)  # fmt: skip
_BUDGET_HEAD = ("年度预算数（万元）", "年初预算", "调整后预算数", "预算执行数", "预算执行率", "权重", "得分", "原因")
_FUNDS = ("总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金")
_SPARE_ROWS = 6


class IndicatorPlan(Frozen):
    """An approved target (批复的绩效目标)."""

    level1: str
    level2: str
    level3: str
    operator: str = ""
    target: str = ""
    unit: str = ""
    weight: Number | None = None


class ProjectPlan(Frozen):
    """A project as approved (批复的项目), amounts in 万元."""

    name: str
    code: str = ""
    goal: str = ""
    budget: Number | None = None
    adjusted: Number | None = None
    indicators: tuple[IndicatorPlan, ...] = ()


class DepartmentWorkbookView(Frozen):
    """One department's workbook (工作簿内容). ``version`` counts what was sent to it this year, from 1."""

    fiscal_year: int
    code: str
    department: str
    bureau: str = ""
    version: int = 1
    max_claim: Number | None = None
    rubric: tuple[RubricRow, ...]
    projects: tuple[ProjectPlan, ...] = ()
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
        _write_project(book.create_sheet(f"项目{number}"), view, project)
    return finished_workbook(book, mark)


def _write_instructions(sheet: Worksheet, view: DepartmentWorkbookView) -> None:
    put(sheet, 1, 1, f"{view.fiscal_year}年度绩效自评工作簿", style="title")
    lines = filled("documents/workbook_help.txt.j2", view=view).splitlines()
    for row, line in enumerate([line for line in lines if line.strip()], 2):
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
    put(sheet, last + 1, 1, "合计", style="head", span=3)
    put_formula(sheet, last + 1, 4, f"=SUM(D4:D{last})")
    top = f"自评满分{trimmed(view.max_claim)}分" if view.max_claim is not None else ""
    put(sheet, last + 1, 5, top, style="fixed")
    put_formula(sheet, last + 1, 6, f"=SUM(F4:F{last})")
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


def _write_project(sheet: Worksheet, view: DepartmentWorkbookView, project: ProjectPlan) -> None:
    put(sheet, 1, 1, f"项目支出绩效自评表（{view.fiscal_year}年度）", style="title", span=11)
    named = f"{project.code}-{project.name}" if project.code else project.name
    put(sheet, 2, 1, "项目名称", style="head", span=2)
    put(sheet, 2, 3, named, style="text", span=9)
    put(sheet, 3, 1, "主管部门", style="head", span=2)
    put(sheet, 3, 3, view.department, style="text", span=4)
    put(sheet, 3, 7, "实施单位", style="head", span=2)
    put(sheet, 3, 9, None, style="input_text", span=3)
    put(sheet, 4, 1, "项目年度目标", style="head", span=2)
    put(sheet, 4, 3, project.goal or None, style="text" if project.goal else "input_text", span=4)
    put(sheet, 4, 7, "年度目标完成情况", style="head", span=2)
    put(sheet, 4, 9, None, style="input_text", span=3)
    sheet.row_dimensions[4].height = 90
    _write_budget(sheet, project)
    _write_indicators(sheet, project)
    widths(sheet, (14, 17, 26, 12, 13, 12, 13, 9, 9, 26, 22))
    lock(sheet)
    printable(sheet)


def _write_budget(sheet: Worksheet, project: ProjectPlan) -> None:
    put(sheet, 5, 1, "预算执行情况（10分）", style="head", down=6)
    for column, label in enumerate(_BUDGET_HEAD, 2):
        put(sheet, 5, column, label, style="head")
    for row, fund in enumerate(_FUNDS, 6):
        total = row == 6
        put(sheet, row, 2, fund, style="fixed")
        put(sheet, row, 3, project.budget if total else None, style="fixed" if total and project.budget else "input")
        put(
            sheet, row, 4, project.adjusted if total else None, style="fixed" if total and project.adjusted else "input"
        )
        put(sheet, row, 5, None, style="input")
        rate = put_formula(sheet, row, 6, f'=IF(OR(D{row}="",E{row}=""),"",IF(D{row}=0,"",E{row}/D{row}))')
        rate.number_format = "0.00%"
        put(sheet, row, 7, 10 if total else "/", style="fixed")
        put(sheet, row, 8, None if total else "/", style="input" if total else "fixed")
        put(sheet, row, 9, None, style="input_text")
    number_between(sheet, "C6:E10", 0, "100000000", "金额，单位万元，保留两位小数")
    number_between(sheet, "H6", 0, 10, "0至10分")


def _write_indicators(sheet: Worksheet, project: ProjectPlan) -> None:
    for column, label in enumerate(_INDICATOR_HEAD, 1):
        put(sheet, 12, column, label, style="head")
    first, last = 13, 12 + len(project.indicators) + _SPARE_ROWS
    for row in range(first, last + 1):
        plan = project.indicators[row - first] if row - first < len(project.indicators) else None
        given = (plan.level1, plan.level2, plan.level3, plan.operator, plan.target, plan.unit) if plan else ("",) * 6
        for column, text in enumerate(given, 1):
            put(sheet, row, column, text or None, style="fixed" if text else "input")
        put(sheet, row, 7, None, style="input")
        weight = plan.weight if plan else None
        put(sheet, row, 8, weight, style="fixed" if weight is not None else "input")
        put(sheet, row, 9, None, style="input")
        put(sheet, row, 10, None, style="input_text")
        put(sheet, row, 11, None, style="input_text")
    choice(sheet, f"D{first}:D{last}", OPERATORS)
    number_between(sheet, f"H{first}:I{last}", 0, 100, "权重和得分，0至100")
    put(sheet, last + 1, 1, "合计", style="head", span=7)
    put_formula(sheet, last + 1, 8, f"=SUM(H{first}:H{last})+10")
    put_formula(sheet, last + 1, 9, f"=SUM(I{first}:I{last})+N(H6)")
    put_formula(sheet, last + 1, 10, f'=IF(H{last + 1}<>100,"权重合计不是100",IF(I{last + 1}>100,"得分超过100","√"))')
    for offset, label in enumerate(("评价结论", "存在问题", "改进措施"), 2):
        put(sheet, last + offset, 1, label, style="head")
        put(sheet, last + offset, 2, None, style="input_text", span=10)
        sheet.row_dimensions[last + offset].height = 60
