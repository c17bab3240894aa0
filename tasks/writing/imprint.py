"""What stands at the foot of an official document (公文的页脚部分): the imprint (版记) and the page numbers (页码)."""

from __future__ import annotations

from datetime import date
from typing import Any

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from tasks.writing.dates import chinese_date
from tasks.writing.fonts import BODY, SONG
from tasks.writing.word_tables import element, run_element, twips

SIZE_IMPRINT = 14  # 四号
_WIDTH_MM, _ROW_MM = 156, 10
_TEXT_BOX = """
<w:drawing
  xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
  xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
  xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
  xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="0" locked="0"
  layoutInCell="1" allowOverlap="0">
<wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="margin"><wp:align>center</wp:align></wp:positionH>
<wp:positionV relativeFrom="margin"><wp:align>bottom</wp:align></wp:positionV>
<wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapTopAndBottom/>
<wp:docPr id="1" name="imprint"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wps:wsp><wps:cNvSpPr txBox="1"/>
<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>
<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"/></wps:wsp>
</a:graphicData></a:graphic></wp:anchor></w:drawing>
"""


def imprint(document: Document, office: str, issued_on: date, copied_to: str = "") -> None:
    """The imprint (版记) at the foot of the last page: copies to, issuing office and date of issue.

    A text box that hangs on the bottom margin: the one construct that Word, WPS and LibreOffice all keep there.
    """
    lines = [f"{office}\t{chinese_date(issued_on)}印发"]
    if copied_to:
        lines.insert(0, f"抄送：{copied_to}。")
    anchored = parse_xml(_TEXT_BOX.format(width=_emu(_WIDTH_MM), height=_emu(_ROW_MM * len(lines) + 1)))
    content = next(anchored.iter(qn("w:txbxContent")))
    for number, line in enumerate(lines):
        content.append(_imprint_line(line, first=number == 0, last=number == len(lines) - 1))
    paragraph = element("w:p")
    layout = element("w:pPr")
    # One point high, so that the anchor itself cannot open a new page.
    layout.append(element("w:spacing", before="0", after="0", line="20", lineRule="exact"))
    paragraph.append(layout)
    run = element("w:r")
    run.append(anchored)
    paragraph.append(run)
    document.element.body.find(qn("w:sectPr")).addprevious(paragraph)


def _emu(mm: float) -> int:
    return round(mm * 36000)


def _imprint_line(line: str, *, first: bool, last: bool) -> Any:
    paragraph = element("w:p")
    layout = element("w:pPr")
    borders = element("w:pBdr")
    borders.append(element("w:top", val="single", sz="8" if first else "6", space="1", color="000000"))
    if last:
        borders.append(element("w:bottom", val="single", sz="8", space="1", color="000000"))
    layout.append(borders)
    tabs = element("w:tabs")
    tabs.append(element("w:tab", val="right", pos=str(twips(_WIDTH_MM) - SIZE_IMPRINT * 20)))
    layout.append(tabs)
    layout.append(element("w:spacing", before="0", after="0", line=str(twips(_ROW_MM) - 50), lineRule="exact"))
    layout.append(element("w:ind", firstLine=str(SIZE_IMPRINT * 20)))
    paragraph.append(layout)
    for part, text in enumerate(line.split("\t")):
        if part:
            tab = run_element("", SIZE_IMPRINT, BODY)
            tab.append(element("w:tab"))
            paragraph.append(tab)
        paragraph.append(run_element(text, SIZE_IMPRINT, BODY))
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
