"""Word documents (.docx, .docm) by walking their XML (Word文档读取).

python-docx is not used: its table API is quadratic in the length of a merged column and loses tracked insertions,
content controls, text boxes and nested tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from tasks.reading.build import DocumentBuilder, RawCell, clean
from tasks.reading.docx_lists import VAL, Numbering, Styles, W, integer, is_on
from tasks.reading.docx_text import MC, TEXT_BOX, TextWalker
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits
from tasks.reading.xmlparts import Package

_MAIN = "word/document.xml"
_CONTAINERS = {
    f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body", "txbxContent")
}


@dataclass(slots=True)
class _Content:
    """What a table cell holds (单元格内容): its own lines, and tables nested in it."""

    lines: list[str] = field(default_factory=list)
    nested: list[list[RawCell]] = field(default_factory=list)


def read_docx(path: Path, builder: DocumentBuilder, limits: ReadLimits) -> None:
    """Read a Word file into ``builder`` (读取Word文件). Raises UnreadableError."""
    with Package(path, limits) as package:
        main = next(
            (n for k, n, outside in package.relations("").values() if k == "officeDocument" and not outside), _MAIN
        )
        root = package.xml(main)
        if root is None:
            raise UnreadableError("damaged", "缺少正文部件")
        styles_part, numbering_part = package.related(main, "styles"), package.related(main, "numbering")
        styles = Styles(package.xml(styles_part) if styles_part else None)
        numbering = Numbering(package.xml(numbering_part) if numbering_part else None, styles)
        _warn(package, main, builder)
        body = root.find(f"{W}body")
        if body is None:
            raise UnreadableError("damaged", "正文部件中没有内容")
        _Reader(builder, styles, numbering, limits).blocks(body)
        images = sum(name.startswith("word/media/") for name in package.names())
    if not builder.blocks:
        if images:
            raise UnreadableError("scan-needs-ocr", f"Word文件中只有{images}张图片")
        raise UnreadableError("no-text", "")


def _warn(package: Package, main: str, builder: DocumentBuilder) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in package.names()):
        builder.warn("文件带有宏，系统没有运行宏，只读取了文字。")
    kinds = {(kind, outside) for kind, _, outside in package.relations(main).values()}
    if any(outside and kind != "hyperlink" for kind, outside in kinds):
        builder.warn("文件引用了外部内容（链接的图片、模板或对象），系统没有打开这些链接。")
    if any(kind == "aFChunk" for kind, _ in kinds):
        builder.warn("文件中嵌入了其他文档片段，系统没有读取嵌入部分，请核对原文。")
    if any(name.startswith("word/embeddings/") for name in package.names()):
        builder.warn("文件中嵌入了其他文件（如Excel对象），系统没有读取嵌入文件，请核对原文。")


class _Reader:
    """Walks blocks in order (按顺序读取正文)."""

    def __init__(self, builder: DocumentBuilder, styles: Styles, numbering: Numbering, limits: ReadLimits) -> None:
        self.builder = builder
        self.styles = styles
        self.numbering = numbering
        self.limits = limits
        self.walker = TextWalker(styles)
        self._carried = ""  # text of a paragraph whose end mark was deleted: it runs into the next one
        self._cells = 0

    def blocks(self, container: etree._Element) -> None:
        """Paragraphs and tables of the body (正文), straight into the builder."""
        for child in container:
            if child.tag == f"{W}p":
                self._body_paragraph(child)
            elif child.tag == f"{W}tbl":
                for cells in self.table(child, 1):
                    self.builder.table(cells)
            elif child.tag in _CONTAINERS or child.tag == f"{MC}Choice":
                self.blocks(child)
            elif child.tag == f"{MC}AlternateContent":
                chosen = next(iter(child), None)  # the others repeat it for older programs
                if chosen is not None:
                    self.blocks(chosen)

    def _body_paragraph(self, element: etree._Element) -> None:
        text, number, boxes = self._paragraph(element)
        if text is not None:
            style = _style_of(element)
            if not self.styles.is_contents(style):
                self.builder.paragraph(text, number=number, heading_level=self._heading(element, style))
        for box in boxes:
            self.blocks(box)

    def _heading(self, element: etree._Element, style: str | None) -> int | None:
        level = integer(element.find(f"{W}pPr/{W}outlineLvl"))
        if level is not None:
            return level + 1 if level < 9 else None
        return self.styles.heading(style)

    def _paragraph(self, element: etree._Element) -> tuple[str | None, str | None, list[etree._Element]]:
        """Text, automatic number and text boxes of a paragraph; text is None while it runs into the next one."""
        inline = self.walker.paragraph(element)
        text, self._carried = self._carried + inline.text, ""
        properties = element.find(f"{W}pPr")
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._carried = text
            return None, None, inline.boxes
        style = _style_of(element)
        if properties is not None and not clean(text) and is_on(properties.find(f"{W}rPr/{W}vanish")):
            return "", None, inline.boxes  # hidden and empty: Word does not count it
        number = self._number(properties, style) if clean(text) else None
        if self.styles.hides(style):
            text = ""
        return text, number, inline.boxes

    def _number(self, properties: etree._Element | None, style: str | None) -> str | None:
        own = properties.find(f"{W}numPr") if properties is not None else None
        list_id = integer(own.find(f"{W}numId")) if own is not None else None
        level = integer(own.find(f"{W}ilvl")) if own is not None else None
        by_style = self.styles.number(style or self.styles.default)
        if list_id is None:
            list_id = by_style[0]
            if level is None and list_id is not None:
                level = self.numbering.level_of_style(list_id, style)
            level = by_style[1] if level is None else level
        return self.numbering.next(list_id, level or 0) if list_id else None

    def table(self, element: etree._Element, depth: int) -> list[list[RawCell]]:
        """A table and the tables nested in it (表格及嵌套表格), the outer one first."""
        if depth > self.limits.nesting:
            raise UnreadableError("limit-exceeded", f"表格嵌套超过{self.limits.nesting}层")
        cells: list[RawCell] = []
        nested: list[list[RawCell]] = []
        above: dict[int, RawCell] = {}  # column -> the cell that a vertical merge would continue
        row = 0
        for row_element in _rows(element):
            properties = row_element.find(f"{W}trPr")
            if properties is not None and (
                properties.find(f"{W}del") is not None or is_on(properties.find(f"{W}hidden"))
            ):
                continue
            row += 1
            if row > self.limits.table_rows:
                raise UnreadableError("limit-exceeded", f"一张表格超过{self.limits.table_rows}行")
            above = self._row(row_element, row, above, cells, nested, depth)
        return [cells, *nested]

    def _row(
        self,
        element: etree._Element,
        row: int,
        above: dict[int, RawCell],
        cells: list[RawCell],
        nested: list[list[RawCell]],
        depth: int,
    ) -> dict[int, RawCell]:
        before = integer(element.find(f"{W}trPr/{W}gridBefore")) or 0
        column = 1 + max(0, min(before, self.limits.span))
        here: dict[int, RawCell] = {}
        last: RawCell | None = None
        for cell in _cells(element):
            self._cells += 1
            if self._cells > self.limits.table_cells:
                raise UnreadableError("limit-exceeded", f"表格单元格超过{self.limits.table_cells}个")
            properties = cell.find(f"{W}tcPr")
            span = max(1, min(_property(properties, "gridSpan") or 1, self.limits.span))
            content = self._content(cell, depth)
            nested += content.nested
            over = above.get(column)
            if last is not None and _merge(properties, "hMerge") == "continue":
                last.column_span += span
            elif _merge(properties, "vMerge") == "continue" and over is not None and over.column_span == span:
                over.row_span = row - over.row + 1
                here[column] = last = over
            else:
                last = RawCell(row, column, 1, span, "\n".join(content.lines))
                cells.append(last)
                here[column] = last
            column += span
        return here

    def _content(self, container: etree._Element, depth: int) -> _Content:
        content = _Content()
        self._fill(container, content, depth)
        return content

    def _fill(self, container: etree._Element, content: _Content, depth: int) -> None:
        for child in container:
            if child.tag == f"{W}p":
                text, number, boxes = self._paragraph(child)
                if text is not None and clean(text):
                    content.lines.append(f"{number or ''}{text}")
                for box in boxes:
                    self._fill(box, content, depth)
            elif child.tag == f"{W}tbl":
                inner = [cells for cells in self.table(child, depth + 1) if any(clean(cell.text) for cell in cells)]
                if len(inner) == 1 and max(cell.column + cell.column_span for cell in inner[0]) == 2:
                    content.lines += [cell.text for cell in inner[0]]  # one column: a frame round text, not a table
                else:
                    content.nested += inner
            elif child.tag in _CONTAINERS or child.tag == TEXT_BOX:
                self._fill(child, content, depth)


def _style_of(paragraph: etree._Element) -> str | None:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return style.get(VAL) if style is not None else None


def _property(properties: etree._Element | None, name: str) -> int | None:
    return integer(properties.find(f"{W}{name}")) if properties is not None else None


def _merge(properties: etree._Element | None, name: str) -> str | None:
    element = properties.find(f"{W}{name}") if properties is not None else None
    return None if element is None else element.get(VAL, "continue")


def _rows(element: etree._Element) -> list[etree._Element]:
    return _inside(element, f"{W}tr")


def _cells(element: etree._Element) -> list[etree._Element]:
    return _inside(element, f"{W}tc")


def _inside(element: etree._Element, wanted: str) -> list[etree._Element]:
    """Rows of a table or cells of a row, also those wrapped in content controls or tracked insertions."""
    found: list[etree._Element] = []
    for child in element:
        if child.tag == wanted:
            found.append(child)
        elif child.tag in _CONTAINERS:
            found += _inside(child, wanted)
    return found
