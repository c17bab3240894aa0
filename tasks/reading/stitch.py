"""Tables over page ends (跨页表格): pieces of one table joined, repeated headers dropped, cut rows glued.

A piece is a ruled table on one page. Two pieces are one table when nothing stands between them and their outer walls
agree. Rules measured on 12 page layouts of three real reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from models.document import CellFlag
from tasks.reading.build import RawCell, clean
from tasks.reading.layout import END_MARKS, Box, Line, RuledTable, box_text, joined, wraps

WALL = 3.0  # points that two walls may lie apart and still be one
_HEADER_ROWS = 4
_SHORT = 12
_SENTENCE = 15
_ROOM = 1.45
_VALUE = re.compile(r"^[≥≤=＝<>]*\d[\d,.]*[%％]?$")


@dataclass(slots=True)
class Part:
    """A cell of a table that may grow over pages (跨页单元格)."""

    x0: float
    x1: float
    row: int
    rows: int
    text: str
    page: int
    lines: list[Line] = field(default_factory=list)
    flags: list[CellFlag] = field(default_factory=list)
    confidence: float | None = None
    room_below: float = 0.0  # free height below the text in its box, in characters

    @property
    def end(self) -> int:
        return self.row + self.rows

    def matches(self, other: Part) -> bool:
        """Whether both stand between the same walls (同列)."""
        return abs(self.x0 - other.x0) <= WALL and abs(self.x1 - other.x1) <= WALL


class Grown:
    """A table put together from its pieces (拼接后的表格)."""

    def __init__(self, table: RuledTable, page: int) -> None:
        self.page = page
        self.x0, self.x1 = table.x0, table.x1
        self.parts, self.rows = parts_of(table, page)

    def fits(self, table: RuledTable) -> bool:
        """Whether a table's outer walls are those of this one (左右边线一致)."""
        return abs(table.x0 - self.x0) <= WALL and abs(table.x1 - self.x1) <= WALL

    def append(self, table: RuledTable, page: int) -> None:
        """Join the piece from the next page (接上后一页的部分)."""
        parts, rows = parts_of(table, page)
        repeated = _repeated_header(self.parts, parts)
        if repeated == rows:
            return
        parts = [part for part in parts if part.row >= repeated]
        for part in parts:
            part.row -= repeated
        rows -= repeated
        bottom = [part for part in self.parts if part.end == self.rows]
        top = [part for part in parts if part.row == 0]
        pairs = [(next((a for a in bottom if a.matches(part)), None), part) for part in top]
        is_cut = _is_cut(pairs)
        offset = self.rows - 1 if is_cut else self.rows
        gone: set[int] = set()
        blank_so_far = any(part.text for part in top)  # an empty row is a row of its own
        for above, part in sorted(pairs, key=lambda pair: pair[1].x0):
            if above is None:
                blank_so_far = False
                continue
            if is_cut or _is_carried(above, part, blank_so_far):
                _absorb(above, part, offset)
                gone.add(id(part))
            blank_so_far = blank_so_far and not part.text
        for part in parts:
            if id(part) not in gone:
                part.row += offset
                self.parts.append(part)
        self.rows = offset + rows

    def cells(self) -> list[RawCell]:
        """The whole table as a grid (成网格)."""
        walls = _clustered([wall for part in self.parts for wall in (part.x0, part.x1)], WALL)
        cells = []
        for part in self.parts:
            left, right = _nearest(walls, part.x0), _nearest(walls, part.x1)
            if right > left:
                cells.append(
                    RawCell(
                        row=part.row + 1,
                        column=left + 1,
                        row_span=part.rows,
                        column_span=right - left,
                        text=part.text,
                        page=part.page,
                        flags=tuple(dict.fromkeys(part.flags)),
                        confidence=part.confidence,
                    )
                )
        return cells


def parts_of(table: RuledTable, page: int) -> tuple[list[Part], int]:
    """The cells of a piece with row numbers from 0 (按横线定行), and the number of rows."""
    levels = _clustered([wall for box in table.boxes for wall in (box.top, box.bottom)], WALL)
    parts = []
    for box in table.boxes:
        first, last = _nearest(levels, box.top), _nearest(levels, box.bottom)
        if last > first:
            parts.append(_part(box, first, last - first, page))
    return parts, len(levels) - 1


def _part(box: Box, row: int, rows: int, page: int) -> Part:
    part = Part(
        x0=box.x0,
        x1=box.x1,
        row=row,
        rows=rows,
        text=clean(box_text(box.lines, box.x0, box.x1)),
        page=page,
        lines=box.lines,
        flags=[*box.flags],
        confidence=box.confidence,
    )
    if box.lines:
        em = max(line.em for line in box.lines) or 1.0
        part.room_below = (box.bottom - box.lines[-1].bottom) / em
    return part


def _repeated_header(first: list[Part], new: list[Part]) -> int:
    """How many rows at the top of a new piece repeat the table's header (重复表头行数)."""
    for count in range(_HEADER_ROWS, 0, -1):
        ours, theirs = _signature(first, count), _signature(new, count)
        if ours and ours == theirs and any(text for *_, text in ours):
            return count
    return 0


def _signature(parts: list[Part], count: int) -> list[tuple[int, int, str]] | None:
    chosen = [part for part in parts if part.row < count]
    if not chosen or any(part.end > count for part in chosen):
        return None
    left = min(part.x0 for part in chosen)
    return sorted((part.row, round((part.x0 - left) / (2 * WALL)), "".join(part.text.split())) for part in chosen)


def _goes_on(above: Part, below: Part) -> bool:
    """Whether the text of a cell runs on below the page end (单元格文字跨页).

    Its last line was full, has no end mark, and stands against the page end.
    """
    if not above.lines or not below.lines or above.text.endswith(END_MARKS):
        return False
    if above.room_below > _ROOM:
        return False
    if _VALUE.match(above.text) and _VALUE.match(below.text):
        return False  # two numbers under each other, not one that was cut
    margin = min((above.x1 - above.x0 - max(line.x1 - line.x0 for line in above.lines)) / 2, 8.0)
    return wraps(above.lines[-1], below.lines[0], above.x0 + margin, above.x1 - margin)


def _is_cut(pairs: list[tuple[Part | None, Part]]) -> bool:
    """Whether the first row of a new piece is the rest of the last row before the page end (是否断行).

    ``pairs`` are the cells of the new row with the cells above them between the same walls.
    """
    if len(pairs) < 2 or any(above is None for above, _ in pairs):
        return False
    known = [(above, part) for above, part in pairs if above is not None]
    filled = [(above, part) for above, part in known if part.text]
    if not filled or any(not above.text for above, _ in filled):
        return False
    running = [_goes_on(above, part) for above, part in filled]
    # Cells that have text above and none here, in columns that are not merged: here is no row of its own.
    absent = [
        (above, part) for above, part in known if not part.text and above.text and above.rows == 1 and part.rows == 1
    ]
    are_long = all(len(above.lines) > 1 for above, _ in filled)
    if all(running):
        # The rest of a cut row is what did not fit: a few long cells, never most of the row's short ones.
        has_sentence = any(len(above.lines[-1].text) >= _SENTENCE for above, _ in filled)
        is_rest = 3 * len(absent) >= len(known) or (bool(absent) and len(filled) == 1)
        return are_long or has_sentence or is_rest
    if not absent:
        return False
    to_the_right = [above for above, part in absent if part.x0 > max(cell.x0 for _, cell in filled)]
    if len(filled) == 1:
        above, part = filled[0]
        return (len(known) >= 3 and bool(to_the_right)) or max(len(above.lines), len(part.lines)) > 1
    are_few = len(filled) <= len(known) / 2
    return are_few and any(running) and any(len(above.text) <= _SHORT for above in to_the_right)


def _is_carried(above: Part, part: Part, blank_so_far: bool) -> bool:
    """Whether a cell at the top of a page belongs to a merged cell above (跨页合并单元格)."""
    merged = above.rows > 1 or part.rows > 1
    if part.text:
        # Under a single row, a rest is shorter than the line it was cut from; a label of its own is not.
        is_rest = (
            len(part.text) < len(above.lines[-1].text) or part.text.startswith(("（", "(")) if above.lines else False
        )
        return (above.rows > 1 or (merged and is_rest)) and _goes_on(above, part)
    return bool(above.text) and (merged or blank_so_far)


def _absorb(above: Part, part: Part, offset: int) -> None:
    if part.text:
        wrapped = _goes_on(above, part)
        above.text = joined(above.text, part.text) if wrapped else f"{above.text}\n{part.text}".strip()
        above.lines = [*above.lines, *part.lines]
        above.flags.append(CellFlag.GLUED)
        scores = [score for score in (above.confidence, part.confidence) if score is not None]
        above.confidence = min(scores) if scores else None
    end = offset + part.end
    if end > above.end:
        above.rows = end - above.row
        above.flags.append(CellFlag.CARRIED)
    above.flags += part.flags


def _clustered(values: list[float], near: float) -> list[float]:
    """Values that lie close together as one (合并相近的线)."""
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= near and value - groups[-1][0] <= 2 * near:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _nearest(walls: list[float], value: float) -> int:
    return min(range(len(walls)), key=lambda index: abs(walls[index] - value))
