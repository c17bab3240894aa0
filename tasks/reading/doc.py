"""Word 97-2003 and WPS Writer files (.doc, .wps) from their own streams (旧版Word读取), without another program."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tasks.reading.build import DocumentBuilder, RawCell, clean
from tasks.reading.doc_streams import Piece, WordFile, u16
from tasks.reading.docx_lists import Numbering, Styles
from tasks.reading.docx_text import symbol, unprivate
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits

_NEAR = 20  # twips that two cell walls may lie apart and still be one
_DELETED, _HIDDEN, _SYMBOL, _FONTS = 0x0800, 0x083C, 0x6A09, (0x4A4F, 0x4A51)
_ENDS = "\r\x07\x0c"


@dataclass(slots=True)
class _Mark:
    """What the end mark of a paragraph says about it (段落属性)."""

    depth: int = 0
    is_row_end: bool = False
    is_cell_end: bool = False
    table: bytes = b""
    merges: dict[int, int] = field(default_factory=dict)
    list_id: int = 0
    level: int = 0
    outline: int | None = None


@dataclass(slots=True)
class _Open:
    """A table under construction (正在组装的表格): lines of the cell, cells of the row, rows."""

    lines: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[tuple[str, int, int, str]]] = field(default_factory=list)
    nested: list[list[RawCell]] = field(default_factory=list)


def read_doc(path: Path, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Read an old Word file into ``builder`` (读取旧版Word文件). Raises UnreadableError."""
    word = WordFile(path)
    if word.has_macros:
        builder.warn("文件带有宏，系统没有运行宏，只读取了文字。")
    try:
        reader = _Reader(word, builder, limits)
        main, before_boxes, boxes = word.lengths[0], sum(word.lengths[:6]), word.lengths[6]
        reader.read(0, main)
        if boxes:
            reader.read(before_boxes, boxes)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise UnreadableError("legacy-unreadable", "内部结构不符合Word 97-2003格式") from error
    if not builder.blocks:
        raise UnreadableError("legacy-unreadable", "没有读到文字")


class _Reader:
    """Walks the text and puts paragraphs and tables into the builder (遍历正文)."""

    def __init__(self, word: WordFile, builder: DocumentBuilder, limits: ReadLimits) -> None:
        self.word = word
        self.builder = builder
        self.limits = limits
        self.numbering = Numbering(None, Styles(None))
        for number, found in word.lists().items():
            self.numbering.define(number, str(found.definition), found.levels, found.overrides)
        self.open: list[_Open] = []
        self._fields: list[bool] = []

    def read(self, start: int, count: int) -> None:
        """Read ``count`` characters from character ``start`` on (读取一段文字)."""
        text: list[str] = []
        for char, position in self._characters(start, count):
            if char in _ENDS:
                self._end("".join(text), char, self._mark(self.word.paragraphs.at(position)))
                text = []
            else:
                text.append(char)
        if text:
            self._end("".join(text), "\r", _Mark())
        self._close_to(0)

    def _characters(self, start: int, count: int) -> Iterator[tuple[str, int]]:
        """Visible characters and paragraph ends with their place in the stream (可见字符)."""
        first = 0
        for piece in self.word.pieces:
            begin, end = max(start, first), min(start + count, first + piece.count)
            if begin < end:
                yield from self._visible(Piece(piece.offset + (begin - first) * piece.step, end - begin, piece.step))
            first += piece.count

    def _visible(self, piece: Piece) -> Iterator[tuple[str, int]]:
        data = self.word.main[piece.offset : piece.offset + piece.count * piece.step]
        text = data.decode("cp1252" if piece.step == 1 else "utf-16-le", "replace")
        runs = self.word.characters
        until, is_gone, special, font = -1, False, "", ""
        for index, char in enumerate(text):
            position = piece.offset + index * piece.step
            if position >= until:
                is_gone, special, font, until = self._look(position, runs.starts)
            if char == "\x13":
                self._fields.append(True)
            elif char == "\x14" and self._fields:
                self._fields[-1] = False
            elif char == "\x15" and self._fields:
                self._fields.pop()
            elif char in _ENDS:
                if not is_gone or char == "\x07":  # a deleted paragraph end joins two paragraphs, never two cells
                    yield char, position
            elif is_gone or any(self._fields):
                continue
            elif char == "(" and special:
                yield special, position
            elif char == "\x0b":
                yield "\n", position
            elif char == "\x1e":
                yield "-", position
            elif char >= " " or char == "\t":
                yield (unprivate(char, font) if "\uf020" <= char <= "\uf0ff" else char), position

    def _look(self, position: int, starts: list[int]) -> tuple[bool, str, str, int]:
        """Whether text is deleted or hidden here, the symbol a "(" stands for, the font, and up to where this holds."""
        index = bisect_right(starts, position)
        until = starts[index] if index < len(starts) else 1 << 62
        gone, special, face = False, "", "Symbol"
        for code, operand in self.word.unpacked(self.word.characters.values[index - 1] if index else b""):
            if code in (_DELETED, _HIDDEN) and operand:
                gone = gone or operand[0] in (1, 0x81)
            elif code == _SYMBOL and len(operand) == 4:
                font, char = u16(operand, 0), u16(operand, 2)
                special = symbol(self._font(font), char)
            elif code in _FONTS and len(operand) == 2:
                face = self._font(u16(operand, 0))
        return gone, special, face, until

    def _font(self, index: int) -> str:
        return self.word.fonts[index] if index < len(self.word.fonts) else "Symbol"

    def _mark(self, properties: bytes) -> _Mark:
        mark = _Mark()
        style = u16(properties, 0) if len(properties) >= 2 else 0
        if 1 <= style <= 9:  # the first nine styles are the built-in headings
            mark.outline = style - 1
        in_table = False
        depth: int | None = None
        changes = [*self.word.unpacked(self.word.style_properties(style)), *self.word.unpacked(properties[2:])]
        for code, operand in changes:
            value = operand[0] if operand else 0
            match code:
                case 0x2416:  # in a table
                    in_table = bool(value)
                case 0x2417 | 0x244C:  # end of a row, of an inner row
                    mark.is_row_end = bool(value)
                case 0x244B:  # end of an inner cell
                    mark.is_cell_end = bool(value)
                case 0x6649 if len(operand) == 4:  # nesting depth
                    depth = struct.unpack("<i", operand)[0]
                case 0xD608:  # walls and cells of the row
                    mark.table = operand
                case 0xD62B if len(operand) >= 3:  # vertical merge of one cell
                    mark.merges[operand[1]] = operand[2]
                case 0x460B if len(operand) == 2:  # list
                    mark.list_id = u16(operand, 0)
                case 0x260A:  # level in the list
                    mark.level = value
                case 0x2640:  # outline level
                    mark.outline = value if value < 9 else None
                case _:
                    continue
        mark.depth = max(0, depth if depth is not None else int(in_table))
        if mark.depth > self.limits.nesting:
            raise UnreadableError("limit-exceeded", f"表格嵌套超过{self.limits.nesting}层")
        return mark

    def _end(self, text: str, char: str, mark: _Mark) -> None:
        """A paragraph, cell or row ends here (段落、单元格或行结束)."""
        depth = max(mark.depth, 1) if char == "\x07" else mark.depth
        self._close_to(depth)
        if not depth:
            number = self._number(mark)
            self.builder.paragraph(
                text, number=number, heading_level=mark.outline + 1 if mark.outline is not None else None
            )
            return
        while len(self.open) < depth:
            self.open.append(_Open())
        table = self.open[-1]
        if mark.is_row_end and (char == "\x07" or depth > 1):
            self._end_row(table, mark)
            return
        number = self._number(mark)
        if number or clean(text):
            table.lines.append(f"{number or ''}{text}")
        if char == "\x07" or (mark.is_cell_end and depth > 1):
            table.cells.append("\n".join(table.lines))
            table.lines = []

    def _number(self, mark: _Mark) -> str | None:
        return self.numbering.next(mark.list_id, mark.level) if mark.list_id else None

    def _end_row(self, table: _Open, mark: _Mark) -> None:
        cells, table.cells, table.lines = table.cells, [], []
        if len(table.rows) >= self.limits.table_rows:
            raise UnreadableError("limit-exceeded", f"一张表格超过{self.limits.table_rows}行")
        table.rows.append(_row(cells, mark))

    def _close_to(self, depth: int) -> None:
        """Finish tables deeper than ``depth`` (结束内层表格)."""
        while len(self.open) > depth:
            done = self.open.pop()
            tables = [_grid(done.rows), *done.nested] if done.rows else done.nested
            if self.open:
                self.open[-1].nested += tables
            else:
                for cells in tables:
                    self.builder.table(cells)


def _row(cells: list[str], mark: _Mark) -> list[tuple[str, int, int, str]]:
    """The cells of a row with their walls in twips and their part in a vertical merge (一行单元格)."""
    if len(mark.table) < 3:
        return [(text, index, index + 1, "") for index, text in enumerate(cells)]
    count = mark.table[2]
    walls = [struct.unpack_from("<h", mark.table, 3 + 2 * index)[0] for index in range(count + 1)]
    flags_at = 3 + 2 * (count + 1)
    row: list[tuple[str, int, int, str]] = []
    for index in range(min(count, len(cells))):
        place = flags_at + 20 * index
        flags = u16(mark.table, place) if place + 2 <= len(mark.table) else 0
        vertical = mark.merges.get(index, flags >> 5 & 3)
        merge = {1: "continue", 3: "restart"}.get(vertical, "")
        if flags & 3 == 2 and row:  # joined to the cell on the left
            text, left, _, above = row[-1]
            row[-1] = (text + cells[index], left, walls[index + 1], above)
        else:
            row.append((cells[index], walls[index], walls[index + 1], merge))
    return row


def _grid(rows: list[list[tuple[str, int, int, str]]]) -> list[RawCell]:
    """Rows with walls to a grid (成网格): vertical merges resolved where the walls agree."""
    walls: list[int] = []
    for wall in sorted({wall for row in rows for _, left, right, _ in row for wall in (left, right)}):
        if not walls or wall - walls[-1] > _NEAR:
            walls.append(wall)

    def at(wall: int) -> int:
        return min(range(len(walls)), key=lambda index: abs(walls[index] - wall))

    cells: list[RawCell] = []
    above: dict[tuple[int, int], RawCell] = {}
    for number, row in enumerate(rows, 1):
        here: dict[tuple[int, int], RawCell] = {}
        for text, left, right, merge in row:
            place = (at(left), at(right))
            if place[0] >= place[1]:
                continue
            cell = above.get(place) if merge == "continue" else None
            if cell is not None:
                cell.row_span = number - cell.row + 1
            else:
                cell = RawCell(number, place[0] + 1, 1, place[1] - place[0], text)
                cells.append(cell)
            here[place] = cell
        above = here
    return cells
