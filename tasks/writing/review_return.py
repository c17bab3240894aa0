"""A review workbook that came back (复核工作簿回收): read and checked cell by cell.

No score is blank, none lies below 0 or above the line's points, no deduction is without reason and criterion. A
deduction is a review score below the line's points. With any problem no line is taken.
"""

from __future__ import annotations

from decimal import Decimal

from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.numbers import Number, trimmed
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.opened import Opened, UnreadableWorkbookError, number_in, opened, place, text_of
from tasks.writing.review_layout import FIRST_ROW, INDICATORS, KIND, LINES, Inds, Lines
from tasks.writing.review_view import ReviewLineView, ReviewWorkbookView

_LONGEST_TEXT = 2_000


class ReviewedIndicator(Frozen):
    """A reviewed project indicator (项目指标复核). ``number`` is its position in the view's indicators, from 0."""

    number: int
    actual: str | None
    score: Number | None
    remark: str | None


class ReviewReturn(Frozen):
    """What the reviewer says (复核结果). ``lines`` maps rule to (score, reason, criterion); empty with any problem."""

    lines: dict[str, tuple[Number, str | None, str | None]]
    problems: tuple[str, ...]
    indicators: tuple[ReviewedIndicator, ...] = ()


def read_review_workbook(content: bytes, view: ReviewWorkbookView) -> ReviewReturn:
    """Read a returned workbook against what was sent (读取复核工作簿). Never raises on bad content."""
    try:
        _check_mark(content, view)
        book = opened(content)
        lines_sheet, indicators_sheet = book.sheet(LINES), book.sheet(INDICATORS)
    except UnreadableWorkbookError as error:
        return ReviewReturn(lines={}, problems=(str(error),))
    problems: list[str] = []
    lines = _read_lines(book, lines_sheet, view, problems)
    indicators = _read_indicators(book, indicators_sheet, view, problems)
    if problems:
        return ReviewReturn(lines={}, problems=tuple(problems))
    return ReviewReturn(lines=lines, problems=(), indicators=indicators)


def _check_mark(content: bytes, view: ReviewWorkbookView) -> None:
    text = fingerprint_of(content)
    mark = parsed_fingerprint(text) if text else None
    if mark is None or mark.kind != KIND:
        raise UnreadableWorkbookError("文件中没有复核工作簿的标识，请使用系统发出的复核工作簿填写，不要复制到新文件。")
    if mark.fiscal_year != view.fiscal_year:
        raise UnreadableWorkbookError(f"这是{mark.fiscal_year}年度的复核工作簿，应提交{view.fiscal_year}年度的。")
    if mark.code != view.code:
        raise UnreadableWorkbookError(
            f"这是部门编码“{mark.code}”的复核工作簿，应提交“{view.department}”（{view.code}）的。"
        )
    if mark.version != view.version:
        raise UnreadableWorkbookError(
            f"这是第{mark.version}次抽取的复核工作簿，现行的是第{view.version}次，请使用最新发出的工作簿。"
        )


def _read_lines(
    book: Opened, sheet: Worksheet, view: ReviewWorkbookView, problems: list[str]
) -> dict[str, tuple[Decimal, str | None, str | None]]:
    rows: dict[str, int] = {}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        rule = text_of(sheet.cell(row, Lines.RULE).value)
        if rule in rows:
            problems.append(f"工作表“{LINES}”第{row}行与第{rows[rule]}行是同一指标，请使用系统发出的工作簿重新填写。")
        if rule:
            rows.setdefault(rule, row)
    known = {line.rule for line in view.lines}
    strange = [row for rule, row in rows.items() if rule not in known]
    problems.extend(f"工作表“{LINES}”第{row}行不是发出时的指标，请恢复原来的行。" for row in strange)
    read = {}
    for line in view.lines:
        if line.rule not in rows:
            problems.append(f"工作表“{LINES}”缺少指标“{line.label}”所在的行，请使用系统发出的工作簿重新填写。")
            continue
        result = _read_line(book, sheet, rows[line.rule], line, problems)
        if result is not None:
            read[line.rule] = result
    return read


def _read_line(
    book: Opened, sheet: Worksheet, row: int, line: ReviewLineView, problems: list[str]
) -> tuple[Decimal, str | None, str | None] | None:
    cell = sheet.cell(row, Lines.SCORE)
    score = number_in(book, cell)
    if isinstance(score, str):
        problems.append(score)
        return None
    if score is None:
        problems.append(
            f"{place(cell)}：“{line.label}”的复核得分空白，请填写0至{trimmed(line.maximum)}分；不得分的填0。"
        )
        return None
    if not 0 <= score <= line.maximum:
        problems.append(
            f"{place(cell)}：“{line.label}”的复核得分{trimmed(score)}超出范围，请填写0至{trimmed(line.maximum)}分。"
        )
        return None
    reason, criterion = (text_of(sheet.cell(row, column).value) for column in (Lines.REASON, Lines.CRITERION))
    for column, text, name in ((Lines.REASON, reason, "扣分理由"), (Lines.CRITERION, criterion, "扣分依据")):
        where = place(sheet.cell(row, column))
        if score < line.maximum and not text:
            problems.append(
                f"{where}：“{line.label}”复核得{trimmed(score)}分，低于分值{trimmed(line.maximum)}分，请写明{name}。"
            )
        if len(text) > _LONGEST_TEXT:
            problems.append(f"{where}：{name}超过{_LONGEST_TEXT}字，请缩短。")
    return score, reason or None, criterion or None


def _read_indicators(
    book: Opened, sheet: Worksheet, view: ReviewWorkbookView, problems: list[str]
) -> tuple[ReviewedIndicator, ...]:
    read = []
    for number, line in enumerate(view.indicators):
        row = FIRST_ROW + number
        if text_of(sheet.cell(row, Inds.LEVEL3).value) != text_of(line.level3):
            problems.append(f"{place(sheet.cell(row, Inds.LEVEL3))}：指标与发出时不一致，请恢复原来的行序。")
            return ()
        cell = sheet.cell(row, Inds.REVIEWED)
        score = number_in(book, cell)
        remark = text_of(sheet.cell(row, Inds.REMARK).value)
        if isinstance(score, str):
            problems.append(score)
            continue
        if score is not None and (score < 0 or (line.weight is not None and score > line.weight)):
            top = f"至{trimmed(line.weight)}" if line.weight is not None else "以上"
            problems.append(f"{place(cell)}：复核得分{trimmed(score)}超出范围，请填写0{top}分。")
            continue
        if score is not None and line.score is not None and score < line.score and not remark:
            problems.append(
                f"{place(sheet.cell(row, Inds.REMARK))}：复核得分{trimmed(score)}低于自评得分"
                f"{trimmed(line.score)}，请在备注中说明原因。"
            )
            continue
        actual = text_of(sheet.cell(row, Inds.REVIEWED_ACTUAL).value)
        read.append(ReviewedIndicator(number=number, actual=actual or None, score=score, remark=remark or None))
    return tuple(read)
