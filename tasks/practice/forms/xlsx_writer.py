"""The project forms as a workbook (项目自评表的电子表格), one sheet a project, merged cells as in the paper form."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from math import ceil

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tasks.practice.forms.layout import Box, Break, Grid, Line, Paper
from tasks.practice.forms.packing import packed

_EDGE = Side(style="thin", color="FF000000")
_BORDER = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_EXCEL_UNITS_PER_CM = 4.6
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PERCENT = re.compile(r"-?\d+\.\d+%")
_FIXED = b"2000-01-01T00:00:00Z"


def xlsx_bytes(paper: Paper, names: Sequence[str], title: str, author: str) -> bytes:
    """The workbook (xlsx文件内容): a new sheet at each break. Same arguments, same bytes."""
    book = Workbook()
    book.remove(book.active)
    for name, blocks in zip(names, _pages(paper), strict=True):
        _fill(book.create_sheet(re.sub(r"[\[\]:*?/\\]", "", name)[:31]), blocks)
    book.properties.title, book.properties.creator = title, author
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def _pages(paper: Paper) -> list[list[Line | Grid]]:
    pages: list[list[Line | Grid]] = [[]]
    for block in paper:
        if isinstance(block, Break):
            pages.append([])
        elif isinstance(block, Line | Grid):
            pages[-1].append(block)
    return pages


def _fill(sheet: Worksheet, blocks: Sequence[Line | Grid]) -> None:
    columns = max(len(block.widths) for block in blocks if isinstance(block, Grid))
    row = 1
    for block in blocks:
        if isinstance(block, Line):
            cell = sheet.cell(row, 1, block.text)
            centre = block.style == "caption"
            cell.font = Font(name="黑体", size=14 if centre else 11)
            cell.alignment = Alignment(horizontal="center" if centre else "left", vertical="center")
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
            sheet.row_dimensions[row].height = 22
            row += 1
        else:
            row = _fill_grid(sheet, block, row)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "portrait", 9
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _fill_grid(sheet: Worksheet, grid: Grid, start: int) -> int:
    for column, width in enumerate(grid.widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = round(width * _EXCEL_UNITS_PER_CM, 1)
    for offset, boxes in enumerate(grid.placed()):
        row = start + offset
        for column, box in boxes:
            cell = sheet.cell(row, column + 1)
            _put(cell, box.text)
            cell.font = Font(name="黑体" if box.head else "宋体", size=10)
            horizontal = "left" if box.align == "left" else "center"
            cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
            last_row, last_column = row + box.rows - 1, column + box.columns
            for r in range(row, last_row + 1):
                for c in range(column + 1, last_column + 1):
                    sheet.cell(r, c).border = _BORDER
            if (last_row, last_column) != (row, column + 1):
                sheet.merge_cells(start_row=row, end_row=last_row, start_column=column + 1, end_column=last_column)
        sheet.row_dimensions[row].height = _height(grid, boxes)
    return start + len(grid.rows)


def _put(cell: Cell, text: str) -> None:
    """Numbers as numbers (数值单元格), as staff type them: two decimals keep their format, a rate is a percentage."""
    if _PERCENT.fullmatch(text):
        cell.value, cell.number_format = round(float(text[:-1]) / 100, 6), "0.00%"
    elif _NUMBER.fullmatch(text):
        cell.value = float(text) if "." in text else int(text)
        cell.number_format = "0.00" if re.fullmatch(r"-?\d+\.\d{2}", text) else "General"
    else:
        cell.value = text or None


def _height(grid: Grid, boxes: Sequence[tuple[int, Box]]) -> float:
    lines = 1
    for column, box in boxes:
        letters = max(1, int(sum(grid.widths[column : column + box.columns]) * 2.4))
        lines = max(lines, ceil(ceil(len(box.text) / letters) / box.rows))
    return 8 + 14.0 * lines


def _without_clock(content: bytes) -> bytes:
    """The package with every moment of saving replaced by a fixed one (去除保存时间)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in sorted(archive.namelist())]
    fixed = []
    for name, data in members:
        if name == "docProps/core.xml":
            data = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + _FIXED, data)
        fixed.append((name, data))
    first = [member for member in fixed if member[0] == "[Content_Types].xml"]
    return packed(first + [member for member in fixed if member[0] != "[Content_Types].xml"])
