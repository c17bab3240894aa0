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
from tasks.writing.opened import Opened, UnreadableWorkbookError, opened, place, text_of
from tasks.writing.review_cells import points_in, rows_by_rule, score_of, strays, words_of
from tasks.writing.review_layout import (
    FIRST_ROW,
    INDICATORS,
    KINDS,
    LINES,
    SEAT_OF,
    SETTLEMENT,
    WHOLE,
    Inds,
    Lines,
    Settled,
)
from tasks.writing.review_view import ReviewLineView, ReviewPaper, ReviewWorkbookView


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
        check_mark(content, view)
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


def scores_in(content: bytes) -> dict[str, Decimal]:
    """The scores that a review or settlement workbook holds (工作簿中的得分), by rule, whatever else is wrong with it.

    Raises UnreadableWorkbookError when it cannot be opened.
    """
    book = opened(content)
    found: dict[str, Decimal] = {}
    for name, rule_column, score_column in (
        (LINES, Lines.RULE, Lines.SCORE),
        (SETTLEMENT, Settled.RULE, Settled.SCORE),
    ):
        if name not in book.values.sheetnames:
            continue
        sheet = book.sheet(name)
        for row in range(FIRST_ROW, sheet.max_row + 1):
            rule, score = text_of(sheet.cell(row, rule_column).value), points_in(book, sheet.cell(row, score_column))
            if rule and isinstance(score, Decimal):
                found[rule] = score
    return found


def check_mark(content: bytes, view: ReviewPaper) -> None:
    """Refuse a workbook that is not the one sent (核对工作簿标识). Raises UnreadableWorkbookError saying what it is."""
    text = fingerprint_of(content)
    mark = parsed_fingerprint(text) if text else None
    if mark is None or mark.kind not in SEAT_OF:
        raise UnreadableWorkbookError("文件中没有复核工作簿的标识，请使用系统发出的复核工作簿填写，不要复制到新文件。")
    if mark.kind != KINDS[view.seat]:
        raise UnreadableWorkbookError(f"这是{SEAT_OF[mark.kind].label}的工作簿，应提交{view.seat.label}的。")
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
    known = {line.rule: line.label for line in view.lines}
    rows = rows_by_rule(sheet, FIRST_ROW, Lines.RULE, known, Lines.LABEL, problems)
    strays(sheet, FIRST_ROW, Lines.SCORE, set(rows.values()), problems)
    read = {}
    for line in view.lines:
        result = _read_line(book, sheet, rows[line.rule], line, problems) if line.rule in rows else None
        if result is not None:
            read[line.rule] = result
    return read


def _read_line(
    book: Opened, sheet: Worksheet, row: int, line: ReviewLineView, problems: list[str]
) -> tuple[Decimal, str | None, str | None] | None:
    score = score_of(book, sheet, row, Lines.SCORE, line.label, line.maximum, "复核得分", problems)
    if score is None:
        return None
    deducted = score < line.maximum
    columns = ((Lines.REASON, "扣分理由", deducted), (Lines.CRITERION, "扣分依据", deducted))
    told = f"“{line.label}”复核得{trimmed(score)}分，低于分值{trimmed(line.maximum)}分"
    reason, criterion = words_of(sheet, row, columns, told, problems)
    return score, reason, criterion


def _read_indicators(
    book: Opened, sheet: Worksheet, view: ReviewWorkbookView, problems: list[str]
) -> tuple[ReviewedIndicator, ...]:
    read = []
    taken = set(range(FIRST_ROW, FIRST_ROW + len(view.indicators)))
    strays(sheet, FIRST_ROW, Inds.REVIEWED, taken, problems)
    for number, line in enumerate(view.indicators):
        row = FIRST_ROW + number
        names = ((Inds.LEVEL3, line.level3), (Inds.PROJECT, line.project or WHOLE))
        moved = [column for column, name in names if text_of(sheet.cell(row, column).value) != text_of(name)]
        if moved:
            problems.append(f"{place(sheet.cell(row, moved[0]))}：指标与发出时不一致，请恢复原来的行序。")
            return ()
        cell = sheet.cell(row, Inds.REVIEWED)
        score = points_in(book, cell)
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
