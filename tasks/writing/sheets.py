"""The common look and safety of the workbooks the house writes (工作簿的统一样式与安全).

Every text goes through ``put``, which never lets a text become a formula. Labels are locked, input cells are not.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tasks.writing.fingerprint import Fingerprint
from tasks.writing.packing import repacked
from tasks.writing.word_text import clean

FONT = "宋体"
MARK_SHEET = "_标识"
_LONGEST_TEXT = 32_000  # Excel holds 32,767 characters in a cell

_THIN = Side(style="thin", color="8C8C8C")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
INPUT_FILL = PatternFill("solid", fgColor="FFFBE6")
FIXED_FILL = PatternFill("solid", fgColor="F2F2F2")


def new_workbook(title: str, author: str, mark: Fingerprint | None = None) -> Workbook:
    """An empty workbook (新工作簿) with its mark in the keywords and in a hidden sheet."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = clean(title)[:200]
    book.properties.creator = clean(author)[:200]
    book.properties.language = "zh-CN"
    if mark is not None:
        book.properties.keywords = str(mark)
    return book


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: str | Decimal | int | None,
    *,
    style: str = "text",
    span: int = 1,
    down: int = 1,
) -> Cell:
    """Write a value (写入单元格) in one of the styles: title, note, head, fixed, text, number, input.

    A text stays a text, whatever it begins with. ``input`` cells are unlocked. ``span`` and ``down`` merge cells.
    """
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = clean(value)[:_LONGEST_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in {"=", "+", "-", "@", "'"}
    if isinstance(value, Decimal | int):
        cell.value = value
    for r in range(row, row + down):
        for c in range(column, column + span):
            _dress(sheet.cell(r, c), style)
    if span > 1 or down > 1:
        sheet.merge_cells(start_row=row, start_column=column, end_row=row + down - 1, end_column=column + span - 1)
    return cell


def put_formula(sheet: Worksheet, row: int, column: int, formula: str, *, style: str = "fixed") -> Cell:
    """Write a formula of ours (写入公式); the text must come from the code, never from a file or a department."""
    cell = sheet.cell(row, column)
    cell.value = formula
    _dress(cell, style)
    return cell


_CENTRED = {"title", "head", "number", "fixed"}
_FILLS = {"head": HEADER_FILL, "input": INPUT_FILL, "input_text": INPUT_FILL, "fixed": FIXED_FILL}


# What a look sets of a cell's style; the number format and the quote prefix stay the cell's own.
_PARTS = ("fontId", "alignmentId", "protectionId", "borderId", "fillId")
# openpyxl compares a style with every other of the workbook at each assignment, so a look is looked up once a workbook.
_LOOKS: WeakKeyDictionary[Workbook, dict[str, tuple[int, ...]]] = WeakKeyDictionary()


def _dress(cell: Cell, style: str) -> None:
    looks = _LOOKS.setdefault(cell.parent.parent, {})
    if style not in looks:
        model = Cell(cell.parent)
        _set_look(model, style)
        looks[style] = tuple(getattr(model._style, part) for part in _PARTS)
    cell._style = cell._style or StyleArray()
    for part, number in zip(_PARTS, looks[style], strict=True):
        # A look without a border or a fill leaves the cell the one it has.
        if number or part not in ("borderId", "fillId"):
            setattr(cell._style, part, number)


def _set_look(cell: Cell, style: str) -> None:
    cell.font = Font(name=FONT, size=16 if style == "title" else 10.5, bold=style in {"title", "head"})
    cell.alignment = Alignment(
        horizontal="center" if style in _CENTRED or style == "input" else "left", vertical="center", wrap_text=True
    )
    cell.protection = Protection(locked=style not in {"input", "input_text"})
    if style not in {"title", "note"}:
        cell.border = BORDER
    if style in _FILLS:
        cell.fill = _FILLS[style]


def comment(cell: Cell, text: str, author: str = "财政局") -> None:
    """A help text on a cell (批注)."""
    made = Comment(clean(text), author)
    made.width, made.height = 260, 120
    cell.comment = made


def widths(sheet: Worksheet, values: Sequence[float]) -> None:
    """Column widths (列宽) in characters, from the first column on."""
    for number, width in enumerate(values, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def height_for(texts: Sequence[tuple[str, float]], *, least: int = 2, line: float = 15.0, most: float = 400.0) -> float:
    """How high a row must be so that no wrapped text is cut off (行高): pairs of text and column width in characters.

    Chinese characters and full-width signs are two wide; a little of each column goes to its margins.
    """
    needed = least
    for text, width in texts:
        room = max(2, int(width) - 2)
        wide = (sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in part) for part in text.split("\n"))
        needed = max(needed, sum(max(1, -(-size // room)) for size in wide))
    return min(line * needed + 4, most)


def choice(sheet: Worksheet, cells: str, options: Sequence[str], prompt: str = "") -> None:
    """A drop-down (下拉选项) on a range of cells. Options must be short and without commas."""
    _validate(sheet, cells, prompt, type="list", formula1='"' + ",".join(options) + '"')


def number_between(sheet: Worksheet, cells: str, low: Any, high: Any, prompt: str = "", *, whole: bool = False) -> None:
    """Only a number between two bounds (数值范围), inclusive."""
    kind = "whole" if whole else "decimal"
    _validate(sheet, cells, prompt, type=kind, operator="between", formula1=str(low), formula2=str(high))


def _validate(sheet: Worksheet, cells: str, prompt: str, **rule: Any) -> None:
    validation = DataValidation(allow_blank=True, showErrorMessage=True, **rule)
    validation.errorTitle, validation.error = "填写有误", "请按照表头说明填写。"
    if prompt:
        validation.promptTitle, validation.prompt, validation.showInputMessage = "填写说明", clean(prompt)[:250], True
    sheet.add_data_validation(validation)
    validation.add(cells)


def lock(sheet: Worksheet) -> None:
    """Protect the labels (锁定标签). Without a password: it guards against slips, not against intent."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False


def printable(
    sheet: Worksheet,
    *,
    landscape: bool = True,
    header_row: int | None = None,
    one_page: bool = False,
    pages_wide: int = 1,
) -> None:
    """Print on A4 (打印设置), as wide as ``pages_wide`` pages, headers on every page; ``one_page`` fits the height as well."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages_wide, int(one_page)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    if header_row:
        sheet.print_title_rows = f"1:{header_row}"


def finished_workbook(book: Workbook, mark: Fingerprint | None = None) -> bytes:
    """The workbook as bytes (生成工作簿): equal input, equal bytes."""
    if mark is not None:
        hidden = book.create_sheet(MARK_SHEET)
        hidden["A1"] = str(mark)
        hidden.sheet_state = "veryHidden"
        lock(hidden)
    target = io.BytesIO()
    book.save(target)
    return repacked(target.getvalue())
