"""What stands at the foot of an official document (公文的页脚部分): the imprint (版记) and the page numbers (页码)."""

from __future__ import annotations

from datetime import date
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from tasks.writing.dates import chinese_date
from tasks.writing.fonts import BODY, SONG
from tasks.writing.word_tables import element, run_element, twips

SIZE_IMPRINT = 14  # 四号
_WIDTH_MM = 156
_LEFT_SHARE = 0.6
_PAGE_HEIGHT_MM, _BOTTOM_MM, _LEFT_MM = 297, 35, 28
_ROW_TWIPS = 560


def imprint(document: Document, office: str, issued_on: date, copied_to: str = "") -> None:
    """The imprint (版记) at the foot of the last page: copies to, issuing office and date of issue.

    A table at a fixed height of the page: the one construct that Word, WPS and LibreOffice all keep there.
    """
    lines = [(office, f"{chinese_date(issued_on)}印发")]
    if copied_to:
        lines.insert(0, (f"抄送：{copied_to}。", ""))
    table = element("w:tbl")
    table.append(_imprint_properties(len(lines)))
    columns = element("w:tblGrid")
    widths = (_WIDTH_MM * _LEFT_SHARE, _WIDTH_MM * (1 - _LEFT_SHARE))
    for width in widths:
        columns.append(element("w:gridCol", w=str(twips(width))))
    table.append(columns)
    for left, right in lines:
        table.append(_imprint_row(left, right, widths))
    end = document.element.body.find(qn("w:sectPr"))
    end.addprevious(table)
    end.addprevious(_thin_paragraph())


def _imprint_properties(rows: int) -> Any:
    properties = element("w:tblPr")
    top = twips(_PAGE_HEIGHT_MM - _BOTTOM_MM) - rows * _ROW_TWIPS
    properties.append(
        element("w:tblpPr", leftFromText="0", rightFromText="0", vertAnchor="page", horzAnchor="page",
                tblpX=str(twips(_LEFT_MM)), tblpY=str(top))
    )  # fmt: skip
    properties.append(element("w:tblW", w=str(twips(_WIDTH_MM)), type="dxa"))
    borders = element("w:tblBorders")
    for side, weight in (("top", "8"), ("bottom", "8"), ("insideH", "6")):
        borders.append(element(f"w:{side}", val="single", sz=weight, space="0", color="000000"))
    properties.append(borders)
    properties.append(element("w:tblLayout", type="fixed"))
    return properties


def _imprint_row(left: str, right: str, widths: tuple[float, float]) -> Any:
    row = element("w:tr")
    height = element("w:trPr")
    height.append(element("w:trHeight", val=str(_ROW_TWIPS), hRule="exact"))
    row.append(height)
    cells = [(left, widths[0], 1, "left"), (right, widths[1], 1, "right")]
    if not right:
        cells = [(left, sum(widths), 2, "left")]
    for text, width, span, align in cells:
        cell = element("w:tc")
        properties = element("w:tcPr")
        properties.append(element("w:tcW", w=str(twips(width)), type="dxa"))
        if span > 1:
            properties.append(element("w:gridSpan", val=str(span)))
        properties.append(element("w:vAlign", val="center"))
        cell.append(properties)
        paragraph = element("w:p")
        layout = element("w:pPr")
        layout.append(element("w:spacing", before="0", after="0", line="400", lineRule="exact"))
        # One character free on the outer side; the cell's own margin is part of it.
        layout.append(element("w:ind", **{align: str(SIZE_IMPRINT * 20 - 108)}))
        layout.append(element("w:jc", val=align))
        paragraph.append(layout)
        paragraph.append(run_element(text, SIZE_IMPRINT, BODY))
        cell.append(paragraph)
        row.append(cell)
    return row


def _thin_paragraph() -> Any:
    """A body has to end in a paragraph; one point high, it cannot open a new page."""
    paragraph = element("w:p")
    layout = element("w:pPr")
    layout.append(element("w:spacing", before="0", after="0", line="20", lineRule="exact"))
    paragraph.append(layout)
    return paragraph


def number_pages(document: Document) -> None:
    """Page numbers (页码) in the footer: — 1 —, 四号, one character in from the outer edge."""
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]._element
        layout = paragraph.get_or_add_pPr()
        layout.append(element("w:ind", **{align: str(SIZE_IMPRINT * 20)}))
        layout.append(element("w:jc", val=align))
        paragraph.append(run_element("— ", SIZE_IMPRINT, SONG))
        for instruction in ("begin", "PAGE", "end"):
            paragraph.append(_field_run(instruction))
        paragraph.append(run_element(" —", SIZE_IMPRINT, SONG))


def _field_run(instruction: str) -> Any:
    run = run_element("", SIZE_IMPRINT, SONG)
    if instruction == "PAGE":
        code = element("w:instrText")
        code.text = " PAGE "
        run.append(code)
        return run
    run.append(element("w:fldChar", fldCharType=instruction))
    return run
