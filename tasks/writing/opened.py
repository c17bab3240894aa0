"""Workbooks that come back (回收的工作簿): opened behind bounds, each cell with its place in words."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from tasks.writing.package_check import DAMAGED, MOST_COLUMNS, MOST_ROWS, UnreadableWorkbookError, check_package
from tasks.writing.word_text import clean

__all__ = ["Opened", "UnreadableWorkbookError", "blank", "number_in", "opened", "place", "text_of"]

# Excel keeps 15 digits; sums of such numbers carry noise beyond the eighth decimal.
_NOISE = Decimal("0.00000001")


@dataclass(frozen=True)
class Opened:
    """A workbook twice (工作簿): the values last computed, and what was typed (formulas as text)."""

    values: Workbook
    typed: Workbook

    def sheet(self, name: str) -> Worksheet:
        """The worksheet of that name (按名称取工作表). Raises UnreadableWorkbookError."""
        if name not in self.values.sheetnames or not isinstance(self.values[name], Worksheet):
            raise UnreadableWorkbookError(
                f"工作簿中没有名为“{name}”的工作表，请使用系统发出的工作簿填写，不要改动表名。"
            )
        return self.values[name]

    def uncomputed(self, cell: Cell) -> bool:
        """Whether a cell is a formula without a result (公式未计算)."""
        typed = self.typed[cell.parent.title].cell(cell.row, cell.column)
        return typed.data_type == "f" and cell.value is None


def opened(content: bytes, *, most_rows: int = MOST_ROWS) -> Opened:
    """Open a workbook behind bounds (打开工作簿). Raises UnreadableWorkbookError with a sentence for the sender."""
    check_package(content)
    try:
        values = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        typed = load_workbook(io.BytesIO(content), keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError,
            IndexError, SyntaxError, OSError) as error:  # fmt: skip
        # openpyxl lets all of these through on damaged parts (SyntaxError is how XML errors arrive).
        raise UnreadableWorkbookError(DAMAGED) from error
    for sheet in values.worksheets:
        if sheet.max_row > most_rows or sheet.max_column > MOST_COLUMNS:
            raise UnreadableWorkbookError(
                f"工作表“{sheet.title}”有{sheet.max_row}行{sheet.max_column}列，超出处理范围，请删除多余的行和列后重新提交。"
            )
    return Opened(values, typed)


def place(cell: Cell) -> str:
    """A cell's place for people (单元格位置): ``工作表“复核评分”单元格G7``."""
    return f"工作表“{clean(cell.parent.title)}”单元格{cell.coordinate}"


def blank(value: Any) -> bool:
    """Whether nothing is there (空白): no value, or only white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: Any) -> str:
    """A cell's value as text (文本值): whole numbers without ``.0``, dates as ``2024-09-20``."""
    if blank(value):
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(value).strip()


def number_in(workbook: Opened, cell: Cell) -> Decimal | str | None:
    """The number in a cell (单元格数值): a Decimal, None when blank, or the sentence that says why it is none."""
    value = cell.value
    if workbook.uncomputed(cell):
        return f"{place(cell)}：是公式但没有计算结果，请在Excel或WPS中打开并保存后重新提交。"
    if blank(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{place(cell)}：“{text_of(value)[:40]}”不是数字，请只填写数字，没有数据的留空。"
    if "%" in (cell.number_format or ""):
        return f"{place(cell)}：单元格是百分比格式，请改为常规格式后填写数字（如41.2表示41.2%）。"
    number = Decimal(repr(value))
    if not number.is_finite():
        return f"{place(cell)}：不是有效的数字，请重新填写。"
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -8:
        number = number.quantize(_NOISE, rounding=ROUND_HALF_UP).normalize()
    return number
