"""Old workbooks (.xls, .et) and binary ones (.xlsb) with calamine (旧版Excel读取), number formats from the BIFF records."""

from __future__ import annotations

import struct
from pathlib import Path

import olefile
import python_calamine

from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits
from tasks.reading.sheets import Sheet, add_sheet
from tasks.reading.shown import GENERAL, shown

_BOF, _BOUNDSHEET, _FORMAT, _XF, _FILEPASS = 0x0809, 0x0085, 0x041E, 0x00E0, 0x002F
_NUMBER, _RK, _MULRK, _FORMULA = 0x0203, 0x027E, 0x00BD, 0x0006
_RECORDS = 2_000_000
Forms = dict[tuple[int, int], str]


def read_xls(path: Path, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Read an old workbook into ``builder`` (读取旧版Excel文件). Raises UnreadableError."""
    formats = _number_formats(path)
    try:
        book = python_calamine.load_workbook(str(path))
    except python_calamine.PasswordError as error:
        raise UnreadableError("encrypted") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableError("damaged", "工作簿结构不完整") from error
    metadata = book.sheets_metadata
    if len(metadata) > limits.sheets:
        raise UnreadableError("limit-exceeded", f"共{len(metadata)}个工作表，上限{limits.sheets}个")
    for index, about in enumerate(metadata):
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if about.visible != python_calamine.SheetVisibleEnum.Visible:
            builder.warn(f"隐藏的工作表“{about.name}”没有读取。")
            continue
        add_sheet(_sheet(book, index, about.name, formats.get(index, {}), limits), builder, limits)
    if not formats:
        builder.warn("这种工作簿读不到数字的显示格式，百分数可能显示为小数，请核对原文。")
    if not builder.blocks:
        raise UnreadableError("no-text", "")


def _sheet(book: python_calamine.CalamineWorkbook, index: int, name: str, forms: Forms, limits: ReadLimits) -> Sheet:
    found = book.get_sheet_by_index(index)
    if found.total_height > limits.sheet_rows or found.total_width > limits.sheet_columns:
        raise UnreadableError(
            "limit-exceeded",
            f"工作表“{name}”写到第{found.total_height}行第{found.total_width}列，"
            f"上限{limits.sheet_rows}行{limits.sheet_columns}列",
        )
    sheet = Sheet(name)
    for row, values in enumerate(found.to_python(skip_empty_area=False), 1):
        for column, value in enumerate(values, 1):
            if value != "":
                sheet.texts[row, column] = shown(value, forms.get((row, column), GENERAL))
    sheet.merges = [(r0 + 1, c0 + 1, r1 + 1, c1 + 1) for (r0, c0), (r1, c1) in found.merged_cell_ranges or []]
    return sheet


def _number_formats(path: Path) -> dict[int, Forms]:
    """The number format of every numeric cell (数字格式) by sheet index; empty where the file is not BIFF8."""
    if not olefile.isOleFile(str(path)):
        return {}
    with olefile.OleFileIO(path) as ole:
        name = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
        stream = ole.openstream(name).read() if name else b""
    if len(stream) < 8 or struct.unpack_from("<HHH", stream)[::2] != (_BOF, 0x0600):
        return {}
    return _walk(stream)


def _walk(stream: bytes) -> dict[int, Forms]:
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    own: dict[int, str] = {}
    styles: list[int] = []
    starts: dict[int, int] = {}
    sheets: dict[int, Forms] = {}
    current: Forms | None = None
    offset = 0

    def remember(row: int, column: int, style: int) -> None:
        if current is not None and style < len(styles):
            form = own.get(styles[style]) or BUILTIN_FORMATS.get(styles[style], GENERAL)
            if form != GENERAL:
                current[row + 1, column + 1] = form

    for _ in range(_RECORDS):
        if offset + 4 > len(stream):
            break
        kind, size = struct.unpack_from("<HH", stream, offset)
        data = stream[offset + 4 : offset + 4 + size]
        if kind == _FILEPASS:
            raise UnreadableError("encrypted")
        if kind == _BOF and offset in starts:
            current = sheets.setdefault(starts[offset], {})
        elif kind == _BOUNDSHEET and size >= 4:
            starts[struct.unpack_from("<I", data)[0]] = len(starts)
        elif kind == _FORMAT and size >= 5:
            own[struct.unpack_from("<H", data)[0]] = _unicode(data[2:])
        elif kind == _XF and size >= 4:
            styles.append(struct.unpack_from("<H", data, 2)[0])
        elif kind in (_NUMBER, _RK, _FORMULA) and size >= 6:
            remember(*struct.unpack_from("<HHH", data))
        elif kind == _MULRK and size >= 6:
            row, first = struct.unpack_from("<HH", data)
            for position in range((size - 6) // 6):
                remember(row, first + position, struct.unpack_from("<H", data, 4 + 6 * position)[0])
        offset += 4 + size
    return sheets


def _unicode(data: bytes) -> str:
    count, flags = struct.unpack_from("<HB", data)
    return (
        data[3 : 3 + 2 * count].decode("utf-16-le", "replace") if flags & 1 else data[3 : 3 + count].decode("latin-1")
    )
