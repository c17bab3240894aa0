"""The reviewer's workbook (复核工作簿): three sheets that go out. What comes back is read by ``review_return``."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.facts import Finding, Severity
from models.numbers import plain, trimmed
from tasks.writing.findings_workbook import computed_label
from tasks.writing.fingerprint import Fingerprint
from tasks.writing.packing import repacked
from tasks.writing.review_layout import (
    FINDINGS,
    FIRST_ROW,
    HEAD_ROW,
    INDICATORS,
    KINDS,
    LINES,
    WHOLE,
    Finds,
    Inds,
    Lines,
)
from tasks.writing.review_return import ReviewReturn, read_review_workbook
from tasks.writing.review_view import ReviewLineView, ReviewWorkbookView, review_view
from tasks.writing.sheets import (
    comment,
    finished_workbook,
    height_for,
    lock,
    new_workbook,
    number_between,
    printable,
    put,
    put_formula,
    widths,
)

__all__ = [
    "ReviewLineView",
    "ReviewReturn",
    "ReviewWorkbookView",
    "fill_review_workbook",
    "read_review_workbook",
    "review_mark",
    "review_view",
    "write_review_workbook",
]

_NOTE = (
    "请填写浅黄色单元格。复核得分不得空白，不得高于分值或低于0；低于分值的，须写明扣分理由和扣分依据。"
    "佐证材料缺失、指标与项目无关、无法核实等情形的处理，请在扣分理由中写清。"
)
_NOTE_INDICATORS = (
    "本表供逐项核对项目绩效指标，为“复核评分”提供依据。请填写浅黄色单元格：复核得分不得高于权重，"
    "低于自评得分的须在备注中写明原因；没有核对的指标留空。"
)
_NOTE_FINDINGS = "请在最后一栏写明核实结果；经核实不成立的，写明理由。疑点本身不扣分。"
_SEVERITY = {
    Severity.ERROR: "矛盾",
    Severity.QUESTION: "存疑",
    Severity.INFORMATION: "提示",
    Severity.CONFIRMED: "核对无误",
}


def review_mark(view: ReviewWorkbookView) -> Fingerprint:
    """The mark of one review workbook (复核工作簿标识)."""
    return Fingerprint(KINDS[view.seat], view.fiscal_year, view.code, view.version)


def write_review_workbook(view: ReviewWorkbookView) -> bytes:
    """The workbook for one drawn department (复核工作簿, .xlsx), pre-filled with claims, computed values and findings."""
    mark = review_mark(view)
    book = new_workbook(f"{view.fiscal_year}年度{view.department}复核工作簿", view.bureau, mark)
    _write_lines(book.create_sheet(LINES), view)
    _write_indicators(book.create_sheet(INDICATORS), view)
    _write_findings(book.create_sheet(FINDINGS), view)
    return finished_workbook(book, mark)


def _head(sheet: Worksheet, title: str, subtitle: str, labels: Mapping[str, str], columns: int, note: str) -> None:
    put(sheet, 1, 1, title, style="title", span=columns)
    put(sheet, 2, 1, subtitle, style="note", span=columns)
    put(sheet, 3, 1, note, style="note", span=columns)
    sheet.row_dimensions[1].height, sheet.row_dimensions[3].height = 30, 32
    for column, (label, help_text) in enumerate(labels.items(), 1):
        cell = put(sheet, HEAD_ROW, column, label, style="head")
        if help_text:
            comment(cell, help_text)
    sheet.row_dimensions[HEAD_ROW].height = 30


def _write_lines(sheet: Worksheet, view: ReviewWorkbookView) -> None:
    self_total = trimmed(view.self_total) if view.self_total is not None else "未写明"
    subtitle = f"部门：{view.department}（{view.code}）　自评总分：{self_total}　{view.seat.label}：{view.reviewer}"
    _head(sheet, f"{view.fiscal_year}年度部门整体支出绩效复核评分表", subtitle, Lines.LABELS, len(Lines.LABELS), _NOTE)
    for row, line in enumerate(view.lines, FIRST_ROW):
        texts = ((Lines.LEVEL1, line.level1), (Lines.LEVEL2, line.level2), (Lines.LABEL, line.label))
        for column, text in texts:
            put(sheet, row, column, text, style="fixed")
        for column, number in ((Lines.MAXIMUM, line.maximum), (Lines.SELF, line.self), (Lines.COMPUTED, line.computed)):
            put(sheet, row, column, number, style="fixed")
        put(sheet, row, Lines.SCORE, None, style="input")
        for column in (Lines.REASON, Lines.CRITERION, Lines.REMARK):
            put(sheet, row, column, None, style="input_text")
        put_formula(sheet, row, Lines.CHECK, _check_formula(row))
        put(sheet, row, Lines.WORKING, line.working)
        put(sheet, row, Lines.RULE_TEXT, _criterion(line))
        put(sheet, row, Lines.RULE, line.rule)
        number_between(
            sheet,
            f"{get_column_letter(Lines.SCORE)}{row}",
            0,
            plain(line.maximum),
            f"{line.label}：0至{trimmed(line.maximum)}分",
        )
        shown = ((line.working, 40), (_criterion(line), 44), (line.level1, 13), (line.level2, 13))
        sheet.row_dimensions[row].height = height_for(shown)
    last = FIRST_ROW + len(view.lines) - 1
    put(sheet, last + 1, 1, "合计", style="head", span=3)
    for column in (Lines.MAXIMUM, Lines.SELF, Lines.COMPUTED, Lines.SCORE):
        letter = get_column_letter(column)
        put_formula(sheet, last + 1, column, f"=SUM({letter}{FIRST_ROW}:{letter}{last})")
    widths(sheet, (13, 13, 11, 7, 9, 9, 10, 30, 26, 16, 12, 40, 13, 44))
    sheet.column_dimensions["M"].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 4)
    lock(sheet)
    printable(sheet, header_row=HEAD_ROW)


def _criterion(line: ReviewLineView) -> str:
    return f"{line.criterion}\n依据：{line.citation}" if line.citation else line.criterion


def _check_formula(row: int) -> str:
    return (
        f'=IF(G{row}="","复核得分未填",IF(NOT(ISNUMBER(G{row})),"不是数字",IF(OR(G{row}>D{row},G{row}<0),"超出分值",'
        f'IF(AND(G{row}<D{row},OR(H{row}="",I{row}="")),"缺理由或依据","√"))))'
    )


def _write_indicators(sheet: Worksheet, view: ReviewWorkbookView) -> None:
    subtitle = f"部门：{view.department}（{view.code}）　项目绩效指标逐项复核；偏离度＝｜自评得分－复核得分｜÷复核得分"
    _head(sheet, f"{view.fiscal_year}年度项目绩效指标复核表", subtitle, Inds.LABELS, len(Inds.LABELS), _NOTE_INDICATORS)
    for row, line in enumerate(view.indicators, FIRST_ROW):
        texts = (
            line.project or WHOLE,
            line.level1,
            line.level2,
            line.level3,
            "定性" if line.operator == "text" else line.operator,
            trimmed(line.target) if line.target is not None else line.target_text,
            line.unit,
        )
        for column, text in enumerate(texts, 1):
            put(sheet, row, column, text or "")
        put(sheet, row, Inds.WEIGHT, line.weight, style="fixed")
        actual = trimmed(line.actual) if line.actual is not None else line.actual_text
        put(sheet, row, Inds.ACTUAL, actual or "", style="fixed")
        put(sheet, row, Inds.SELF, line.score, style="fixed")
        put(sheet, row, Inds.REVIEWED_ACTUAL, None, style="input_text")
        put(sheet, row, Inds.REVIEWED, None, style="input")
        formula = f'=IF(OR(J{row}="",L{row}=""),"",IF(L{row}=0,IF(J{row}=0,0,"—"),ABS(J{row}-L{row})/L{row}))'
        put_formula(sheet, row, Inds.DEVIATION, formula).number_format = "0.00%"
        put(sheet, row, Inds.REMARK, None, style="input_text")
        put(sheet, row, Inds.PLACE, line.source.spoken())
    widths(sheet, (24, 11, 13, 26, 9, 11, 9, 8, 13, 9, 13, 10, 10, 26, 22))
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 5)
    lock(sheet)
    printable(sheet, header_row=HEAD_ROW)


def _write_findings(sheet: Worksheet, view: ReviewWorkbookView) -> None:
    subtitle = f"部门：{view.department}（{view.code}）　程序核对发现的情况，供复核参考；请在最后一栏写明核实结果"
    _head(sheet, f"{view.fiscal_year}年度自评材料疑点清单", subtitle, Finds.LABELS, len(Finds.LABELS), _NOTE_FINDINGS)
    order = list(_SEVERITY)
    for row, finding in enumerate(sorted(view.findings, key=lambda found: order.index(found.severity)), FIRST_ROW):
        put(sheet, row, Finds.NUMBER, row - FIRST_ROW + 1, style="fixed")
        put(sheet, row, Finds.SEVERITY, _SEVERITY[finding.severity], style="fixed")
        put(sheet, row, Finds.MESSAGE, finding.message)
        put(sheet, row, Finds.QUOTES, _quotes(finding))
        put(
            sheet,
            row,
            Finds.COMPUTED,
            "；".join(f"{computed_label(name)}：{value}" for name, value in finding.computed.items()),
        )
        put(sheet, row, Finds.VERDICT, None, style="input_text")
        sheet.row_dimensions[row].height = height_for(((finding.message, 50), (_quotes(finding), 60)))
    if not view.findings:
        put(sheet, FIRST_ROW, 1, "程序核对未发现疑点。", style="note", span=len(Finds.LABELS))
    widths(sheet, (7, 11, 50, 60, 24, 36))
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 1)
    lock(sheet)
    printable(sheet, header_row=HEAD_ROW)


def _quotes(finding: Finding) -> str:
    return "\n".join(f"“{place.quote}”（{place.source.spoken() or '位置未知'}）" for place in finding.places)


def fill_review_workbook(content: bytes, scores: Mapping[str, tuple[Decimal, str, str]]) -> bytes:
    """Fill in a review workbook as a reviewer would (填写复核工作簿): rule -> (score, reason, criterion).

    For the practice year's reviewer. Raises KeyError for a rule the workbook does not have.
    """
    book = load_workbook(io.BytesIO(content))
    sheet = book[LINES]
    rows = {sheet.cell(row, Lines.RULE).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    for rule, (score, reason, criterion) in scores.items():
        row = rows[rule]
        put(sheet, row, Lines.SCORE, score, style="input")
        put(sheet, row, Lines.REASON, reason or None, style="input_text")
        put(sheet, row, Lines.CRITERION, criterion or None, style="input_text")
    target = io.BytesIO()
    book.save(target)
    return repacked(target.getvalue())
