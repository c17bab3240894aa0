"""Documents in the official layout (公文格式, GB/T 9704-2012).

A4 with margins of 37/35/28/26 mm, red head, document number, red rule, title in 二号小标宋, body in 三号仿宋 with 28 pt
lines, signature and date, imprint at the foot of the last page, page numbers outside. Each function adds one element
of the layout to a Word document; ``finished`` turns it into bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from tasks.writing.dates import chinese_date
from tasks.writing.fingerprint import Fingerprint
from tasks.writing.fonts import BODY, HEADING, SUBHEADING, TITLE, font_table, name_fonts
from tasks.writing.imprint import number_pages
from tasks.writing.packing import repacked
from tasks.writing.word_tables import Grid, element, table_element
from tasks.writing.word_text import clean

MARGINS_MM = {"top": 37, "bottom": 35, "left": 28, "right": 26}
TEXT_WIDTH_MM = 156
SIZE_TITLE, SIZE_BODY = 22, 16  # 二号, 三号
LINE_PT = 28
RED = RGBColor(0xE6, 0x00, 0x12)
_HEAD_TOP_MM, _HEAD_LARGEST_PT = 35, 60
_KEPT_WITH_SIGNATURE = 3


def official_document(title: str, author: str, mark: Fingerprint | None = None) -> Document:
    """An empty document with the page, fonts and page numbers of an official one (版面), and its mark if it has one."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    section.footer_distance = Mm(25)
    normal = document.styles["Normal"]
    normal.font.size = Pt(SIZE_BODY)
    name_fonts(normal.element, BODY)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = Pt(LINE_PT)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.widow_control = False
    _speak_chinese(document)
    number_pages(document)
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = clean(title)[:200], clean(author)[:200], ""
    properties.comments = ""
    properties.keywords = str(mark) if mark is not None else ""
    properties.language = "zh-CN"
    return document


def _speak_chinese(document: Document) -> None:
    """Mark the text as Chinese (文字语言), so that fallback fonts take the mainland forms of characters."""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def add_text(
    paragraph: Paragraph,
    text: str,
    font: str = BODY,
    size: float = SIZE_BODY,
    colour: RGBColor | None = None,
    bold: bool = False,
) -> None:
    """Add a run of text to a paragraph (添加文字); characters a file cannot hold are left out."""
    run = paragraph.add_run(clean(text))
    run.font.size = Pt(size)
    run.font.bold = bold or None
    name_fonts(run._element, font)
    if colour is not None:
        run.font.color.rgb = colour


def red_head(document: Document, bureau: str, suffix: str = "文件") -> None:
    """The red head (发文机关标志), as large as the width of the text allows."""
    text = f"{bureau}{suffix}"
    paragraph = document.paragraphs[0] if document.paragraphs else document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    size = min(_HEAD_LARGEST_PT, int(Mm(TEXT_WIDTH_MM).pt / max(len(text), 1) / 1.04))
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    paragraph.paragraph_format.space_before = Mm(_HEAD_TOP_MM - 12)
    add_text(paragraph, text, TITLE, size, RED)


def number_and_rule(document: Document, document_number: str) -> None:
    """Document number, two lines below the head, and the red rule 4 mm under it (发文字号、红色分隔线)."""
    document.add_paragraph()
    document.add_paragraph()
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_text(paragraph, document_number)
    borders = element("w:pBdr")
    borders.append(element("w:bottom", val="single", sz="18", space="11", color="E60012"))
    _insert_borders(paragraph, borders)


def _insert_borders(paragraph: Paragraph, borders: Any) -> None:
    properties = paragraph._element.get_or_add_pPr()
    # The schema wants pBdr before spacing and jc.
    following = [child for child in properties if child.tag in {qn("w:spacing"), qn("w:ind"), qn("w:jc")}]
    if following:
        following[0].addprevious(borders)
        return
    properties.append(borders)


def title_lines(document: Document, lines: Sequence[str], blank_above: int = 2, space_after: float = 0) -> None:
    """The title (标题), centred in 二号小标宋; long titles come as several lines, longest first or in the middle."""
    for _ in range(blank_above):
        document.add_paragraph()
    for number, line in enumerate(lines):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = Pt(36)
        paragraph.paragraph_format.keep_with_next = True
        add_text(paragraph, line, TITLE, SIZE_TITLE)
        if number == len(lines) - 1:
            paragraph.paragraph_format.space_after = Pt(space_after)


def addressee(document: Document, addressees: str) -> None:
    """Whom it is for (主送机关): one blank line below the title, flush left, ended by a colon."""
    document.add_paragraph()
    paragraph = document.add_paragraph()
    add_text(paragraph, f"{addressees}：")


def body_paragraph(document: Document, text: str, level: int = 0) -> None:
    """A paragraph of the body (正文). ``level`` 1 = 一、in 黑体, 2 = （一）in 楷体, 0 = text in 仿宋."""
    fonts = {0: BODY, 1: HEADING, 2: SUBHEADING}
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if level == 0 else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.first_line_indent = Pt(2 * SIZE_BODY)
    paragraph.paragraph_format.keep_with_next = level > 0 or None
    add_text(paragraph, text, fonts[level])


def body_markup(document: Document, text: str) -> None:
    """The body from a template's text (正文文本): a line a paragraph, ``#`` and ``##`` mark headings."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped:
            continue
        level = len(stripped) - len(stripped.lstrip("#"))
        body_paragraph(document, stripped.lstrip("#").strip(), min(level, 2))


def attachment_list(document: Document, names: Sequence[str]) -> None:
    """The list of attachments (附件说明): one blank line below the body, no punctuation after the names."""
    if not names:
        return
    document.add_paragraph()
    several = len(names) > 1
    for number, name in enumerate(names, 1):
        paragraph = document.add_paragraph()
        hanging = 4.5 if several else 3
        paragraph.paragraph_format.left_indent = Pt((2 + hanging) * SIZE_BODY)
        paragraph.paragraph_format.first_line_indent = Pt(-hanging * SIZE_BODY if number == 1 else -1.5 * SIZE_BODY)
        add_text(paragraph, ("附件：" if number == 1 else "") + (f"{number}. " if several else "") + name)


def signature(document: Document, issuer: str, issued_on: date, blank_above: int = 2) -> None:
    """Issuer and date (发文机关署名、成文日期): date four characters from the right, the issuer centred over it."""
    # The signature never stands alone on a page: the end of the text goes with it.
    for paragraph in document.paragraphs[-_KEPT_WITH_SIGNATURE:]:
        paragraph.paragraph_format.keep_with_next = True
    for _ in range(blank_above):
        document.add_paragraph().paragraph_format.keep_with_next = True
    written = chinese_date(issued_on)
    date_width = sum(0.5 if character.isascii() else 1 for character in written)
    right_of_issuer = max(2.0, 4 + (date_width - len(issuer)) / 2)
    right_of_date = max(4.0, right_of_issuer + (len(issuer) - date_width) / 2)
    for text, right in ((issuer, right_of_issuer), (written, right_of_date)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(right * SIZE_BODY)
        paragraph.paragraph_format.keep_with_next = text == issuer
        paragraph.paragraph_format.keep_together = True
        add_text(paragraph, text)


def add_grid(document: Document, grid: Grid) -> None:
    """Add a table (添加表格) at the end of the document."""
    before_section_end(document, table_element(grid))


def before_section_end(document: Document, made: Any) -> None:
    """Put an element at the end of the body (追加元素); the section properties have to stay last."""
    document.element.body.find(qn("w:sectPr")).addprevious(made)


def annex_mark(document: Document, text: str, *, new_page: bool = True) -> None:
    """The mark of an attachment (附件标识) in the upper left corner of its page, in 黑体."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.page_break_before = new_page
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    add_text(paragraph, text, HEADING)


def finished(document: Document) -> bytes:
    """The document as bytes (生成文件): equal input, equal bytes; fonts with their alternatives."""
    last = document.element.body.find(qn("w:sectPr")).getprevious()
    if last is not None and last.tag == qn("w:tbl"):
        # A body may not end in a table: Word would repair the file. One point high, it opens no new page.
        thin = document.add_paragraph()
        thin.paragraph_format.line_spacing = Pt(1)
    target = io.BytesIO()
    document.save(target)
    return repacked(target.getvalue(), {"word/fontTable.xml": font_table()})
