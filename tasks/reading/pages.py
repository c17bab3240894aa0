"""Pages to a Document (页面成文): running heads and page numbers dropped, text and tables over page ends joined."""

from __future__ import annotations

import re
from collections import Counter

from tasks.reading.build import DocumentBuilder
from tasks.reading.layout import Line, Page, RuledTable, TextFlow
from tasks.reading.stitch import Grown

# Text recognition reads the dashes round a page number as the character 一.
_DASHES = r"[\s—\-－–―_·.。•一]*"
_PAGE_NUMBER = re.compile(
    rf"^{_DASHES}(?:第\s*)?\d{{1,4}}(?:\s*页)?(?:\s*[/／,，]?\s*共\s*\d{{1,4}}\s*页|\s*/\s*\d{{1,4}})?{_DASHES}$"
)
_EDGE = 0.12  # the share of the page height in which page numbers and running heads stand
_REPEATS = 3


def assemble(pages: list[Page], builder: DocumentBuilder) -> None:
    """Put pages into the builder in reading order (页面成文)."""
    heads = _running_heads(pages)
    grown: Grown | None = None
    for page in pages:
        page.lines = [line for line in page.lines if not _is_furniture(line, page, heads)]
    flow = TextFlow.for_pages(pages)
    for page in pages:
        flow.start_page(page)
        for position, block in enumerate(_ordered(page)):
            if isinstance(block, Line):
                if grown is not None:
                    _add_table(grown, builder)
                    grown = None
                flow.add(block, page.number)
            elif grown is not None and position == 0 and grown.fits(block):
                grown.append(block, page.number)
            else:
                if grown is not None:
                    _add_table(grown, builder)
                flow.flush()
                _add_text(flow, builder)
                grown = Grown(block, page.number)
        _add_text(flow, builder)
    if grown is not None:
        _add_table(grown, builder)
    flow.flush()
    _add_text(flow, builder)


def _ordered(page: Page) -> list[Line | RuledTable]:
    blocks: list[Line | RuledTable] = [*page.lines, *page.tables]
    return sorted(blocks, key=lambda block: block.top)


def _add_text(flow: TextFlow, builder: DocumentBuilder) -> None:
    for text, page in flow.take():
        builder.paragraph(text, page=page)


def _add_table(grown: Grown, builder: DocumentBuilder) -> None:
    builder.table(grown.cells(), page=grown.page)


def _is_furniture(line: Line, page: Page, heads: set[str]) -> bool:
    """Page numbers and running heads (页码与页眉): not the report's words."""
    at_edge = line.bottom < _EDGE * page.height or line.top > (1 - _EDGE) * page.height
    return at_edge and (_PAGE_NUMBER.match(line.text) is not None or _folded(line.text) in heads)


def _running_heads(pages: list[Page]) -> set[str]:
    """Lines that stand at the edge of most pages (页眉页脚); digits in them count as equal."""
    seen: Counter[str] = Counter()
    for page in pages:
        edge = {
            _folded(line.text)
            for line in page.lines
            if line.bottom < _EDGE * page.height or line.top > (1 - _EDGE) * page.height
        }
        seen.update(edge)
    return {text for text, count in seen.items() if count >= max(_REPEATS, 0.6 * len(pages))}


def _folded(text: str) -> str:
    return re.sub(r"\d+", "0", "".join(text.split()))
