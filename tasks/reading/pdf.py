"""Text PDFs (PDF读取): pdfium for pages and characters, pdfplumber's table finder on pages with ruling lines only."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError
from tasks.reading.layout import Box, Glyph, Page, RuledTable, lines_of
from tasks.reading.limits import ReadLimits
from tasks.reading.pages import assemble
from tasks.reading.pdf_rules import Bounds, edges_of, tables_of

_SCAN_CHARACTERS = 20
_SCAN_SHARE = 0.6
_READABLE = re.compile(r"[!-~\u00a0-\u036f\u2010-\u27bf\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_READABLE_SHARE = 0.5
_RULED_PATHS = 4
_PATHS = 20_000
_TINY = 4.0  # points; smaller "cells" are double lines


def read_pdf(
    path: Path,
    builder: DocumentBuilder,
    limits: ReadLimits,
    ocr: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[int, bool]:
    """Read a PDF into ``builder`` (读取PDF). Returns the number of pages and whether text recognition was used."""
    pdf = _open(path)
    try:
        count = len(pdf)
        if count > limits.pages:
            raise UnreadableError("limit-exceeded", f"共{count}页，上限{limits.pages}页")
        found = [_page(pdf, index, limits) for index in range(count)]
        pages = [one.page for one in found]
        _order([one for one in found if not one.is_scan], path, builder, limits)
        scans = [index for index, one in enumerate(found) if one.is_scan]
        used_ocr = bool(scans) and ocr
        if scans:
            _scans(pdf, pages, scans, builder, limits, ocr, progress)
    finally:
        pdf.close()
    assemble(pages, builder)
    if not builder.blocks:
        raise UnreadableError("no-text", f"（共{count}页）")
    return count, used_ocr


def _open(path: Path) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(path)
        if len(pdf) == 0:
            raise UnreadableError("damaged", "没有页面")
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableError("encrypted") from error
        raise UnreadableError("damaged", "PDF结构不完整") from error
    return pdf


@dataclass(slots=True)
class _Found:
    """What a page holds before its text is put in order (页面素材)."""

    page: Page
    glyphs: list[Glyph]
    is_scan: bool = False
    edges: list[dict[str, Any]] = field(default_factory=list)
    in_forms: bool = False


def _page(pdf: pdfium.PdfDocument, index: int, limits: ReadLimits) -> _Found:
    try:
        page = pdf[index]
    except pdfium.PdfiumError as error:
        raise UnreadableError("damaged", f"第{index + 1}页无法打开") from error
    try:
        width, height = page.get_size()
        found = _Found(Page(index + 1, width, height, [], []), _glyphs(page, index, limits))
        printed = sum(1 for glyph in found.glyphs if glyph.text.strip())
        readable = sum(1 for glyph in found.glyphs if _READABLE.match(glyph.text))
        # A text layer without a character map is text for the eye only: it needs recognising as a scan does.
        found.is_scan = (
            _image_share(page) > _SCAN_SHARE if printed < _SCAN_CHARACTERS else readable < _READABLE_SHARE * printed
        )
        paths = 0
        for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4):
            paths += 1
            found.in_forms = found.in_forms or path.level > 0
            if paths > _PATHS:
                raise UnreadableError("limit-exceeded", f"第{index + 1}页的线条超过{_PATHS}个")
        if paths >= _RULED_PATHS and not found.is_scan:
            found.edges = edges_of(page, _turner(page))
        found.in_forms = found.in_forms and paths >= _RULED_PATHS
    finally:
        page.close()
    return found


def _image_share(page: pdfium.PdfPage) -> float:
    width, height = page.get_size()
    if page.get_rotation() in (90, 270):
        width, height = height, width
    area = 0.0
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = image.get_bounds()
        area += max(0.0, right - left) * max(0.0, top - bottom)
    return float(area / max(width * height, 1.0))


def _glyphs(page: pdfium.PdfPage, index: int, limits: ReadLimits) -> list[Glyph]:
    """The characters of a page with their boxes in reading direction (字符及位置)."""
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > limits.page_characters:
            raise UnreadableError("limit-exceeded", f"第{index + 1}页的字符超过{limits.page_characters}个")
        turn = _turner(page)
        rect = raw.FS_RECTF()
        pointer = ctypes.byref(rect)
        handle = text_page.raw
        found: list[Glyph] = []
        for position in range(count):
            code = raw.FPDFText_GetUnicode(handle, position)
            if code in (0, 10, 13, 0xFFFE) or raw.FPDFText_IsGenerated(handle, position) == 1:
                continue
            if not raw.FPDFText_GetLooseCharBox(handle, position, pointer):
                continue
            found.append(Glyph(chr(code), *turn(rect.left, rect.bottom, rect.right, rect.top)))
        return found
    finally:
        text_page.close()


def _turner(page: pdfium.PdfPage) -> Callable[[float, float, float, float], tuple[float, float, float, float]]:
    """How boxes in the page's own coordinates lie on the page as it is looked at (页面旋转)."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation():
        case 90:
            return lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        case 180:
            return lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)
        case 270:
            return lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)
        case _:
            return lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)


def _order(found: list[_Found], path: Path, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Put the characters of each page into its tables and lines (字符归位)."""
    deep = {one.page.number for one in found if one.in_forms}
    by_pdfplumber = _tables_in_forms(path, deep, builder, limits) if deep else {}
    for one in found:
        number = one.page.number
        if number in by_pdfplumber:
            tables = by_pdfplumber[number]
        elif len(one.edges) > limits.edges:
            builder.warn(f"第{number}页的线条过多，没有按表格读取，请核对原文。")
            tables = []
        else:
            tables = tables_of(one.edges) if len(one.edges) >= _RULED_PATHS else []
        _place(one.page, one.glyphs, tables)


def _tables_in_forms(
    path: Path, numbers: set[int], builder: DocumentBuilder, limits: ReadLimits
) -> dict[int, list[list[Bounds]]]:
    """Tables of pages that draw inside form objects, found by pdfplumber itself (嵌入对象中的表格)."""
    import pdfplumber

    tables: dict[int, list[list[Bounds]]] = {}
    with pdfplumber.open(path, pages=sorted(numbers)) as pdf:
        for page in pdf.pages:
            tables[page.page_number] = []
            if len(page.edges) > limits.edges:
                builder.warn(f"第{page.page_number}页的线条过多，没有按表格读取，请核对原文。")
            else:
                left, top = page.bbox[0], page.bbox[1]
                for table in page.find_tables():
                    cells = [(x0 - left, y0 - top, x1 - left, y1 - top) for x0, y0, x1, y1 in table.cells]
                    tables[page.page_number].append(cells)
            page.close()
    return tables


def _place(page: Page, glyphs: list[Glyph], found: list[list[Bounds]]) -> None:
    tables = []
    for cells in found:
        boxes = [Box(*cell) for cell in cells if cell[2] - cell[0] > _TINY and cell[3] - cell[1] > _TINY]
        if len(boxes) > 1:  # a single frame is a border round text, not a table
            tables.append(RuledTable(boxes))
    rest = glyphs
    for ruled in tables:
        rest = _fill(ruled, rest)
    page.tables = [table for table in tables if any(box.lines for box in table.boxes)]
    page.lines = lines_of(rest)


def _fill(table: RuledTable, glyphs: list[Glyph]) -> list[Glyph]:
    """Give each cell the characters whose middle lies in it (字符入格); returns the others."""
    inside: dict[int, list[Glyph]] = {}
    outside: list[Glyph] = []
    boxes = sorted(table.boxes, key=lambda box: box.top)
    tops = [box.top for box in boxes]
    x0, x1, top, bottom = table.x0, table.x1, table.top, table.bottom
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
        owner = None
        if x0 <= x <= x1 and top <= y <= bottom:
            for position in range(bisect_right(tops, y) - 1, -1, -1):
                box = boxes[position]
                if box.x0 <= x <= box.x1 and y <= box.bottom:
                    owner = position
                    break
        if owner is None:
            outside.append(glyph)
        else:
            inside.setdefault(owner, []).append(glyph)
    for position, found in inside.items():
        boxes[position].lines = lines_of(found)
    return outside


def _scans(
    pdf: pdfium.PdfDocument,
    pages: list[Page],
    scans: list[int],
    builder: DocumentBuilder,
    limits: ReadLimits,
    ocr: bool,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Recognise scanned pages, or say that they were not read (扫描页)."""
    if not ocr:
        with_text = sum(1 for page in pages if page.lines or page.tables)
        if not with_text:
            raise UnreadableError("scan-needs-ocr", f"共{len(pages)}页")
        for index in scans:
            builder.warn(f"第{index + 1}页是扫描图片，没有读出文字，需人工录入或启用文字识别（--ocr）。")
        return
    from tasks.reading.scan import Recogniser, render

    recogniser = Recogniser(builder)
    for position, index in enumerate(scans, 1):
        if progress is not None:
            progress(position, len(scans))
        image, scale = render(pdf, index, limits)
        page = pages[index]
        page.lines, page.tables = recogniser.page(image, scale, page.number)
        if not page.lines and not page.tables:
            builder.warn(f"第{index + 1}页是扫描图片，文字识别没有读出内容，请核对原文。")
