"""The findings workbook for staff (疑点清单): a sheet for each severity, with filters, both sides and what was computed."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook

from models.checks import title_of
from models.document import Frozen
from models.facts import Finding, Severity
from tasks.writing.sheets import finished_workbook, new_workbook, printable, put, widths

# In the order in which staff should work through them.
SHEETS: dict[Severity, str] = {
    Severity.ERROR: "前后不一致",
    Severity.QUESTION: "需要判断",
    Severity.INFORMATION: "供参考",
    Severity.CONFIRMED: "核对相符",
}
HEAD = (
    "疑点编号",
    "部门编码",
    "部门名称",
    "核对项目",
    "核对代码",
    "说明",
    "引文一",
    "出处一",
    "引文二",
    "出处二",
    "其他出处",
    "计算结果",
    "处理",
    "排除人",
    "排除理由",
)
_WIDTHS = (9, 10, 22, 16, 18, 52, 34, 18, 34, 18, 40, 24, 8, 10, 28)
_NOTE = "“疑点编号”用于办理“排除疑点”。已排除的疑点不告知部门，不进入复核工作簿，不计入风险权重和整改事项。"
_TITLE_ROW, _NOTE_ROW, _HEAD_ROW, _FIRST_ROW = 1, 2, 3, 4
# Characters that fit a line of the columns that grow longest.
_LINE = {6: 26, 7: 17, 9: 17, 11: 20, 15: 14}
# The columns that print on the first of two pages.
_FIRST_PAGE = 7
_LINE_HEIGHT, _MOST_LINES = 14, 28
# How computed values are called where the check names them only for machines.
COMPUTED: dict[str, str] = {
    "absent": "缺少的",
    "actual": "完成值",
    "adjusted_column": "调整列",
    "all": "全部个数",
    "amount": "金额",
    "announced": "所述个数",
    "carry_over": "结转",
    "cells": "单元格数",
    "change": "变动额",
    "change_percent": "变动（%）",
    "claimed": "自评得分",
    "claims": "自评合计",
    "completed": "已完成个数",
    "computed": "计算值",
    "current": "本年数",
    "difference": "差额",
    "equal": "相同个数",
    "executed": "执行数",
    "executed_of_initial": "执行数占年初预算（%）",
    "expected": "应为",
    "first": "一处",
    "implied_quantity": "折算数量",
    "income": "收入",
    "last_report": "上年报告",
    "lines": "项数",
    "listed": "所列个数",
    "met": "完成个数",
    "on_basis": "按所述基数（%）",
    "on_current": "以本年为基数（%）",
    "on_previous": "以上年为基数（%）",
    "outlay": "支出",
    "percent_of_target": "占指标值（%）",
    "possible": "最高可得",
    "printed": "所列数",
    "projects": "项目数",
    "proportional_score": "按比例得分",
    "rate": "比率（%）",
    "repeated": "重复次数",
    "score": "得分",
    "second": "另一处",
    "share": "比例（%）",
    "shared": "相同个数",
    "stated": "所述数",
    "sum": "各项合计",
    "sum_of_both_sides": "两边合计",
    "sum_with": "含此项合计",
    "sum_without": "不含此项合计",
    "target": "指标值",
    "this_report": "本年报告",
    "told_budget": "所述预算数",
    "told_executed": "所述执行数",
    "total": "所列合计",
    "yearly": "折合每年",
}


class FindingRow(Frozen):
    """One finding of one department (疑点清单的一行). ``id`` is the number staff quote when they dismiss it."""

    id: int
    code: str
    department: str
    finding: Finding
    dismissed_by: str | None = None
    dismissed_because: str | None = None


def write_findings_workbook(rows: Sequence[FindingRow], *, fiscal_year: int, bureau: str) -> bytes:
    """All findings of a year (疑点清单, .xlsx), those that stand before those dismissed, by department within."""
    title = f"{fiscal_year}年度自评材料疑点清单"
    book = new_workbook(title, bureau)
    for severity, name in SHEETS.items():
        chosen = [row for row in rows if row.finding.severity is severity]
        _sheet(
            book, name, f"{title}（{name}）", sorted(chosen, key=lambda r: (r.dismissed_by is not None, r.code, r.id))
        )
    return finished_workbook(book)


def _sheet(book: Workbook, name: str, title: str, rows: Sequence[FindingRow]) -> None:
    sheet = book.create_sheet(name)
    put(sheet, _TITLE_ROW, 1, title, style="title", span=_FIRST_PAGE)
    sheet.row_dimensions[_TITLE_ROW].height = 30
    put(sheet, _NOTE_ROW, 1, _NOTE if rows else "没有这一类疑点。", style="note", span=_FIRST_PAGE)
    for column, label in enumerate(HEAD, 1):
        put(sheet, _HEAD_ROW, column, label, style="head")
    for number, row in enumerate(rows, _FIRST_ROW):
        cells = cells_of(row)
        for column, value in enumerate(cells, 1):
            put(sheet, number, column, value, style="number" if column in (1, 2, 13) else "text")
        lines = max(1 + len(str(cells[column - 1] or "")) // fits for column, fits in _LINE.items())
        sheet.row_dimensions[number].height = 8 + _LINE_HEIGHT * min(lines, _MOST_LINES)
    widths(sheet, _WIDTHS)
    sheet.freeze_panes = f"D{_FIRST_ROW}"
    sheet.auto_filter.ref = f"A{_HEAD_ROW}:O{_HEAD_ROW + len(rows)}"
    printable(sheet, header_row=_HEAD_ROW, pages_wide=2)


def cells_of(row: FindingRow) -> tuple[str | int | None, ...]:
    """A finding as the cells under ``HEAD`` (疑点的各列)."""
    finding = row.finding
    sides: list[str | None] = []
    for place in finding.places[:2]:
        sides += [place.quote, place.source.spoken() or None]
    sides += [None] * (4 - len(sides))
    more = "\n".join(f"{p.source.spoken()}：{p.quote}" for p in finding.places[2:])
    computed = "\n".join(f"{computed_label(name)}：{value}" for name, value in finding.computed.items())
    return (
        row.id,
        row.code,
        row.department,
        title_of(finding.code),
        finding.code,
        finding.message,
        *sides,
        more or None,
        computed or None,
        "已排除" if row.dismissed_by else "成立",
        row.dismissed_by,
        row.dismissed_because,
    )


def computed_label(name: str) -> str:
    """The name of a computed value for staff (计算结果名称); a numbered one keeps its number, an unknown one its own name."""
    base, _, number = name.rpartition("_")
    if number.isdigit() and base in COMPUTED:
        return f"{COMPUTED[base]}{number}"
    return COMPUTED.get(name, name)
