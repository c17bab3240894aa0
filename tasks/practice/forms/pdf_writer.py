"""A paper as a PDF with real text and ruled tables (生成文本型PDF); tables run over pages with their header rows."""

from __future__ import annotations

import io
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tasks.practice.forms.layout import CAPTION, Break, Grid, Line, Paper

_FONT = "STSong-Light"  # an Adobe CID font: not embedded, every reader brings a stand-in
_TEXT_WIDTH = 17 * cm
_ROOM_BELOW_CAPTION = 6 * cm  # a caption never stands alone at the foot; the table below may run over pages


def pdf_bytes(paper: Paper, title: str, author: str) -> bytes:
    """The PDF of a paper (pdf文件内容). Same arguments, same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=2 * cm, rightMargin=2 * cm, topMargin=2.8 * cm, bottomMargin=2.6 * cm,
        title=title, author=author, creator="", producer="", invariant=1,
    )  # fmt: skip
    story = [flowable for block in paper for flowable in _block(block)]
    document.build(story, onFirstPage=_page_number, onLaterPages=_page_number)
    return buffer.getvalue()


def _page_number(canvas, document) -> None:  # type: ignore[no-untyped-def]
    canvas.setFont(_FONT, 12)
    canvas.drawCentredString(A4[0] / 2, 1.6 * cm, f"— {document.page} —")


@cache
def _styles() -> dict[str, ParagraphStyle]:
    def style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
        return ParagraphStyle(name, fontName=_FONT, fontSize=size, leading=leading, wordWrap="CJK", **more)

    indent = {"firstLineIndent": 28}
    return {
        "title": style("title", 20, 30, alignment=TA_CENTER, keepWithNext=1),
        "h1": style("h1", 15, 26, spaceBefore=4, keepWithNext=1, **indent),
        "h2": style("h2", 14, 24, keepWithNext=1, **indent),
        "body": style("body", 14, 24, **indent),
        "caption": style("caption", 14, 22, alignment=TA_CENTER),
        "note": style("note", 13, 20),
        "sign": style("sign", 14, 24, alignment=TA_RIGHT),
        "center": style("center", 8.5, 11, alignment=TA_CENTER),
        "left": style("left", 8.5, 11, alignment=TA_LEFT, rightIndent=6),  # room for a full stop at the edge
    }


def _block(block: Line | Grid | Break) -> list[object]:
    if isinstance(block, Line):
        room = [CondPageBreak(_ROOM_BELOW_CAPTION)] if block.style == CAPTION else []
        return [*room, Paragraph(escape(block.text), _styles()[block.style])]
    if isinstance(block, Break):
        return [CondPageBreak(_ROOM_BELOW_CAPTION)]  # forms follow one another, as offices save paper
    return [_table(block), Spacer(1, 6)]


def _table(grid: Grid) -> Table:
    scale = _TEXT_WIDTH / sum(grid.widths)
    data: list[list[object]] = [[""] * len(grid.widths) for _ in grid.rows]
    spans = []
    for row, boxes in enumerate(grid.placed()):
        for column, box in boxes:
            data[row][column] = Paragraph(escape(box.text), _styles()[box.align])
            if box.rows > 1 or box.columns > 1:
                spans.append(("SPAN", (column, row), (column + box.columns - 1, row + box.rows - 1)))
    table = Table(data, colWidths=[width * scale for width in grid.widths], repeatRows=grid.header_rows)
    edges = [("GRID", (0, 0), (-1, -1), 0.6, colors.black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    padding = [(side, (0, 0), (-1, -1), 3) for side in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")]
    table.setStyle(TableStyle([*spans, *edges, *padding]))
    return table
