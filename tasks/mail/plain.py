"""The text part of a letter (纯文本正文), derived from its HTML so that both always say the same."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_NEW_LINE = {"p", "div", "h1", "h2", "h3", "tr", "ul", "ol", "table", "br", "hr", "section", "blockquote"}
_SKIPPED = {"style", "script", "head", "title"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipping = 0
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipping += 1
        elif tag in {"td", "th"}:
            self.in_cell = True
        elif tag in _NEW_LINE:
            self._break()
        elif tag == "li":
            self.parts.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipping = max(0, self.skipping - 1)
        elif tag in {"td", "th"}:
            self.parts.append("\t")
            self.in_cell = False
        elif tag in _NEW_LINE - {"br", "tr"}:
            self._break()

    def _break(self) -> None:
        # A row of a table stays one line.
        self.parts.append("  " if self.in_cell else "\n")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            # Line breaks of the source mean nothing in HTML.
            self.parts.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """Turn HTML into readable text (网页转文本): table cells joined by " | ", list items marked, blank lines folded."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = []
    for line in "".join(parser.parts).split("\n"):
        cells = [re.sub(r" +", " ", cell).strip() for cell in line.split("\t")]
        lines.append(" | ".join(cell for cell in cells if cell))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
