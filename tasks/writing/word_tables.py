"""Tables for Word documents (公文表格), written as XML in one go.

python-docx builds a table cell by cell and looks every cell up again, which takes minutes for a hundred departments;
the elements made here are the same, in time proportional to the number of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from tasks.writing.fonts import HEADING, SONG, name_fonts
from tasks.writing.word_text import clean

Align = Literal["left", "center", "right"]
TWIPS_PER_MM = 1440 / 25.4
_LINE = 1.3  # height of a line in a table, as a multiple of the font size


@dataclass(frozen=True)
class Box:
    """One table cell (单元格). ``span``: columns covered; ``merge``: starts or continues a cell that goes down."""

    text: str = ""
    span: int = 1
    merge: Literal["", "restart", "continue"] = ""
    align: Align = "center"
    bold: bool = False
    shade: str = ""


@dataclass(frozen=True)
class Grid:
    """A table (表格): widths in mm, rows of boxes, how many rows repeat on every page, font size in points."""

    widths: Sequence[float]
    rows: Sequence[Sequence[Box]]
    header_rows: int = 1
    size: float = 10.5
    row_height: float = 0  # mm, at least
    heights: dict[int, float] = field(default_factory=dict)  # mm, at least, for single rows
    borders: bool = True
    gap_mm: float = 0  # white between the rows of a table without borders


def element(name: str, **attributes: str) -> Any:
    """One XML element of the word-processing namespace (XML 元素), e.g. ``element("w:jc", val="center")``."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _borders() -> Any:
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(f"w:{side}", val="single", sz="4", space="0", color="000000"))
    return borders


def _gaps(mm: float) -> Any:
    """White lines between the rows (行间留白), so that coloured cells read as bars."""
    gaps = element("w:tblBorders")
    size = str(round(mm * 72 / 25.4 * 8))
    for side in ("top", "bottom", "insideH"):
        gaps.append(element(f"w:{side}", val="single", sz=size, space="0", color="FFFFFF"))
    return gaps


def _properties(grid: Grid) -> Any:
    properties = element("w:tblPr")
    properties.append(element("w:tblW", w=str(twips(sum(grid.widths))), type="dxa"))
    properties.append(element("w:jc", val="center"))
    if grid.borders:
        properties.append(_borders())
    elif grid.gap_mm:
        properties.append(_gaps(grid.gap_mm))
    properties.append(element("w:tblLayout", type="fixed"))
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w="70", type="dxa"))
    properties.append(margins)
    return properties


def twips(mm: float) -> int:
    """Millimetres in twentieths of a point (毫米换算)."""
    return round(mm * TWIPS_PER_MM)


def run_element(text: str, size: float, font: str) -> Any:
    """A run of text (文字) of a given size in points and East Asian font."""
    run = element("w:r")
    name_fonts(run, font)
    properties = run.find(qn("w:rPr"))
    properties.append(element("w:sz", val=str(round(size * 2))))
    properties.append(element("w:szCs", val=str(round(size * 2))))
    if text:
        written = element("w:t")
        written.text = clean(text)
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(written)
    return run


def _paragraphs(box: Box, size: float) -> list[Any]:
    made = []
    for line in clean(box.text).split("\n"):
        paragraph = element("w:p")
        properties = element("w:pPr")
        properties.append(
            element("w:spacing", before="20", after="20", line=str(round(size * 20 * _LINE)), lineRule="exact")
        )
        properties.append(element("w:ind", firstLine="0", firstLineChars="0"))
        properties.append(element("w:jc", val=box.align))
        paragraph.append(properties)
        if line:
            paragraph.append(run_element(line, size, HEADING if box.bold else SONG))
        made.append(paragraph)
    return made


def _cell(box: Box, width: float, size: float) -> Any:
    cell = element("w:tc")
    properties = element("w:tcPr")
    properties.append(element("w:tcW", w=str(twips(width)), type="dxa"))
    if box.span > 1:
        properties.append(element("w:gridSpan", val=str(box.span)))
    if box.merge == "restart":
        properties.append(element("w:vMerge", val="restart"))
    if box.merge == "continue":
        properties.append(element("w:vMerge"))
    if box.shade:
        properties.append(element("w:shd", val="clear", color="auto", fill=box.shade))
    properties.append(element("w:vAlign", val="center"))
    cell.append(properties)
    cell.extend(_paragraphs(box, size))
    return cell


def _row(grid: Grid, index: int) -> Any:
    row = element("w:tr")
    properties = element("w:trPr")
    properties.append(element("w:cantSplit"))
    height = grid.heights.get(index, grid.row_height)
    if height:
        properties.append(element("w:trHeight", val=str(twips(height)), hRule="atLeast"))
    if index < grid.header_rows:
        properties.append(element("w:tblHeader"))
    row.append(properties)
    column = 0
    for box in grid.rows[index]:
        row.append(_cell(box, sum(grid.widths[column : column + box.span]), grid.size))
        column += box.span
    if column != len(grid.widths):
        raise ValueError(f"row {index + 1} covers {column} of {len(grid.widths)} columns")
    return row


def table_element(grid: Grid) -> Any:
    """The ``w:tbl`` element of a grid (表格元素). Raises ValueError when a row does not cover all columns."""
    table = element("w:tbl")
    table.append(_properties(grid))
    columns = element("w:tblGrid")
    for width in grid.widths:
        columns.append(element("w:gridCol", w=str(twips(width))))
    table.append(columns)
    for index in range(len(grid.rows)):
        table.append(_row(grid, index))
    return table


def merged_down(labels: Sequence[str], align: Align = "center", bold: bool = False) -> list[Box]:
    """One column of boxes in which equal neighbours become one cell (同名单元格向下合并)."""
    boxes: list[Box] = []
    for index, label in enumerate(labels):
        same_above = index > 0 and labels[index - 1] == label
        same_below = index + 1 < len(labels) and labels[index + 1] == label
        if same_above:
            boxes.append(Box(merge="continue", align=align, bold=bold))
        if not same_above:
            boxes.append(Box(label, merge="restart" if same_below else "", align=align, bold=bold))
    return boxes
