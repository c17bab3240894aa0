"""The streams of a Word 97-2003 file (旧版Word文件结构): header, pieces of text, property runs, styles, lists, fonts.

Follows [MS-DOC]. Nothing here trusts a length: slices end with the data, and a table that does not fit raises.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import olefile

from tasks.reading.docx_lists import Level
from tasks.reading.errors import UnreadableError

_MAGIC, _WORD_97 = 0xA5EC, 0x00C1
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_PAGE = 512
_RUNS = 400_000
_HUGE = (0x6645, 0x6646)
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
_BROKEN = (struct.error, IndexError, ValueError, OverflowError)

# [MS-OSHARED] MSONFC to the names WordprocessingML uses
NUMBER_FORMS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 14: "decimalFullWidth", 15: "decimal", 16: "japaneseLegal", 18: "decimalEnclosedCircle",
    19: "decimalFullWidth2", 22: "decimalZero", 23: "bullet", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese", 30: "ideographTraditional", 31: "ideographZodiac", 33: "taiwaneseCounting",
    34: "ideographLegalTraditional", 35: "taiwaneseCountingThousand", 37: "chineseCounting",
    38: "chineseLegalSimplified", 39: "chineseCountingThousand", 255: "none",
}  # fmt: skip


def u16(data: bytes, offset: int) -> int:
    """An unsigned 16-bit number (16位整数)."""
    return int(struct.unpack_from("<H", data, offset)[0])


def u32(data: bytes, offset: int) -> int:
    """An unsigned 32-bit number (32位整数)."""
    return int(struct.unpack_from("<I", data, offset)[0])


def sprms(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The property changes in a list (属性修改): (code, operand)."""
    offset = 0
    while offset + 2 <= len(data):
        code = u16(data, offset)
        offset += 2
        size = _SIZES[code >> 13]
        if code == 0xD608:  # a table definition has a two-byte length
            if offset + 2 > len(data):
                return
            size = u16(data, offset) + 1
        elif code >> 13 == 6:
            if offset >= len(data) or (code == 0xC615 and data[offset] == 255):
                return
            size = data[offset] + 1
        yield code, data[offset : offset + size]
        offset += size


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in the main stream (文本片段): ``step`` bytes a character from ``offset``."""

    offset: int
    count: int
    step: int


@dataclass(slots=True)
class Runs:
    """Properties by position in the stream (属性区间)."""

    starts: list[int] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    def at(self, position: int) -> bytes:
        """The properties that hold at a position (某位置的属性)."""
        index = bisect_right(self.starts, position) - 1
        return self.values[index] if index >= 0 else b""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list as a paragraph refers to it (编号列表): its definition, levels, and where levels start anew."""

    definition: int
    levels: dict[int, Level]
    overrides: dict[int, Level | int]


class WordFile:
    """An opened Word 97-2003 file (旧版Word文件). Raises UnreadableError for what it cannot be."""

    def __init__(self, path: Path) -> None:
        try:
            with olefile.OleFileIO(path) as ole:
                self.main: bytes = ole.openstream("WordDocument").read()
                if len(self.main) < 0x2F2 and u16(self.main, 0) == _MAGIC:
                    raise UnreadableError("damaged", "文件头不完整")
                if u16(self.main, 0) != _MAGIC or u16(self.main, 2) < _WORD_97:
                    raise UnreadableError("old-word")
                flags = u16(self.main, 0x0A)
                if flags & _ENCRYPTED:
                    raise UnreadableError("encrypted")
                self.table: bytes = ole.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
                self.data: bytes = ole.openstream("Data").read() if ole.exists("Data") else b""
                self.has_macros = ole.exists("Macros") or ole.exists("_VBA_PROJECT_CUR")
            self.lengths = [u32(self.main, 0x4C + 4 * index) for index in range(8)]
            self.pieces = self._pieces()
            self.paragraphs = self._runs(0x0102, _paragraph_properties)
            self.characters = self._runs(0x00FA, _character_properties)
            self.styles = self._styles()
            self.fonts = self._fonts()
        except OSError as error:
            raise UnreadableError("damaged", "复合文档数据流不完整") from error
        except _BROKEN as error:
            raise UnreadableError("legacy-unreadable", "内部结构不符合Word 97-2003格式") from error

    def _part(self, offset: int) -> bytes:
        start, size = u32(self.main, offset), u32(self.main, offset + 4)
        return self.table[start : start + size]

    def _pieces(self) -> list[Piece]:
        clx = self._part(0x01A2)
        offset = 0
        while clx[offset] == 1:
            offset += 3 + u16(clx, offset + 1)
        if clx[offset] != 2:
            raise UnreadableError("legacy-unreadable", "缺少文本片段表")
        count = (u32(clx, offset + 1) - 4) // 12
        table = clx[offset + 5 :]
        if count > len(table) // 12 + 1:
            raise UnreadableError("legacy-unreadable", "文本片段表不完整")
        bounds = [u32(table, 4 * index) for index in range(count + 1)]
        pieces = []
        for index in range(count):
            place = u32(table, 4 * (count + 1) + 8 * index + 2)
            length = bounds[index + 1] - bounds[index]
            if length < 0 or length > len(self.main):
                raise UnreadableError("legacy-unreadable", "文本片段表不完整")
            is_narrow = bool(place & 0x40000000)
            pieces.append(Piece((place & 0x3FFFFFFF) // 2 if is_narrow else place, length, 1 if is_narrow else 2))
        return pieces

    def _runs(self, offset: int, properties: Callable[[bytes, int], bytes]) -> Runs:
        index = self._part(offset)
        count = (len(index) - 4) // 8
        found: list[tuple[int, bytes]] = []
        for number in range(count):
            start = (u32(index, 4 * (count + 1) + 4 * number) & 0x3FFFFF) * _PAGE
            page = self.main[start : start + _PAGE]
            if len(page) < _PAGE:
                continue
            for run in range(page[_PAGE - 1]):
                found.append((u32(page, 4 * run), properties(page, run)))
            if len(found) > _RUNS:
                raise UnreadableError("limit-exceeded", f"格式区间超过{_RUNS}个")
        found.sort(key=lambda item: item[0])
        return Runs([start for start, _ in found], [value for _, value in found])

    def unpacked(self, properties: bytes) -> Iterator[tuple[int, bytes]]:
        """Paragraph properties with those that lie in the data stream (含数据流中的属性)."""
        for code, operand in sprms(properties):
            yield code, operand
            if code in _HUGE and len(operand) == 4:
                start = u32(operand, 0)
                if start + 2 <= len(self.data):
                    yield from sprms(self.data[start + 2 : start + 2 + u16(self.data, start)])

    def _styles(self) -> dict[int, tuple[int, bytes]]:
        """Paragraph styles (段落样式): index -> (parent index, properties)."""
        sheet = self._part(0x00A2)
        if len(sheet) < 6:
            return {}
        header = u16(sheet, 0)
        count, base = u16(sheet, 2), u16(sheet, 4)
        offset = 2 + header
        found: dict[int, tuple[int, bytes]] = {}
        for index in range(count):
            if offset + 2 > len(sheet):
                break
            size = u16(sheet, offset)
            style = sheet[offset + 2 : offset + 2 + size]
            offset += 2 + size
            if size > base + 2 and u16(style, 2) & 0xF == 1:
                place = base + 2 + 2 * u16(style, base) + 2
                if place + 2 <= len(style):
                    found[index] = (u16(style, 2) >> 4, style[place + 4 : place + 2 + u16(style, place)])
        return found

    def style_properties(self, index: int) -> bytes:
        """The properties a style and its parents give (样式属性), parents first."""
        chain: list[bytes] = []
        seen: set[int] = set()
        while index in self.styles and index not in seen:
            seen.add(index)
            parent, properties = self.styles[index]
            chain.append(properties)
            index = parent
        return b"".join(reversed(chain))

    def _fonts(self) -> list[str]:
        table = self._part(0x0112)
        names: list[str] = []
        offset = 4
        while offset < len(table) and len(names) < 4096:
            size = table[offset] + 1
            names.append(table[offset + 40 : offset + size].decode("utf-16-le", "replace").split("\0")[0])
            offset += size
        return names

    def lists(self) -> dict[int, ListOf]:
        """The lists of the document (编号列表) by the number paragraphs use; empty where there is none or it is broken."""
        try:
            definitions = self._list_definitions()
            return self._list_uses(definitions)
        except _BROKEN:
            return {}

    def _list_definitions(self) -> dict[int, dict[int, Level]]:
        start, size = u32(self.main, 0x02E2), u32(self.main, 0x02E6)
        if size < 2:
            return {}
        count = u16(self.table, start)
        offset = start + size  # the levels follow the table of lists
        found: dict[int, dict[int, Level]] = {}
        for index in range(count):
            entry = start + 2 + 28 * index
            levels: dict[int, Level] = {}
            for level in range(1 if self.table[entry + 26] & 1 else 9):
                levels[level], offset = _level(self.table, offset)
            found[u32(self.table, entry)] = levels
        return found

    def _list_uses(self, definitions: dict[int, dict[int, Level]]) -> dict[int, ListOf]:
        start, size = u32(self.main, 0x02EA), u32(self.main, 0x02EE)
        if size < 4:
            return {}
        count = u32(self.table, start)
        if count > size // 16:
            return {}
        offset = start + 4 + 16 * count
        found: dict[int, ListOf] = {}
        for index in range(count):
            entry = start + 4 + 16 * index
            definition = u32(self.table, entry)
            overrides: dict[int, Level | int] = {}
            offset += 4
            for _ in range(self.table[entry + 12]):
                first, bits = u32(self.table, offset), u32(self.table, offset + 4)
                offset += 8
                if bits & 0x20:
                    overrides[bits & 0xF], offset = _level(self.table, offset)
                elif bits & 0x10:
                    overrides[bits & 0xF] = first
            found[index + 1] = ListOf(definition, definitions.get(definition, {}), overrides)
        return found


def _level(table: bytes, offset: int) -> tuple[Level, int]:
    start, form, flags = struct.unpack_from("<iBB", table, offset)
    characters, paragraphs, restart = table[offset + 24], table[offset + 25], table[offset + 26]
    offset += 28 + characters + paragraphs
    count = u16(table, offset)
    raw = table[offset + 2 : offset + 2 + 2 * count].decode("utf-16-le", "replace")
    text = "".join(f"%{ord(char) + 1}" if ord(char) < 9 else char for char in raw)
    level = Level(
        start=start,
        form=NUMBER_FORMS.get(form, "decimal"),
        text=text,
        restart=restart if flags & 0x08 else None,
        legal=bool(flags & 0x04),
    )
    return level, offset + 2 + 2 * count


def _paragraph_properties(page: bytes, run: int) -> bytes:
    """Style index (two bytes) and property changes of a paragraph run."""
    place = 2 * page[4 * (page[_PAGE - 1] + 1) + 13 * run]
    if not place:
        return b""
    size = page[place]
    return page[place + 1 : place + 2 * size] if size else page[place + 2 : place + 2 + 2 * page[place + 1]]


def _character_properties(page: bytes, run: int) -> bytes:
    place = 2 * page[4 * (page[_PAGE - 1] + 1) + run]
    return page[place + 1 : place + 1 + page[place]] if place else b""
