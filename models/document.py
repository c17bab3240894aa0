"""A report as a reader sees it (报送材料的版面): paragraphs and table grids in order, each with its place.

This is the one thing between file formats and meaning. Readers (``tasks.reading``) make it, interpreters
(``tasks.interpreting``) and checks (``models.checks``) use it; nothing after it knows which format a file had.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of every value that is read once and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """Where something stands (出处). All numbers are 1-based; those that do not apply are absent.

    ``paragraph`` counts the paragraphs of the document body, ``table`` its tables (a table continued over pages is one
    table), ``row`` and ``column`` the grid of that table. ``sheet`` names the worksheet of a workbook, ``file`` the file
    where several were read together. ``quote`` is the printed text.
    """

    file: str | None = None
    page: int | None = None
    sheet: str | None = None
    paragraph: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    quote: str | None = None

    def spoken(self) -> str:
        """The place in words for a letter (出处的文字说明), e.g. ``第3页表2第5行第4列``; empty when nothing is known."""
        parts = [
            f"“{self.file}”" if self.file else "",
            f"第{self.page}页" if self.page else "",
            f"工作表“{self.sheet}”" if self.sheet else "",
            f"第{self.paragraph}段" if self.paragraph else "",
            f"表{self.table}" if self.table else "",
            f"第{self.row}行" if self.row else "",
            f"第{self.column}列" if self.column else "",
        ]
        return "".join(parts)


class Paragraph(Frozen):
    """One paragraph (段落). ``number`` is an automatic list number such as ``（二）`` that is not part of ``text``."""

    kind: str = "paragraph"
    text: str
    place: Source
    number: str | None = None
    heading_level: int | None = None

    @property
    def full_text(self) -> str:
        """The text as printed, with its automatic number (含自动编号的全文)."""
        return f"{self.number or ''}{self.text}"


class CellFlag(StrEnum):
    """What happened to a cell on its way into the grid (单元格标记)."""

    GLUED = "glued"  # cut by a page end and joined again
    CARRIED = "carried"  # a merged cell repeated by the reader after a page end
    OCR = "ocr"
    INK = "ink"  # something other than table lines (a seal, handwriting) touches the cell


class Cell(Frozen):
    """A table cell (单元格) with its grid span; ``row`` and ``column`` are those of its upper left corner, 1-based."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    text: str
    place: Source
    flags: tuple[CellFlag, ...] = ()
    confidence: float | None = None


class Table(Frozen):
    """A table (表格) as a resolved grid: every cell once, with its span; positions no cell covers are holes."""

    kind: str = "table"
    number: int
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    place: Source

    def owners(self) -> list[list[Cell | None]]:
        """The grid of owning cells (网格): ``owners()[r-1][c-1]`` is the cell covering row r, column c, or None."""
        grid: list[list[Cell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for row in range(cell.row - 1, min(cell.row - 1 + cell.row_span, self.rows)):
                for column in range(cell.column - 1, min(cell.column - 1 + cell.column_span, self.columns)):
                    grid[row][column] = cell
        return grid


Block = Paragraph | Table


class FileIdentity(Frozen):
    """A file (文件) by content: the name is only a label. ``pages`` is None where the format has no pages."""

    name: str
    sha256: str
    format: str
    pages: int | None = None
    ocr: bool = False


class Document(Frozen):
    """A file's content (文档): blocks in reading order. ``warnings`` are Chinese sentences for staff."""

    file: FileIdentity
    blocks: tuple[Paragraph | Table, ...]
    warnings: tuple[str, ...] = ()

    def paragraphs(self) -> Iterator[Paragraph]:
        """All paragraphs outside tables (段落), in order."""
        return (block for block in self.blocks if isinstance(block, Paragraph))

    def tables(self) -> Iterator[Table]:
        """All tables (表格), in order."""
        return (block for block in self.blocks if isinstance(block, Table))
