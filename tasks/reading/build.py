"""From what a reader finds to a Document (组装文档): numbering of blocks, clean text, resolved grids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from models.document import Cell, CellFlag, Document, FileIdentity, Paragraph, Source, Table
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits

# Zero width, bidirectional and other control characters carry no meaning here and can hide text from a reader's eye.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
_COMPATIBLE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_BLANK_LINES = re.compile(r"[ \t\u3000\u00a0]*\n\s*")
# A line of a table of contents: leader dots and then a page number.
_CONTENTS = re.compile(r"^.{1,80}?(?:[.·․‥。．]{6,}|…{2,})[\s.·…]*[-—–]?\s*\d{1,3}\s*[-—–]?$", re.DOTALL)


@dataclass(slots=True)
class RawCell:
    """A cell on its way into a grid (待组装单元格); row and column count from 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    page: int | None = None
    flags: tuple[CellFlag, ...] = ()
    confidence: float | None = None


def clean(text: str) -> str:
    """Printed text without invisible characters and outer blanks (清理文字); inner blanks stay as printed."""
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Compatibility forms of Chinese characters (U+2F00 radicals, U+F9xx) come out of some PDF fonts; the plain one is meant.
    text = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return (_BLANK_LINES.sub("\n", text) if "\n" in text else text).strip()


def is_contents_line(text: str) -> bool:
    """Whether a line belongs to a table of contents (目录行) and so repeats a heading with a page number."""
    return _CONTENTS.match(text) is not None


class DocumentBuilder:
    """Collects blocks in reading order (文档组装): counts paragraphs and tables from 1, drops empty ones."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits = limits
        self.blocks: list[Paragraph | Table] = []
        self.warnings: list[str] = []
        self._paragraphs = 0
        self._tables = 0
        self._cells = 0

    def paragraph(
        self,
        text: str,
        *,
        page: int | None = None,
        sheet: str | None = None,
        row: int | None = None,
        number: str | None = None,
        heading_level: int | None = None,
    ) -> None:
        """Add a paragraph (加入段落) unless it is empty or a line of a table of contents."""
        text = clean(text)
        if not text or is_contents_line(text):
            return
        self._paragraphs += 1
        place = Source(page=page, sheet=sheet, row=row, paragraph=self._paragraphs)
        self.blocks.append(Paragraph(text=text, place=place, number=number, heading_level=heading_level))

    def table(self, cells: Iterable[RawCell], *, page: int | None = None, sheet: str | None = None) -> None:
        """Add a table (加入表格) unless all its cells are empty; grid columns no cell edge uses are closed up."""
        found = [*cells]
        for cell in found:
            cell.text = clean(cell.text)
        if not any(cell.text for cell in found):
            return
        if sheet is None:  # in a workbook the row and column are those of the sheet
            _close_up(found)
        rows = max(cell.row + cell.row_span for cell in found) - 1
        columns = max(cell.column + cell.column_span for cell in found) - 1
        self._tables += 1
        self._cells += len(found)
        self._check_size(rows, sheet)
        number = self._tables
        self.blocks.append(
            Table(
                number=number,
                rows=rows,
                columns=columns,
                cells=tuple(_cell(raw, number, sheet) for raw in sorted(found, key=lambda c: (c.row, c.column))),
                place=Source(page=page, sheet=sheet, table=number),
            )
        )

    def warn(self, sentence: str) -> None:
        """Tell staff something about the file (提示), once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def document(self, file: FileIdentity) -> Document:
        """The finished document (完成的文档)."""
        return Document(file=file, blocks=tuple(self.blocks), warnings=tuple(self.warnings))

    def _check_size(self, rows: int, sheet: str | None) -> None:
        most = self.limits.table_rows if sheet is None else self.limits.sheet_rows
        if rows > most:
            raise UnreadableError("limit-exceeded", f"表{self._tables}有{rows}行，上限{most}行")
        if self._cells > self.limits.table_cells:
            raise UnreadableError("limit-exceeded", f"表格单元格超过{self.limits.table_cells}个")


def _cell(raw: RawCell, table: int, sheet: str | None) -> Cell:
    return Cell(
        row=raw.row,
        column=raw.column,
        row_span=raw.row_span,
        column_span=raw.column_span,
        text=raw.text,
        place=Source(page=raw.page, sheet=sheet, table=table, row=raw.row, column=raw.column),
        flags=raw.flags,
        confidence=raw.confidence,
    )


def _close_up(cells: list[RawCell]) -> None:
    """Renumber columns by the cell edges in use (合并无用的网格列), so that one table has one shape in every format."""
    edges = sorted({cell.column for cell in cells} | {cell.column + cell.column_span for cell in cells})
    index = {edge: position for position, edge in enumerate(edges, 1)}
    for cell in cells:
        right = index[cell.column + cell.column_span]
        cell.column = index[cell.column]
        cell.column_span = right - cell.column
