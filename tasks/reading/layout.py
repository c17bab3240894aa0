"""What stands on a page and where (版面): characters to lines, lines to running text. No file format is known here.

Coordinates are points from the upper left corner of the page as it is read (after rotation).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from models.document import CellFlag

END_MARKS = tuple("。；！？：;!?:")
_ENUMERATOR = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[、.．](?!\d)|第[一二三四五六七八九十]+[部章条]|附件)"
)
# What cannot be parted at a line end: a number or word, with the brackets before it and the stops after it.
_TOKEN = re.compile(r"^[（“‘《〈【「(]*(?:[!-~]+|.)[，。；：！？、）”’》〉】」％%…—,;:.)!?]*")
_LATIN = re.compile(r"[A-Za-z]$")


class Glyph(NamedTuple):
    """One character and its box (字符)."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(slots=True)
class Line:
    """One printed line (一行文字). ``em`` is the character height, ``confidence`` that of text recognition."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    head: float = 0.0  # width of the first token: what would have had to fit on the line before
    confidence: float | None = None

    @property
    def em(self) -> float:
        return self.bottom - self.top


@dataclass(slots=True)
class Box:
    """A table cell on the page (页面上的单元格)."""

    x0: float
    top: float
    x1: float
    bottom: float
    lines: list[Line] = field(default_factory=list)
    flags: tuple[CellFlag, ...] = ()
    confidence: float | None = None


@dataclass(slots=True)
class RuledTable:
    """A ruled table on one page (页面上的表格)."""

    boxes: list[Box]

    @property
    def x0(self) -> float:
        return min(box.x0 for box in self.boxes)

    @property
    def x1(self) -> float:
        return max(box.x1 for box in self.boxes)

    @property
    def top(self) -> float:
        return min(box.top for box in self.boxes)

    @property
    def bottom(self) -> float:
        return max(box.bottom for box in self.boxes)


@dataclass(slots=True)
class Page:
    """A page as it was read (一页): body lines outside tables, and tables, both from top to bottom."""

    number: int
    width: float
    height: float
    lines: list[Line]
    tables: list[RuledTable]


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Group characters into lines (字符成行): those whose middles lie on one height, from left to right."""
    rows: list[list[Glyph]] = []
    middle = height = 0.0
    for glyph in sorted(glyphs, key=lambda g: g.top + g.bottom):
        own = (glyph.top + glyph.bottom) / 2
        if rows and abs(own - middle) <= 0.45 * max(height, glyph.bottom - glyph.top):
            rows[-1].append(glyph)
            if glyph.text.strip() and glyph.bottom - glyph.top > height:  # the tallest character sets the line's middle
                middle, height = own, glyph.bottom - glyph.top
        else:
            rows.append([glyph])
            middle, height = own, glyph.bottom - glyph.top
    lines = [_line(sorted(row, key=lambda g: g.x0)) for row in rows]
    return [line for line in lines if line is not None]


def _line(row: list[Glyph]) -> Line | None:
    parts: list[str] = []
    last: Glyph | None = None
    printed: list[Glyph] = []
    for glyph in row:
        if not glyph.text.strip():
            if parts and parts[-1] != " ":
                parts.append(" ")
            continue
        width = glyph.x1 - glyph.x0
        if last is not None:
            if glyph.text == last.text and glyph.x0 - last.x0 < 0.3 * width:
                continue  # bold made by printing the same character twice
            em = max(glyph.bottom - glyph.top, last.bottom - last.top)
            gap = glyph.x0 - last.x1
            near = 0.25 if _is_word(glyph.text) and _is_word(last.text) else 0.9
            if gap > near * em and parts[-1] != " ":
                parts.append(" ")
        parts.append(glyph.text)
        printed.append(glyph)
        last = glyph
    if not printed:
        return None
    text = "".join(parts).strip()
    token = _TOKEN.match(text)
    count = len(token[0]) if token else 1
    head = printed[min(count, len(printed)) - 1].x1 - printed[0].x0
    return Line(
        text=text,
        x0=printed[0].x0,
        top=min(g.top for g in printed),
        x1=max(g.x1 for g in printed),
        bottom=max(g.bottom for g in printed),
        head=head,
    )


def head_share(text: str) -> float:
    """The share of a line's width that its first token takes (首词宽度占比), where only the whole width is known."""
    token = _TOKEN.match(text)
    wide = [1.0 if ord(char) > 0x2E7F else 0.5 for char in text]
    return sum(wide[: len(token[0])]) / sum(wide) if token and wide else 0.0


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def joined(left: str, right: str) -> str:
    """Two pieces of one wrapped line (续行拼接): a blank only between Latin words."""
    if _LATIN.search(left) and right[:1].isascii() and right[:1].isalpha():
        return f"{left} {right}"
    return left + right


def wraps(above: Line, below: Line, left: float, right: float) -> bool:
    """Whether ``below`` goes on where ``above`` was full (是否换行续写): its first token had no room on the line above."""
    return above.x1 - above.x0 + below.head > right - left - 0.6 * max(above.em, below.em)


def box_text(lines: list[Line], x0: float, x1: float) -> str:
    """The text of a cell (单元格文字): wrapped lines joined, other line ends kept."""
    text = ""
    # Cell margins differ by program; the widest line shows how much of the cell text may use.
    margin = min((x1 - x0 - max((line.x1 - line.x0 for line in lines), default=0.0)) / 2, 8.0)
    for position, line in enumerate(lines):
        if not position:
            text = line.text
        elif wraps(lines[position - 1], line, x0 + margin, x1 - margin):
            text = joined(text, line.text)
        else:
            text = f"{text}\n{line.text}"
    return text


@dataclass(slots=True)
class TextFlow:
    """Running text over lines and pages (正文流): lines come in, paragraphs come out."""

    left: float = 0.0
    right: float = 0.0
    pitch: float = 0.0
    em: float = 0.0  # the character height of most lines
    indents: bool = False  # whether paragraphs begin with an indent, as official papers do
    _text: str = ""
    _last: Line | None = None
    _page: int = 0
    _first_page: int = 0
    _first: Line | None = None
    done: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def for_pages(cls, pages: list[Page]) -> TextFlow:
        """A flow that knows how these pages set their paragraphs (按全文排版习惯)."""
        indented = flush = 0
        for page in pages:
            left = min((line.x0 for line in page.lines if line.x1 - line.x0 > 0.25 * page.width), default=0.0)
            indented += sum(1.2 * line.em < line.x0 - left < 2.8 * line.em for line in page.lines)
            flush += sum(line.x0 - left < 0.5 * line.em for line in page.lines)
        heights = [line.em for page in pages for line in page.lines]
        em = median(heights) if heights else 0.0
        return cls(em=em, indents=flush > 0 and indented >= 0.05 * (indented + flush))

    def start_page(self, page: Page) -> None:
        """Measure the text area of a page (版心)."""
        long_lines = [line for line in page.lines if line.x1 - line.x0 > 0.25 * page.width]
        if long_lines:
            # Few lines say little about the margins: then those of the page before hold.
            lefts, rights = sorted(line.x0 for line in long_lines), sorted(line.x1 for line in long_lines)
            if len(long_lines) >= 3 or not self.right:
                self.left, self.right = lefts[0], rights[-1]
            else:
                self.left, self.right = min(self.left, lefts[0]), max(self.right, rights[-1])
        gaps = [b.top - a.top for a, b in zip(page.lines, page.lines[1:], strict=False) if b.top > a.top]
        self.pitch = median(gaps) if len(gaps) >= 3 else self.pitch

    def add(self, line: Line, page: int) -> None:
        """Take the next line (加入一行)."""
        if self._last is not None and self._goes_on(line, page):
            self._text = joined(self._text, line.text)
        else:
            self.flush()
            self._text, self._first_page, self._first = line.text, page, line
        self._last, self._page = line, page

    def flush(self) -> None:
        """End the paragraph (段落结束)."""
        if self._text:
            self.done.append((self._text, self._first_page))
        self._text, self._last, self._first = "", None, None

    def take(self) -> list[tuple[str, int]]:
        """The paragraphs finished so far (已完成的段落): (text, page it begins on)."""
        done, self.done = self.done, []
        return done

    def _goes_on(self, line: Line, page: int) -> bool:
        last = self._last
        assert last is not None
        em = max(line.em, last.em)
        # Recognised boxes hug their characters, so their heights say less.
        if abs(line.em - last.em) > (0.25 if line.confidence is None else 0.5) * em:
            return False
        indent = line.x0 - self.left
        is_flush = self.indents and abs(indent) < 0.5 * em
        # A picture in the text may push lines apart; a flush line inside a sentence still goes on.
        in_sentence = is_flush and not last.text.endswith(END_MARKS)
        if page == self._page and self.pitch and not in_sentence and line.top - last.top > 1.6 * max(self.pitch, em):
            return False
        # Room left at the end means that the line before ended on purpose. Where paragraphs are indented, a line that is
        # not goes on, and only a clearly short line before it, or its own number, speaks against that.
        is_item = _ENUMERATOR.match(line.text) is not None
        if is_item and _ENUMERATOR.match(self._text):
            return False
        room = 3.5 if in_sentence and not is_item else 0.9
        if last.x1 + line.head < self.right - room * em:
            return False
        if last is self._first and last.x0 - self.left > 0.35 * (self.right - self.left):
            return False  # a date or signature at the right edge
        middle = (self.left + self.right) / 2
        is_title = em > 1.15 * self.em and not line.text.startswith(("（", "("))
        is_centred = is_title and all(abs((one.x0 + one.x1) / 2 - middle) < 0.6 * em for one in (line, last))
        if indent > 0.9 * em and not is_centred and (last is self._first or abs(line.x0 - last.x0) > 0.5 * em):
            return False
        return not (is_item and last.text.endswith(END_MARKS))
