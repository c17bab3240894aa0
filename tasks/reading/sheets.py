"""A worksheet to blocks (工作表成文): title rows become paragraphs, the rest a table with the sheet's own coordinates."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.reading.build import DocumentBuilder, RawCell, clean
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits

_FULL_WIDTH = 0.7  # a single cell at least this share of the used width is a title line


@dataclass(slots=True)
class Sheet:
    """A worksheet as shown (工作表): texts by (row, column) from 1, merged ranges as (row, column, last row, last column)."""

    name: str
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


def add_sheet(sheet: Sheet, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Put a worksheet into the builder (加入工作表). Raises UnreadableError where it is larger than allowed."""
    texts = {place: text for place, text in sheet.texts.items() if clean(text)}
    if not texts:
        return
    rows, columns = max(row for row, _ in texts), max(column for _, column in texts)
    if rows > limits.sheet_rows or columns > limits.sheet_columns:
        raise UnreadableError(
            "limit-exceeded",
            f"工作表“{sheet.name}”写到第{rows}行第{columns}列，上限{limits.sheet_rows}行{limits.sheet_columns}列",
        )
    spans = {(r0, c0): (min(r1, rows), max(c0, min(c1, columns))) for r0, c0, r1, c1 in sheet.merges if r0 <= rows}
    by_row: dict[int, list[int]] = {}
    for row, column in sorted(texts):
        by_row.setdefault(row, []).append(column)
    left = min(column for _, column in texts)
    part: list[int] = []
    last = 0
    for row, filled in by_row.items():
        opens = not part or row > last + 1
        if opens and _is_title(row, filled, spans, left, columns):
            _flush(part, texts, spans, left, columns, sheet, builder, limits)
            part = []
            builder.paragraph(texts[row, filled[0]], sheet=sheet.name, row=row)
        else:
            part.append(row)
        last = max(row, *(spans.get((row, column), (row, column))[0] for column in filled))
    _flush(part, texts, spans, left, columns, sheet, builder, limits)


def _is_title(
    row: int, filled: list[int], spans: dict[tuple[int, int], tuple[int, int]], left: int, columns: int
) -> bool:
    if len(filled) != 1:
        return False
    if columns == left:
        return True
    last_row, last_column = spans.get((row, filled[0]), (row, filled[0]))
    return last_row == row and last_column - filled[0] + 1 >= _FULL_WIDTH * (columns - left + 1)


def _flush(
    rows: list[int],
    texts: dict[tuple[int, int], str],
    spans: dict[tuple[int, int], tuple[int, int]],
    left: int,
    columns: int,
    sheet: Sheet,
    builder: DocumentBuilder,
    limits: ReadLimits,
) -> None:
    """Add the rows from the first to the last of ``rows`` as one table; empty positions are empty cells."""
    if not rows:
        return
    first, end = rows[0], rows[-1]
    if (end - first + 1) * (columns - left + 1) > limits.table_cells:
        raise UnreadableError("limit-exceeded", f"工作表“{sheet.name}”的单元格超过{limits.table_cells}个")
    cells: list[RawCell] = []
    covered: set[tuple[int, int]] = set()
    for row in range(first, end + 1):
        for column in range(left, columns + 1):
            if (row, column) in covered:
                continue
            last_row, last_column = spans.get((row, column), (row, column))
            last_row = min(last_row, end) if (row, column) not in texts else last_row
            covered.update((r, c) for r in range(row, last_row + 1) for c in range(column, last_column + 1))
            cells.append(
                RawCell(row, column, last_row - row + 1, last_column - column + 1, texts.get((row, column), ""))
            )
    builder.table(cells, sheet=sheet.name)
