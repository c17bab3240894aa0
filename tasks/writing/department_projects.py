"""The project sheets of a department's workbook (项目支出绩效自评表): what was approved is locked, what was done is open."""

from __future__ import annotations

from decimal import Decimal

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from models.approved import SIGNS, ApprovedIndicator, ApprovedProject
from models.facts import Operator
from models.numbers import trimmed
from tasks.writing.sheets import choice, comment, lock, number_between, printable, put, put_formula, widths

EXECUTION_WEIGHT = Decimal(10)
FULL_WEIGHT = Decimal(100)
_HEAD = (
    "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分", "未完成原因分析", "佐证材料", "检查",
)  # fmt: skip
_BUDGET_HEAD = ("年度预算数（万元）", "年初预算", "调整后预算数", "预算执行数", "预算执行率", "权重", "得分", "原因")
_FUNDS = ("总额", "其中：财政资金", "财政专户管理资金", "单位资金", "其他资金")
_COLUMNS = len(_HEAD)
_HEAD_ROW = 12
_REASON_SPAN = 3
# Two lines, so that a reason stays legible in programs that do not fit the height by themselves.
_LINE_HEIGHT = 32
# Rows to fill in where the bureau has no approved indicators; where it has, the approved ones are all there are.
_OPEN_ROWS = 10
_MOST_MONEY = "100000000"


def write_project(sheet: Worksheet, fiscal_year: int, department: str, project: ApprovedProject) -> None:
    """One project's form (填写一个项目的自评表)."""
    put(sheet, 1, 1, f"项目支出绩效自评表（{fiscal_year}年度）", style="title", span=_COLUMNS)
    put(sheet, 2, 1, "项目名称", style="head", span=2)
    put(sheet, 2, 3, project.name, style="text", span=6)
    # A cell of its own: before the name, a code of an unusual kind would be read as part of it.
    put(sheet, 2, 9, "项目编码", style="head", span=2)
    put(sheet, 2, 11, project.code or None, style="text" if project.code else "input_text", span=2)
    put(sheet, 3, 1, "主管部门", style="head", span=2)
    put(sheet, 3, 3, department, style="text", span=4)
    put(sheet, 3, 7, "实施单位", style="head", span=2)
    put(sheet, 3, 9, None, style="input_text", span=_COLUMNS - 8)
    put(sheet, 4, 1, "项目年度目标", style="head", span=2)
    put(sheet, 4, 3, project.goal or None, style="text" if project.goal else "input_text", span=4)
    put(sheet, 4, 7, "年度目标完成情况", style="head", span=2)
    put(sheet, 4, 9, None, style="input_text", span=_COLUMNS - 8)
    sheet.row_dimensions[4].height = max(60, 16 * (1 + len(project.goal) // 30))
    counted = _execution_weight(project)
    _write_budget(sheet, project, counted)
    _write_indicators(sheet, project, counted)
    widths(sheet, (14, 17, 26, 12, 13, 12, 13, 9, 9, 26, 22, 16))
    lock(sheet)
    printable(sheet)


def _execution_weight(project: ApprovedProject) -> Decimal | None:
    """The points for budget execution (预算执行权重); None where the approved weights fill the 100 points already."""
    weight = project.weight
    return None if weight is not None and weight >= FULL_WEIGHT else EXECUTION_WEIGHT


def _write_budget(sheet: Worksheet, project: ApprovedProject, counted: Decimal | None) -> None:
    title = f"预算执行情况（{trimmed(counted)}分）" if counted is not None else "预算执行情况（不计分）"
    put(sheet, 5, 1, title, style="head", down=6)
    for column, label in enumerate(_BUDGET_HEAD, 2):
        put(sheet, 5, column, label, style="head", span=_REASON_SPAN if label == "原因" else 1)
    put(sheet, 5, _COLUMNS, "检查", style="head")
    comment(sheet["D5"], "没有调整的，填年初预算数。")
    for row, fund in enumerate(_FUNDS, 6):
        sheet.row_dimensions[row].height = 20
        total = row == 6
        put(sheet, row, 2, fund, style="fixed")
        known = project.budget if total else None
        put(sheet, row, 3, known, style="fixed" if known is not None else "input")
        put(sheet, row, 4, None, style="input")
        put(sheet, row, 5, None, style="input")
        for column in (3, 4, 5):
            sheet.cell(row, column).number_format = "0.00"
        rate = put_formula(sheet, row, 6, f'=IF(OR(D{row}="",E{row}=""),"",IF(D{row}=0,"",E{row}/D{row}))')
        rate.number_format = "0.00%"
        scored = total and counted is not None
        put(sheet, row, 7, counted if scored else "/", style="fixed")
        put(sheet, row, 8, None if scored else "/", style="input" if scored else "fixed")
        put(sheet, row, 9, None, style="input_text", span=_REASON_SPAN)
        put(sheet, row, _COLUMNS, None, style="fixed")
    missing = 'IF(C6="","未填年初预算",IF(D6="","未填调整后预算数",IF(E6="","未填预算执行数",'
    scored_check = 'IF(H6="","未填得分",IF(H6>G6,"得分超过权重","√"))' if counted is not None else '"√"'
    put_formula(sheet, 6, _COLUMNS, f"={missing}{scored_check})))")
    put_formula(
        sheet,
        7,
        _COLUMNS,
        '=IF(AND(COUNT(E7:E10)>0,COUNT(E6)=1,ABS(SUM(E7:E10)-E6)>0.02),"各项执行数之和不等于总额","")',
    )
    number_between(sheet, "C6:E10", 0, _MOST_MONEY, "金额，单位万元，保留两位小数")
    if counted is not None:
        number_between(sheet, "H6", 0, trimmed(counted), f"0至{trimmed(counted)}分")
    redden(sheet, "L6:L10")


def _write_indicators(sheet: Worksheet, project: ApprovedProject, counted: Decimal | None) -> None:
    for column, label in enumerate(_HEAD, 1):
        put(sheet, _HEAD_ROW, column, label, style="head")
    first = _HEAD_ROW + 1
    plans: list[ApprovedIndicator | None] = [*project.indicators] or [None] * _OPEN_ROWS
    for row, plan in enumerate(plans, first):
        _write_line(sheet, row, plan)
        sheet.row_dimensions[row].height = _LINE_HEIGHT
    last = first + len(plans) - 1
    if not project.indicators:
        choice(sheet, f"D{first}:D{last}", tuple(SIGNS))
    number_between(sheet, f"H{first}:I{last}", 0, 100, "权重和得分，0至100；得分不超过权重")
    redden(sheet, f"L{first}:L{last + 1}")
    more = f"+{trimmed(counted)}" if counted is not None else ""
    expected = (project.weight or Decimal(90)) + (counted or 0)
    put(sheet, last + 1, 1, "合计", style="head", span=7)
    put_formula(sheet, last + 1, 8, f"=SUM(H{first}:H{last}){more}")
    executed = "+N(H6)" if counted is not None else ""
    # A form that nobody has scored has no score; it is not zero.
    put_formula(sheet, last + 1, 9, f'=IF(COUNT(I{first}:I{last})=0,"",SUM(I{first}:I{last}){executed})')
    put(sheet, last + 1, 10, None, style="fixed", span=2)
    total = trimmed(expected)
    put_formula(
        sheet,
        last + 1,
        _COLUMNS,
        f'=IF(H{last + 1}<>{total},"权重合计不是{total}",IF(I{last + 1}="","未填得分",IF(I{last + 1}>{total},"得分超过{total}","√")))',
    )
    for offset, label in enumerate(("评价结论", "存在问题", "改进措施"), 2):
        put(sheet, last + offset, 1, label, style="head")
        put(sheet, last + offset, 2, None, style="input_text", span=_COLUMNS - 1)
        sheet.row_dimensions[last + offset].height = 60


def _write_line(sheet: Worksheet, row: int, plan: ApprovedIndicator | None) -> None:
    """One indicator (一行指标): approved values are locked, an absent weight stays open."""
    given = _printed(plan) if plan is not None else (None,) * 6
    for column, value in enumerate(given, 1):
        put(sheet, row, column, value, style="input" if plan is None else "fixed")
    put(sheet, row, 7, None, style="input")
    weight = plan.weight if plan is not None else None
    put(sheet, row, 8, weight, style="fixed" if weight is not None else "input")
    put(sheet, row, 9, None, style="input")
    put(sheet, row, 10, None, style="input_text")
    put(sheet, row, 11, None, style="input_text")
    put_formula(sheet, row, _COLUMNS, _line_check(row))


def _printed(plan: ApprovedIndicator) -> tuple[str | Decimal | None, ...]:
    target = plan.target if plan.operator is Operator.TEXT else Decimal(plan.target)
    return plan.level1, plan.level2, plan.name, plan.sign, target, plan.unit or None


def _line_check(row: int) -> str:
    """The check of one line (检查公式): complete, within its weight, a reason where the target was missed or far exceeded."""
    target, done = f"E{row}", f"G{row}"
    sign = f"D{row}"
    missed = (
        f'OR(AND({sign}="≥",{done}<{target}),AND({sign}="=",{done}<{target}),AND({sign}=">",{done}<={target}),'
        f'AND({sign}="≤",{done}>{target}),AND({sign}="<",{done}>={target}))'
    )
    # A percentage cannot mean much more than its target, so only other units are asked about.
    exceeded = f'AND(OR({sign}="≥",{sign}="=",{sign}=">"),F{row}<>"%",{done}>{target}*1.3)'
    reasoned = (
        f'IF(J{row}<>"","√",IF(NOT(AND(ISNUMBER({done}),ISNUMBER({target}))),"√",'
        f'IF({missed},"未达目标，请写原因",IF({exceeded},"超出30%，请写原因","√"))))'
    )
    scored = (
        f'IF(H{row}="","未填权重",IF(I{row}="","未填得分",IF(NOT(ISNUMBER(I{row})),"得分不是数字",'
        f'IF(I{row}>H{row},"得分超过权重",{reasoned}))))'
    )
    return f'=IF(C{row}="","",IF({done}="","未填完成值",{scored}))'


def redden(sheet: Worksheet, cells: str) -> None:
    """Show what a check found in red (检查未通过标红)."""
    sheet.conditional_formatting.add(cells, CellIsRule(operator="notEqual", formula=['"√"'], font=Font(color="C00000")))
