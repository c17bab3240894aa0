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

P, TABLE, ROW, CELL, CHOICES = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc", f"{MC}AlternateContent"
_PPR, _STYLE, _NUMBER, _OUTLINE, _RPR = f"{W}pPr", f"{W}pStyle", f"{W}numPr", f"{W}outlineLvl", f"{W}rPr"
_DELETED, _CELL_PROPERTIES, _SPAN = f"{W}del", f"{W}tcPr", f"{W}gridSpan"
_VERTICAL, _HORIZONTAL = f"{W}vMerge", f"{W}hMerge"
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
        may_hide = any(b"vanish" in (package.read(part) or b"") for part in (main, styles_part) if part)
        body = root.find(f"{W}body")
        if body is None:
            raise UnreadableError("damaged", "正文部件中没有内容")
        _Reader(builder, TextWalker(styles, may_hide), styles, numbering, limits).blocks(body)
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

    def __init__(
        self,
        builder: DocumentBuilder,
        walker: TextWalker,
        styles: Styles,
        numbering: Numbering,
        limits: ReadLimits,
    ) -> None:
        self.builder = builder
        self.styles = styles
        self.numbering = numbering
        self.limits = limits
        self.walker = walker
        self._carried = ""  # text of a paragraph whose end mark was deleted: it runs into the next one
        self._cells = 0

    def blocks(self, container: etree._Element) -> None:
        """Paragraphs and tables of the body (正文), straight into the builder."""
        for child in container:
            if child.tag == P:
                self._body_paragraph(child)
            elif child.tag == TABLE:
                for cells in self.table(child, 1):
                    self.builder.table(cells)
            elif child.tag in _CONTAINERS or child.tag == f"{MC}Choice":
                self.blocks(child)
            elif child.tag == CHOICES:
                chosen = next(iter(child), None)  # the others repeat it for older programs
                if chosen is not None:
                    self.blocks(chosen)

    def _body_paragraph(self, element: etree._Element) -> None:
        shape = _shape(element)
        text, number, boxes = self._paragraph(element, shape)
        if text is not None and not self.styles.is_contents(shape.style):
            level = shape.outline + 1 if shape.outline is not None else self.styles.heading(shape.style)
            self.builder.paragraph(text, number=number, heading_level=level if level and level <= 9 else None)
        for box in boxes:
            self.blocks(box)

    def _paragraph(self, element: etree._Element, shape: _Shape) -> tuple[str | None, str | None, list[etree._Element]]:
        """Text, automatic number and text boxes of a paragraph; text is None while it runs into the next one."""
        inline = self.walker.paragraph(element)
        text, self._carried = self._carried + inline.text, ""
        if shape.end_is_deleted:
            self._carried = text
            return None, None, inline.boxes
        number = self._number(shape)  # an empty numbered paragraph counts too
        is_hidden = self.walker.may_hide and self.styles.hides(shape.style)
        return "" if is_hidden else text, number, inline.boxes

    def _number(self, shape: _Shape) -> str | None:
        list_id, level = shape.list_id, shape.level
        if list_id is None:
            list_id, style_level = self.styles.number(shape.style or self.styles.default)
            if list_id is not None and level is None:
                level = self.numbering.level_of_style(list_id, shape.style)
            level = style_level if level is None else level
        return self.numbering.next(list_id, level or 0) if list_id else None

    def table(self, element: etree._Element, depth: int) -> list[list[RawCell]]:
        """A table and the tables nested in it (表格及嵌套表格), the outer one first."""
        if depth > self.limits.nesting:
            raise UnreadableError("limit-exceeded", f"表格嵌套超过{self.limits.nesting}层")
        cells: list[RawCell] = []
        nested: list[list[RawCell]] = []
        above: dict[int, RawCell] = {}  # column -> the cell that a vertical merge would continue
        row = 0
        for row_element in _inside(element, ROW):
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
        for cell in _inside(element, CELL):
            self._cells += 1
            if self._cells > self.limits.table_cells:
                raise UnreadableError("limit-exceeded", f"表格单元格超过{self.limits.table_cells}个")
            properties = {child.tag: child for group in cell.iterchildren(_CELL_PROPERTIES) for child in group}
            span = max(1, min(integer(properties.get(_SPAN)) or 1, self.limits.span))
            content = self._content(cell, depth)
            nested += content.nested
            over = above.get(column)
            if last is not None and _merge(properties.get(_HORIZONTAL)) == "continue":
                last.column_span += span
            elif _merge(properties.get(_VERTICAL)) == "continue" and over is not None and over.column_span == span:
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
            if child.tag == P:
                text, number, boxes = self._paragraph(child, _shape(child))
                if text is not None and (number or clean(text)):
                    content.lines.append(f"{number or ''}{text}")
                for box in boxes:
                    self._fill(box, content, depth)
            elif child.tag == TABLE:
                inner = [cells for cells in self.table(child, depth + 1) if any(clean(cell.text) for cell in cells)]
                if len(inner) == 1 and max(cell.column + cell.column_span for cell in inner[0]) == 2:
                    content.lines += [cell.text for cell in inner[0]]  # one column: a frame round text, not a table
                else:
                    content.nested += inner
            elif child.tag in _CONTAINERS or child.tag == TEXT_BOX:
                self._fill(child, content, depth)


@dataclass(slots=True)
class _Shape:
    """What the properties of a paragraph say (段落属性)."""

    style: str | None = None
    list_id: int | None = None
    level: int | None = None
    outline: int | None = None
    end_is_deleted: bool = False


def _shape(paragraph: etree._Element) -> _Shape:
    shape = _Shape()
    for properties in paragraph.iterchildren(_PPR):
        for child in properties:
            tag = child.tag
            if tag == _STYLE:
                shape.style = child.get(VAL)
            elif tag == _NUMBER:
                shape.list_id = integer(child.find(f"{W}numId"))
                shape.level = integer(child.find(f"{W}ilvl"))
            elif tag == _OUTLINE:
                shape.outline = integer(child)
            elif tag == _RPR:
                shape.end_is_deleted = child.find(_DELETED) is not None
    return shape


def _merge(element: etree._Element | None) -> str | None:
    return None if element is None else element.get(VAL, "continue")


def _inside(element: etree._Element, wanted: str) -> list[etree._Element]:
    """Rows of a table or cells of a row, also those wrapped in content controls or tracked insertions."""
    found: list[etree._Element] = []
    for child in element:
        if child.tag == wanted:
            found.append(child)
        elif child.tag in _CONTAINERS:
            found += _inside(child, wanted)
    return found
