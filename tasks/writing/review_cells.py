"""The cells a reviewer fills in (复核填写项): points, reason and criterion, each read or refused with its place."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from models.numbers import trimmed
from tasks.writing.opened import Opened, number_in, place, text_of

LONGEST_TEXT = 2_000
_PLACES = 2
_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,8})?")
_COMMA = re.compile(r"-?\d+,\d+")
_FILLER = re.compile(r"[\W_]+")


def points_in(book: Opened, cell: Cell) -> Decimal | str | None:
    """The points in a cell (得分): a Decimal, None when blank, or the sentence that says why it is none.

    Other programs keep what is typed into a cell as text: plain digits are taken, full-width ones too (８．５). A comma
    may part decimals or thousands, so it is asked about, never guessed.
    """
    value = cell.value
    if not isinstance(value, str) or not value.strip() or book.uncomputed(cell):
        return number_in(book, cell)
    text = unicodedata.normalize("NFKC", value).strip().lstrip("'").removesuffix("分").strip()
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if _COMMA.fullmatch(text):
        return f"{place(cell)}：“{text_of(value)[:40]}”中有逗号，小数点请用“.”书写（如8.5），请重新填写。"
    return number_in(book, cell)


def score_of(
    book: Opened, sheet: Worksheet, row: int, column: int, label: str, maximum: Decimal, name: str, problems: list[str]
) -> Decimal | None:
    """The score of a line (逐项得分), from 0 to its maximum with at most two decimals; None with a problem added."""
    cell = sheet.cell(row, column)
    score = points_in(book, cell)
    if isinstance(score, str):
        problems.append(score)
    elif score is None:
        problems.append(f"{place(cell)}：“{label}”的{name}空白，请填写0至{trimmed(maximum)}分；不得分的填0。")
    elif not 0 <= score <= maximum:
        problems.append(f"{place(cell)}：“{label}”的{name}{trimmed(score)}超出范围，请填写0至{trimmed(maximum)}分。")
    elif score != round(score, _PLACES):
        problems.append(f"{place(cell)}：“{label}”的{name}{trimmed(score)}多于两位小数，请保留两位以内。")
    else:
        return score
    return None


def words_of(
    sheet: Worksheet, row: int, columns: tuple[tuple[int, str, bool], ...], told: str, problems: list[str]
) -> list[str | None]:
    """Texts of a row (理由、依据): each column with its name and whether it must be there; problems are added.

    ``told`` says in a problem why the text is needed. Dashes and dots alone say nothing.
    """
    found: list[str | None] = []
    for column, name, needed in columns:
        text = text_of(sheet.cell(row, column).value)
        where = place(sheet.cell(row, column))
        if needed and not _FILLER.sub("", text):
            problems.append(f"{where}：{told}，请写明{name}。")
        if len(text) > LONGEST_TEXT:
            problems.append(f"{where}：{name}超过{LONGEST_TEXT}字，请缩短。")
        found.append(text or None)
    return found


def rows_by_rule(
    sheet: Worksheet, first: int, column: int, known: dict[str, str], label_column: int, problems: list[str]
) -> dict[str, int]:
    """Where each line stands now (指标所在行), by its hidden rule id; ``known`` maps ids to labels.

    Rows may have been sorted. A line twice, missing, unknown, or beside another line's id is a problem, as is a score in
    a row of no line.
    """
    name = sheet.title
    rows: dict[str, int] = {}
    for row in range(first, sheet.max_row + 1):
        rule = text_of(sheet.cell(row, column).value)
        if not rule:
            continue
        label = text_of(sheet.cell(row, label_column).value)
        if rule in rows:
            problems.append(f"工作表“{name}”第{row}行与第{rows[rule]}行是同一指标，请使用系统发出的工作簿重新填写。")
        elif rule not in known:
            problems.append(f"工作表“{name}”第{row}行不是发出时的指标，请恢复原来的行。")
        elif label != text_of(known[rule]):
            problems.append(
                f"工作表“{name}”第{row}行的指标名称“{label[:40]}”与发出时的“{known[rule]}”不一致，行可能错位，"
                "请使用系统发出的工作簿重新填写。"
            )
        rows.setdefault(rule, row)
    problems.extend(
        f"工作表“{name}”缺少指标“{label}”所在的行，请使用系统发出的工作簿重新填写。"
        for rule, label in known.items()
        if rule not in rows
    )
    return rows


def strays(sheet: Worksheet, first: int, column: int, taken: set[int], problems: list[str]) -> None:
    """Points that somebody typed into a row of their own (多出的得分) belong to no line and are never dropped in silence."""
    for row in range(first, sheet.max_row + 1):
        if row in taken or text_of(sheet.cell(row, 1).value) == "合计":
            continue
        text = text_of(sheet.cell(row, column).value)
        if text:
            problems.append(
                f"{place(sheet.cell(row, column))}：填有“{text[:40]}”，但该行不是发出时的指标，请删除该行或填到对应的指标。"
            )
