"""A paper before it is a file (版面): headings, paragraphs and grids, from which Word, PDF and Excel files are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

TITLE, H1, H2, BODY, CAPTION, NOTE, SIGN = "title", "h1", "h2", "body", "caption", "note", "sign"


@dataclass(frozen=True)
class Line:
    """A paragraph (段落) of one of the styles above."""

    text: str
    style: str = BODY


@dataclass(frozen=True)
class Break:
    """A new page (分页)."""


@dataclass(frozen=True)
class Box:
    """A cell (单元格): ``rows`` and ``columns`` are its spans; a cell below a spanning one is left out of its row."""

    text: str
    columns: int = 1
    rows: int = 1
    align: str = "center"
    head: bool = False


@dataclass
class Grid:
    """A table (表格). ``widths`` in cm; ``header_rows`` are repeated on every page."""

    widths: Sequence[float]
    header_rows: int = 0
    rows: list[list[Box]] = field(default_factory=list)

    def row(self, *boxes: Box) -> None:
        """Add a row (加一行)."""
        self.rows.append(list(boxes))

    def placed(self) -> list[list[tuple[int, Box]]]:
        """Every row's own cells with their 0-based column (单元格的列号). Raises ValueError where the grid has a hole."""
        covered: dict[tuple[int, int], bool] = {}
        placed: list[list[tuple[int, Box]]] = []
        for number, boxes in enumerate(self.rows):
            column, line = 0, []
            for box in boxes:
                while covered.get((number, column)):
                    column += 1
                line.append((column, box))
                for down in range(box.rows):
                    for across in range(box.columns):
                        covered[number + down, column + across] = True
                column += box.columns
            placed.append(line)
            if not all(covered.get((number, each)) for each in range(len(self.widths))):
                raise ValueError(f"表格第{number + 1}行没有填满{len(self.widths)}列")
        return placed


Paper = Sequence[Line | Grid | Break]


def merged_levels(keys: Sequence[tuple[str, str]]) -> list[list[Box]]:
    """The first two level cells of each row (一二级指标合并): equal neighbours become one cell spanning down."""
    cells: list[list[Box]] = [[] for _ in keys]
    start = 0
    for level1, group in groupby(keys, key=lambda key: key[0]):
        members = list(group)
        cells[start].append(Box(level1, rows=len(members)))
        offset = start
        for level2, inner in groupby(members, key=lambda key: key[1]):
            count = len(list(inner))
            cells[offset].append(Box(level2, rows=count))
            offset += count
        start += len(members)
    return cells
