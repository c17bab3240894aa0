"""Workbooks (.xlsx, .xlsm) by walking their XML (Excel读取): values as shown, merged ranges, hidden parts left out.

The parts are read directly: a stray cell in the last row, or a merge over the whole sheet, makes the usual libraries
build the grid in memory before any limit can be asked.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS

from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits
from tasks.reading.sheets import Sheet, add_sheet
from tasks.reading.shown import GENERAL, shown
from tasks.reading.xmlparts import Package

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})$")
# Formats 27-58 are dates in East Asian Excel and are not written into the file.
_EAST_ASIAN_DATES = dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy年m月d日")


def column_number(letters: str) -> int:
    """Column letters to a number (列号): A is 1, XFD 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def read_xlsx(path: Path, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Read a workbook into ``builder`` (读取Excel文件). Raises UnreadableError."""
    with Package(path, limits) as package:
        main = package.related("", "officeDocument") or "xl/workbook.xml"
        root = package.xml(main)
        if root is None:
            raise UnreadableError("damaged", "缺少工作簿部件")
        if any(name.lower().endswith("vbaproject.bin") for name in package.names()):
            builder.warn("文件带有宏，系统没有运行宏，只读取了文字。")
        if any(name.startswith("xl/externalLinks/") for name in package.names()):
            builder.warn("工作簿引用了其他文件，系统没有打开这些链接，读取的是文件中保存的数值。")
        book = _Book(package, main, root, builder, limits)
        sheets = root.findall(f"{S}sheets/{S}sheet")
        if len(sheets) > limits.sheets:
            raise UnreadableError("limit-exceeded", f"共{len(sheets)}个工作表，上限{limits.sheets}个")
        for element in sheets:
            book.sheet(element)
    if not builder.blocks:
        raise UnreadableError("no-text", "")


class _Book:
    """What the sheets of a workbook share (工作簿公共部分): strings, formats, relations."""

    def __init__(
        self, package: Package, main: str, root: etree._Element, builder: DocumentBuilder, limits: ReadLimits
    ) -> None:
        self.package = package
        self.builder = builder
        self.limits = limits
        self.relations = package.relations(main)
        properties = root.find(f"{S}workbookPr")
        self.from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        self.strings = self._strings(package.related(main, "sharedStrings"))
        self.formats = self._formats(package.related(main, "styles"))

    def _strings(self, part: str | None) -> list[str]:
        root = self.package.xml(part) if part else None
        return [_rich_text(item) for item in root.iterchildren(f"{S}si")] if root is not None else []

    def _formats(self, part: str | None) -> list[str]:
        """The number format of each cell style (样式对应的数字格式)."""
        root = self.package.xml(part) if part else None
        if root is None:
            return []
        own = {item.get("numFmtId"): item.get("formatCode", GENERAL) for item in root.iter(f"{S}numFmt")}
        forms = []
        for item in root.findall(f"{S}cellXfs/{S}xf"):
            number = item.get("numFmtId", "0")
            index = int(number) if number.isdigit() else 0
            forms.append(own.get(number) or _EAST_ASIAN_DATES.get(index) or BUILTIN_FORMATS.get(index, GENERAL))
        return forms

    def sheet(self, element: etree._Element) -> None:
        """Read one worksheet (读取工作表); hidden ones are left out and named."""
        name = element.get("name", "")
        if element.get("state", "visible") != "visible":
            self.builder.warn(f"隐藏的工作表“{name}”没有读取。")
            return
        kind, target, outside = self.relations.get(element.get(R_ID, ""), ("", "", True))
        if outside or kind != "worksheet":
            return
        root = self.package.xml(target)
        if root is None:
            raise UnreadableError("damaged", f"缺少工作表“{name}”")
        sheet = Sheet(name)
        hidden_columns = _hidden_columns(root, self.limits)
        hidden = uncomputed = position = 0
        for row in root.iterfind(f"{S}sheetData/{S}row"):
            position = int(row.get("r") or position + 1)
            column = 0
            is_hidden_row = row.get("hidden") in {"1", "true"}
            for cell in row.iterchildren(f"{S}c"):
                column = _column(cell, column + 1)
                text = self._text(cell)
                uncomputed += not text and _never_computed(cell)
                if not text:
                    continue
                if is_hidden_row or column in hidden_columns:
                    hidden += 1
                else:
                    sheet.texts[position, column] = text
        sheet.merges = [
            range_ for item in root.iterfind(f"{S}mergeCells/{S}mergeCell") if (range_ := _range(item.get("ref", "")))
        ]
        if hidden:
            self.builder.warn(f"工作表“{name}”中隐藏的行或列（{hidden}个单元格有内容）没有读取。")
        if uncomputed:
            self.builder.warn(
                f"工作表“{name}”有{uncomputed}个公式没有保存计算结果，按空白处理；请用Excel或WPS打开保存后重新报送。"
            )
        add_sheet(sheet, self.builder, self.limits)

    def _text(self, cell: etree._Element) -> str:
        value = cell.findtext(f"{S}v")
        match cell.get("t", "n"):
            case "s":
                return self.strings[int(value)] if value and value.isdigit() and int(value) < len(self.strings) else ""
            case "inlineStr":
                inline = cell.find(f"{S}is")
                return _rich_text(inline) if inline is not None else ""
            case "b":
                return "" if value is None else shown(value == "1")
            case "n":
                style = cell.get("s", "0")
                index = int(style) if style.isdigit() else 0
                form = self.formats[index] if index < len(self.formats) else GENERAL
                return "" if not value else _number_text(value, form, self.from_1904)
            case _:  # formula strings, errors such as #DIV/0!, ISO dates: as they are written
                return value or ""


def _never_computed(cell: etree._Element) -> bool:
    """Whether a formula was saved without its result (公式未计算); a text result may be empty, as in ``IF(…,"",…)``."""
    if cell.find(f"{S}f") is None or cell.findtext(f"{S}v"):
        return False
    return cell.get("t") != "str" or cell.find(f"{S}v") is None


def _number_text(value: str, form: str, from_1904: bool) -> str:
    try:
        # The file holds the shortest text of a binary number; 17 digits would show its dust.
        return shown(Decimal(repr(float(value))) if len(value) > 15 else Decimal(value), form, from_1904=from_1904)
    except (InvalidOperation, ValueError, OverflowError):
        return value


def _rich_text(item: etree._Element) -> str:
    """The text of a string with formatting (富文本), without its reading aids."""
    parts = []
    for child in item:
        if child.tag == f"{S}t":
            parts.append(child.text or "")
        elif child.tag == f"{S}r":
            parts.append(child.findtext(f"{S}t") or "")
    return "".join(parts)


def _column(cell: etree._Element, expected: int) -> int:
    match = _REFERENCE.match(cell.get("r", ""))
    return column_number(match[1]) if match else expected


def _range(reference: str) -> tuple[int, int, int, int] | None:
    first, _, last = reference.partition(":")
    a, b = _REFERENCE.match(first), _REFERENCE.match(last or first)
    return (int(a[2]), column_number(a[1]), int(b[2]), column_number(b[1])) if a and b else None


def _hidden_columns(root: etree._Element, limits: ReadLimits) -> set[int]:
    hidden: set[int] = set()
    for item in root.iterfind(f"{S}cols/{S}col"):
        if item.get("hidden") in {"1", "true"}:
            first, last = int(item.get("min", "1")), int(item.get("max", "0"))
            hidden.update(range(first, min(last, limits.sheet_columns) + 1))
    return hidden
