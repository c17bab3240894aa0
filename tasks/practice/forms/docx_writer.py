"""A paper as a Word file (生成docx): the OOXML is written directly, so that the bytes never change.

The look follows the official layout (公文格式): 方正小标宋 title, 黑体 and 楷体 headings, 仿宋 body, tables in 宋体.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from tasks.practice.forms.docx_parts import CONTENT_TYPES, DOCUMENT_RELS, FONTS, PACKAGE_RELS, STYLES, core, footer
from tasks.practice.forms.layout import Box, Break, Grid, Line, Paper
from tasks.practice.forms.packing import packed

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TEXT_WIDTH_CM = 17.0
_TWIPS = 567  # twentieths of a point in a centimetre
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_SECTION = (
    f'<w:sectPr><w:footerReference xmlns:r="{_R}" w:type="default" r:id="rId3"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1588" w:right="1134" w:bottom="1361" w:left="1134" w:header="851" w:footer="992" w:gutter="0"/>'
    "</w:sectPr>"
)


def docx_bytes(paper: Paper, title: str, author: str) -> bytes:
    """The Word file of a paper (docx文件内容). Same arguments, same bytes."""
    body = "".join(_blocks(paper))
    document = f'{_HEAD}<w:document xmlns:w="{_W}"><w:body>{body}{_SECTION}</w:body></w:document>'
    parts = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", PACKAGE_RELS),
        ("docProps/core.xml", core(title, author)),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS),
        ("word/document.xml", document),
        ("word/fontTable.xml", FONTS),
        ("word/footer1.xml", footer()),
        ("word/styles.xml", STYLES),
    ]
    return packed([(name, text.encode()) for name, text in parts])


def _blocks(paper: Paper) -> Iterator[str]:
    new_page = False
    for block in paper:
        if isinstance(block, Break):
            new_page = True  # on the next paragraph: a paragraph of its own would fill an empty page after a full one
        elif isinstance(block, Line):
            yield _paragraph(block.text, block.style, "<w:pageBreakBefore/>" if new_page else "")
            new_page = False
        else:
            yield _table(block) + _paragraph("", "gap")


def _paragraph(text: str, style: str, extra: str = "") -> str:
    run = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr><w:pStyle w:val={quoteattr(style)}/>{extra}</w:pPr>{run}</w:p>"


def _table(grid: Grid) -> str:
    scale = TEXT_WIDTH_CM / sum(grid.widths) * _TWIPS
    widths = [round(width * scale) for width in grid.widths]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = "".join(_row(grid, number, cells, widths) for number, cells in enumerate(_filled(grid)))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def _filled(grid: Grid) -> list[list[tuple[int, Box, bool]]]:
    """Every row with the continuations of cells that span down (含向下合并的续格), in column order."""
    rows: list[list[tuple[int, Box, bool]]] = [[] for _ in grid.rows]
    for number, cells in enumerate(grid.placed()):
        for column, box in cells:
            rows[number].append((column, box, True))
            for down in range(1, box.rows):
                rows[number + down].append((column, box, False))
    return [sorted(row, key=lambda cell: cell[0]) for row in rows]


def _row(grid: Grid, number: int, cells: list[tuple[int, Box, bool]], widths: list[int]) -> str:
    header = "<w:tblHeader/>" if number < grid.header_rows else ""
    inside = "".join(_cell(column, box, first, widths) for column, box, first in cells)
    height = '<w:trHeight w:val="350" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{header}</w:trPr>{inside}</w:tr>"


def _cell(column: int, box: Box, first: bool, widths: list[int]) -> str:
    width = sum(widths[column : column + box.columns])
    span = f'<w:gridSpan w:val="{box.columns}"/>' if box.columns > 1 else ""
    merge = "" if box.rows == 1 else '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
    style = "tablehead" if box.head else "table"
    align = "" if box.align == "center" else f'<w:jc w:val="{box.align}"/>'
    text = _paragraph(box.text if first else "", style, align)
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/>'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"
