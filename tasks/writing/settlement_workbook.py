"""The workbook of who settles what two reviewers differ in (复核定案表): sent with both sides, read back cell by cell.

The reviewers are called the first and the second, not by name: what counts is what they say.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.numbers import Number, plain, trimmed
from models.second_review import Entry
from models.states import ReviewSeat
from tasks.writing.fingerprint import Fingerprint
from tasks.writing.opened import UnreadableWorkbookError, opened
from tasks.writing.packing import repacked
from tasks.writing.review_cells import rows_by_rule, score_of, strays, words_of
from tasks.writing.review_layout import FIRST_ROW, HEAD_ROW, KINDS, SETTLEMENT, Settled
from tasks.writing.review_return import check_mark
from tasks.writing.review_view import ReviewLineView, ReviewPaper
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

_NOTE = (
    "下列指标两名复核人员独立评分不一致。请填写浅黄色单元格：定案得分不必取自双方之一；无论高低都须写明定案理由，"
    "低于分值的还须写明依据。双方原件不作改动，长期保存。"
)


_WIDTHS = (12, 11, 6, 8, 8, 9, 30, 9, 30, 6, 8, 30, 24, 11, 12, 36)


class SettlementLine(Frozen):
    """A line in which two reviewers differ (有分歧的指标), with what each of them said."""

    line: ReviewLineView
    first: Entry
    second: Entry


class SettlementView(ReviewPaper):
    """A settlement workbook's content (复核定案表内容). ``reviewer`` is who settles."""

    seat: ReviewSeat = ReviewSeat.SETTLING
    lines: tuple[SettlementLine, ...]


class SettlementReturn(Frozen):
    """What was decided (定案结果): rule -> (score, reason, criterion); empty with any problem."""

    lines: dict[str, tuple[Number, str | None, str | None]]
    problems: tuple[str, ...]


def write_settlement_workbook(view: SettlementView) -> bytes:
    """The workbook for who settles (复核定案表, .xlsx)."""
    mark = Fingerprint(KINDS[view.seat], view.fiscal_year, view.code, view.version)
    book = new_workbook(f"{view.fiscal_year}年度{view.department}复核定案表", view.bureau, mark)
    sheet = book.create_sheet(SETTLEMENT)
    columns = len(Settled.LABELS)
    put(sheet, 1, 1, f"{view.fiscal_year}年度部门整体支出绩效复核定案表", style="title", span=columns)
    put(sheet, 2, 1, f"部门：{view.department}（{view.code}）　定案人：{view.reviewer}", style="note", span=columns)
    put(sheet, 3, 1, _NOTE, style="note", span=columns)
    sheet.row_dimensions[1].height, sheet.row_dimensions[3].height = 30, 32
    for column, (label, help_text) in enumerate(Settled.LABELS.items(), 1):
        cell = put(sheet, HEAD_ROW, column, label, style="head")
        if help_text:
            comment(cell, help_text)
    sheet.row_dimensions[HEAD_ROW].height = 32
    for row, line in enumerate(view.lines, FIRST_ROW):
        _write_line(sheet, row, line)
    widths(sheet, _WIDTHS)
    sheet.column_dimensions[get_column_letter(Settled.RULE)].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 3)
    lock(sheet)
    printable(sheet, header_row=HEAD_ROW)
    return finished_workbook(book, mark)


def _write_line(sheet: Worksheet, row: int, found: SettlementLine) -> None:
    line, one, two = found.line, found.first, found.second
    put(sheet, row, Settled.LEVEL1, line.level1, style="fixed")
    put(sheet, row, Settled.LABEL, line.label, style="fixed")
    numbers = ((Settled.MAXIMUM, line.maximum), (Settled.SELF, line.self), (Settled.COMPUTED, line.computed),
               (Settled.FIRST, one.score), (Settled.SECOND, two.score), (Settled.GAP, abs(one.score - two.score)))  # fmt: skip
    for column, number in numbers:
        put(sheet, row, column, number, style="fixed")
    put(sheet, row, Settled.FIRST_WORDS, _words(one))
    put(sheet, row, Settled.SECOND_WORDS, _words(two))
    put(sheet, row, Settled.SCORE, None, style="input")
    for column in (Settled.REASON, Settled.CRITERION):
        put(sheet, row, column, None, style="input_text")
    score, maximum, reason, criterion = (
        f"{get_column_letter(column)}{row}"
        for column in (Settled.SCORE, Settled.MAXIMUM, Settled.REASON, Settled.CRITERION)
    )
    formula = (
        f'=IF({score}="","定案得分未填",IF(NOT(ISNUMBER({score})),"不是数字",IF(OR({score}>{maximum},{score}<0),"超出分值",'
        f'IF({reason}="","缺理由",IF(AND({score}<{maximum},{criterion}=""),"缺依据","√")))))'
    )
    put_formula(sheet, row, Settled.CHECK, formula)
    put(sheet, row, Settled.RULE, line.rule)
    rule = f"{line.criterion}\n依据：{line.citation}" if line.citation else line.criterion
    put(sheet, row, Settled.RULE_TEXT, rule)
    number_between(sheet, score, 0, plain(line.maximum), f"{line.label}：0至{trimmed(line.maximum)}分")
    shown = [(_words(one), _WIDTHS[Settled.FIRST_WORDS - 1]), (_words(two), _WIDTHS[Settled.SECOND_WORDS - 1]),
             (rule, _WIDTHS[Settled.RULE_TEXT - 1]), (line.level1, _WIDTHS[0])]  # fmt: skip
    sheet.row_dimensions[row].height = height_for(shown, least=3)


def _words(entry: Entry) -> str:
    parts = [entry.reason or "未扣分，无须说明理由"]
    return "\n".join(parts + ([f"依据：{entry.criterion}"] if entry.criterion else []))


def read_settlement_workbook(content: bytes, view: SettlementView) -> SettlementReturn:
    """Read a returned settlement workbook against what was sent (读取复核定案表). Never raises on bad content."""
    try:
        check_mark(content, view)
        book = opened(content)
        sheet = book.sheet(SETTLEMENT)
    except UnreadableWorkbookError as error:
        return SettlementReturn(lines={}, problems=(str(error),))
    problems: list[str] = []
    known = {found.line.rule: found.line.label for found in view.lines}
    rows = rows_by_rule(sheet, FIRST_ROW, Settled.RULE, known, Settled.LABEL, problems)
    strays(sheet, FIRST_ROW, Settled.SCORE, set(rows.values()), problems)
    read: dict[str, tuple[Decimal, str | None, str | None]] = {}
    for found in view.lines:
        row, line = rows.get(found.line.rule), found.line
        if row is None:
            continue
        score = score_of(book, sheet, row, Settled.SCORE, line.label, line.maximum, "定案得分", problems)
        if score is not None:
            columns = ((Settled.REASON, "定案理由", True), (Settled.CRITERION, "定案依据", score < line.maximum))
            reason, criterion = words_of(sheet, row, columns, f"“{line.label}”定案{trimmed(score)}分", problems)
            read[line.rule] = score, reason, criterion
    return SettlementReturn(lines={} if problems else read, problems=tuple(problems))


def fill_settlement_workbook(content: bytes, scores: Mapping[str, tuple[Decimal, str, str]]) -> bytes:
    """Fill in a settlement workbook as who settles would (填写复核定案表): rule -> (score, reason, criterion)."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[SETTLEMENT]
    rows = {sheet.cell(row, Settled.RULE).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    for rule, (score, reason, criterion) in scores.items():
        put(sheet, rows[rule], Settled.SCORE, score, style="input")
        put(sheet, rows[rule], Settled.REASON, reason or None, style="input_text")
        put(sheet, rows[rule], Settled.CRITERION, criterion or None, style="input_text")
    target = io.BytesIO()
    book.save(target)
    return repacked(target.getvalue())
