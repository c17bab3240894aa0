"""A review sheet that came back (审读表回收): read and checked cell by cell; every broken cell is named.

With any problem nothing is taken. A row without a corrected value is no correction.
"""

from __future__ import annotations

from decimal import Decimal

from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from models.correctable import Fact
from models.correction_entry import WITHDRAW, Entry, entered, misfit
from models.document import Frozen
from models.numbers import trimmed
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.opened import Opened, UnreadableWorkbookError, blank, number_in, opened, place, text_of
from tasks.writing.reading_sheet import FIRST_ROW, KIND, SHEET, Columns, ReadingSheetView
from tasks.writing.word_text import clean

_LONGEST_REASON, _LONGEST_NAME = 500, 40
_COMPARED = 200


class ReadingReturn(Frozen):
    """What a person corrected (更正内容); ``entries`` is empty with any problem."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


def read_reading_sheet(content: bytes, view: ReadingSheetView) -> ReadingReturn:
    """Read a review sheet against what was written (读取审读表). Never raises on bad content."""
    try:
        _check_mark(content, view)
        book = opened(content)
        sheet = book.sheet(SHEET)
    except UnreadableWorkbookError as error:
        return ReadingReturn(entries=(), problems=(str(error),))
    problems: list[str] = []
    facts = {row.fact.path: row.fact for row in view.rows}
    entries: dict[str, tuple[Cell, Entry]] = {}
    seen: dict[str, int] = {}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        path = text_of(sheet.cell(row, Columns.PATH).value)
        if not path and not _filled(sheet, row):
            continue
        fact = _fact(sheet, row, path, facts, seen, problems)
        entry = _entry(book, sheet, row, fact, problems) if fact is not None else None
        if entry is not None:
            entries[path] = (sheet.cell(row, Columns.CORRECTED), entry)
    current = view.current | {path: entry.value for path, (_, entry) in entries.items() if not entry.withdrawn}
    for path, (cell, entry) in entries.items():
        problem = None if entry.withdrawn else misfit(facts[path], entry.value, current)
        if not entry.withdrawn and path not in view.current:
            problem = f"现在的材料中已没有这一处，只能填{WITHDRAW}撤销原更正。"
        if problem:
            problems.append(f"{place(cell)}：{facts[path].label}：{problem}")
    if problems:
        return ReadingReturn(entries=(), problems=tuple(problems))
    return ReadingReturn(entries=tuple(entry for _, entry in entries.values()), problems=())


def _check_mark(content: bytes, view: ReadingSheetView) -> None:
    mark = parsed_fingerprint(fingerprint_of(content) or "")
    if mark is None or mark.kind != KIND:
        raise UnreadableWorkbookError("文件中没有审读表的标识，请使用系统生成的审读表填写，不要复制到新文件。")
    if mark.fiscal_year != view.fiscal_year:
        raise UnreadableWorkbookError(f"这是{mark.fiscal_year}年度的审读表，应提交{view.fiscal_year}年度的。")
    if mark.code != view.code:
        raise UnreadableWorkbookError(
            f"这是部门编码“{clean(mark.code)}”的审读表，应提交“{view.department}”（{view.code}）的。"
        )
    if mark.version != view.version:
        raise UnreadableWorkbookError(
            f"这是第{mark.version}版材料的审读表，该部门最新的是第{view.version}版，请填写最新一版的审读表。"
        )


def _filled(sheet: Worksheet, row: int) -> bool:
    columns = (Columns.CORRECTED, Columns.REASON, Columns.WHO)
    return any(not blank(sheet.cell(row, column).value) for column in columns)


def _fact(
    sheet: Worksheet, row: int, path: str, facts: dict[str, Fact], seen: dict[str, int], problems: list[str]
) -> Fact | None:
    where = f"工作表“{SHEET}”第{row}行"
    if path in seen:
        problems.append(f"{where}与第{seen[path]}行是同一事项，请恢复原来的行。")
        return None
    seen[path] = row
    fact = facts.get(path)
    if fact is None:
        problems.append(f"{where}不是审读表中的事项（事实编号“{path[:60]}”），请恢复原来的行。")
        return None
    cell = sheet.cell(row, Columns.VALUE)
    if _plain(text_of(cell.value)) != _plain(fact.value or ""):
        problems.append(
            f"{place(cell)}：{fact.label}的读取值现为“{_plain(fact.value or '')[:40] or '空白'}”，与表中不同，请使用最新的审读表。"
        )
        return None
    return fact


def _plain(text: str) -> str:
    return clean(text).strip()[:_COMPARED]


def _entry(book: Opened, sheet: Worksheet, row: int, fact: Fact, problems: list[str]) -> Entry | None:
    if not _filled(sheet, row):
        return None
    cell = sheet.cell(row, Columns.CORRECTED)
    reason, who = (text_of(sheet.cell(row, column).value) for column in (Columns.REASON, Columns.WHO))
    before = len(problems)
    text = _typed(book, cell, problems)
    if len(problems) == before and not text:
        problems.append(f"{place(cell)}：{fact.label}填写了理由或姓名，但没有填写更正后的值；不需要更正的请清空该行。")
    for column, what, given, most in (
        (Columns.REASON, "更正理由", reason, _LONGEST_REASON),
        (Columns.WHO, "更正人", who, _LONGEST_NAME),
    ):
        where = place(sheet.cell(row, column))
        if text and not given:
            problems.append(f"{where}：{fact.label}填写了更正后的值，请写明{what}。")
        if len(given) > most:
            problems.append(f"{where}：{what}超过{most}字，请缩短。")
    if len(problems) > before:
        return None
    value, withdrawn = entered(fact.kind, text)
    return Entry(path=fact.path, value=value, withdrawn=withdrawn, reason=reason, who=who)


def _typed(book: Opened, cell: Cell, problems: list[str]) -> str:
    """The corrected value as text: numbers without the noise of a spreadsheet."""
    if isinstance(cell.value, bool) or book.uncomputed(cell) or isinstance(cell.value, int | float):
        number = number_in(book, cell)
        if isinstance(number, Decimal):
            return trimmed(number)
        problems.append(str(number))
        return ""
    return text_of(cell.value)
