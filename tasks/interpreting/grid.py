"""A table as the recognisers see it (表格网格): rows of distinct cells, header columns found by label."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from models.document import Cell, CellFlag, Source, Table
from tasks.interpreting.lexicon import Labels
from tasks.interpreting.quantities import decimal_of, quantity
from tasks.interpreting.text import folded, squeezed

FLAG_FACTORS = {CellFlag.GLUED: 0.9, CellFlag.INK: 0.7}


class Grid:
    """A table with its cells by position (网格). Rows and columns are 0-based here, 1-based in every Source."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.owners = table.owners()
        self.height = table.rows
        self.width = table.columns
        self._rows = [self._distinct(row) for row in range(self.height)]
        self._starts = [[cell for cell in cells if cell.row - 1 == row] for row, cells in enumerate(self._rows)]
        self._filled = [[cell for cell in cells if squeezed(cell.text)] for cells in self._starts]

    def _distinct(self, row: int) -> list[Cell]:
        found: list[Cell] = []
        for cell in self.owners[row]:
            if cell is not None and (not found or found[-1] is not cell):
                found.append(cell)
        return found

    def row(self, row: int) -> list[Cell]:
        """The distinct cells that cover a row, left to right, those merged from above included."""
        return self._rows[row]

    def starts(self, row: int) -> list[Cell]:
        """The cells that begin in this row."""
        return self._starts[row]

    def filled(self, row: int) -> list[Cell]:
        """The cells that begin in this row and hold text."""
        return self._filled[row]

    def under(self, header: Cell, row: int) -> Cell | None:
        """The cell of ``row`` that lies most under a header cell; where the grid has a hole there, None."""
        first, last = header.column - 1, header.column - 1 + header.column_span
        best: Cell | None = None
        most = 0
        for cell in self._rows[row]:
            overlap = min(last, cell.column - 1 + cell.column_span) - max(first, cell.column - 1)
            if overlap > most:
                best, most = cell, overlap
        return best


def place_of(cell: Cell) -> Source:
    """Where a cell stands, with its text as the quote (单元格出处)."""
    return cell.place.model_copy(
        update={
            "row": cell.place.row or cell.row,
            "column": cell.place.column or cell.column,
            "quote": folded(cell.text),
        }
    )


def trust(cells: Iterable[Cell | None], start: Decimal | None = None) -> Decimal | None:
    """How sure the cells of a row are (可信度): the reader's own doubt times its flags; None where there is none."""
    sure = start
    for cell in cells:
        if cell is None:
            continue
        factor = Decimal(str(cell.confidence)) if cell.confidence is not None else Decimal(1)
        for flag in cell.flags:
            factor *= Decimal(str(FLAG_FACTORS.get(flag, 1)))
        if factor < 1:
            sure = min(sure, factor) if sure is not None else factor
    return None if sure is None else sure.quantize(Decimal("0.01"))


@dataclass(frozen=True)
class Header:
    """A header of one or two rows (表头): the cell of each recognised column, labels nobody knows, and all cells."""

    top: int
    bottom: int
    columns: dict[str, Cell]
    unknown: tuple[Cell, ...] = field(default=())
    cells: tuple[Cell, ...] = field(default=())

    def cell(self, grid: Grid, name: str, row: int) -> Cell | None:
        """The cell of a named column in a row; None where the table has no such column or the cell is the header."""
        head = self.columns.get(name)
        if head is None:
            return None
        found = grid.under(head, row)
        return None if found is None or found.row - 1 <= self.bottom else found


@lru_cache(maxsize=8192)
def looks_like_value(text: str) -> bool:
    """Whether a cell holds a number rather than a label (数值单元格)."""
    return decimal_of(text) is not None or quantity(text) is not None


def read_header(
    grid: Grid,
    row: int,
    labels: Labels,
    enough: Callable[[dict[str, Cell], int], bool],
    depth: int = 2,
    skip: Callable[[Cell, int], bool] | None = None,
) -> Header | None:
    """The header that begins in ``row`` (识别表头), over one row or two, or None.

    ``skip`` tells, from a cell and the header's last row, which cells are no columns whatever they say.

    A cell that reaches further down than the header is a side label, not a column. Where two cells could mean the same
    column, the first takes it and the second its next meaning. ``enough`` judges the columns found and how many cells
    had a known label.
    """
    for bottom in range(row, min(row + depth, grid.height)):
        cells = [cell for cell in _header_cells(grid, row, bottom) if squeezed(cell.text)]
        if any(looks_like_value(cell.text) for cell in cells):
            continue
        if skip is not None:
            cells = [cell for cell in cells if not skip(cell, bottom)]
        columns, unknown = _named_columns(grid, cells, bottom, labels)
        if bottom > row:
            lower, _ = _named_columns(grid, [cell for cell in cells if cell.row - 1 == bottom], bottom, labels)
            if len(lower) >= len(columns):
                continue  # the row above adds nothing: the header begins one row further down
        if enough(columns, len(cells) - len(unknown)):
            return Header(row, bottom, columns, tuple(unknown), tuple(cells))
    return None


def _named_columns(grid: Grid, cells: list[Cell], bottom: int, labels: Labels) -> tuple[dict[str, Cell], list[Cell]]:
    columns: dict[str, Cell] = {}
    unknown = []
    for cell in cells:
        names = labels.names(cell.text)
        free = [one for one in names if one not in columns]
        if free:
            columns[free[0]] = cell
        elif names and not _holds_text(grid, columns[names[0]], bottom) and _holds_text(grid, cell, bottom):
            columns[names[0]] = cell
        elif not names:
            unknown.append(cell)
    return columns, unknown


def _holds_text(grid: Grid, head: Cell, bottom: int) -> bool:
    """Whether anything stands in the next rows under a header cell; nothing does under a side label left unmerged."""
    below = [grid.under(head, row) for row in range(bottom + 1, min(bottom + 4, grid.height))]
    return any(cell is not None and cell.row - 1 > bottom and squeezed(cell.text) for cell in below)


def _header_cells(grid: Grid, top: int, bottom: int) -> list[Cell]:
    """Cells of a header block: of two stacked cells the lower one names the column, unless it is blank.

    A cell that reaches below the block is a side label: no column itself, and nothing above it is one.
    """
    found = [cell for cell in grid.starts(bottom) if cell.row + cell.row_span - 2 <= bottom]
    for row in range(top, bottom):
        for cell in grid.starts(row):
            if cell.row + cell.row_span - 2 > bottom:
                continue
            below = (one for one in grid.row(bottom) if one is not cell and _overlap(one, cell))
            if not any(squeezed(one.text) for one in below):
                found.append(cell)
    return sorted(found, key=lambda cell: cell.column)


def _overlap(left: Cell, right: Cell) -> bool:
    return left.column < right.column + right.column_span and right.column < left.column + left.column_span
