"""Running text prepared for comparison (文字整理): one spelling for digits and signs, sentences with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.document import Document, Paragraph, Source, Table

# Only signs that carry a number are unified; quotation marks and commas stay as printed, so that quotes can be found again.
_SIGNS = str.maketrans("０１２３４５６７８９．％＝＋－＞＜≧≦", "0123456789.%=+-><≥≤")
_LATEX = (
    (re.compile(r"\\(?:geq?|geqslant)\b"), "≥"),
    (re.compile(r"\\(?:leq?|leqslant)\b"), "≤"),
    (re.compile(r"\\times\b"), "×"),
    (re.compile(r"\\%"), "%"),
    (re.compile(r"\$"), ""),
    (re.compile(r">="), "≥"),
    (re.compile(r"<="), "≤"),
)
_BLANKS = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])")
_OPENS_A_PARAGRAPH = re.compile(
    r"^(?:第?[一二三四五六七八九十]+[、.．)）部章节]|[（(][一二三四五六七八九十\d]+[)）]|\d+[.、．)）]|附[件表])"
)
_ENDS_A_PARAGRAPH = re.compile(r"[。！？；：:;!?.」』”)）]$")
_QUOTE_LENGTH = 160
_JOIN_FROM = 40


def clean(text: str) -> str:
    """One spelling of a printed text (统一写法): half-width digits and signs, no LaTeX, no white space between characters."""
    out = text.translate(_SIGNS)
    if "\\" in out or "$" in out or "=" in out:
        for pattern, sign in _LATEX:
            out = pattern.sub(sign, out)
    return _BLANKS.sub("", out).strip()


def shortened(text: str, length: int = _QUOTE_LENGTH) -> str:
    """A quote short enough for a letter (引文截短)."""
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or a table cell as one cleaned text (一段文字). ``order`` counts in reading order."""

    text: str
    source: Source
    order: int
    in_table: bool
    part: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (句子) of a passage, up to its full stop. ``start`` is its offset in the passage."""

    text: str
    passage: Passage
    start: int

    @property
    def source(self) -> Source:
        """The place with this sentence as its quote (出处)."""
        return self.passage.source.model_copy(update={"quote": shortened(self.text)})


_PART = re.compile(r"^(?:附件|附表|第[一二三四五六七八九十]+部分)")


def _body(document: Document) -> Iterator[tuple[str, Source, bool]]:
    """Paragraphs and cells in reading order; a paragraph cut by a page end is joined with what follows it."""
    held: tuple[str, Source] | None = None
    for block in document.blocks:
        if isinstance(block, Paragraph):
            text = clean(block.full_text)
            if not text:
                continue
            if held and not _OPENS_A_PARAGRAPH.match(text):
                held = (held[0] + text, held[1])
            elif held:
                yield held[0], held[1], False
                held = (text, block.place)
            else:
                held = (text, block.place)
            if len(held[0]) < _JOIN_FROM or _ENDS_A_PARAGRAPH.search(held[0]):
                yield held[0], held[1], False
                held = None
        elif isinstance(block, Table):
            if held:
                yield held[0], held[1], False
                held = None
            for cell in block.cells:
                text = clean(cell.text)
                if text:
                    yield text, cell.place, True
    if held:
        yield held[0], held[1], False


def passages(document: Document) -> tuple[Passage, ...]:
    """All paragraphs and cells (全部文字), empty ones left out. ``part`` grows with each annex or numbered part."""
    found: list[Passage] = []
    part = 0
    for order, (text, source, in_table) in enumerate(_body(document)):
        if not in_table and len(text) <= _JOIN_FROM and _PART.match(text):
            part += 1
        found.append(Passage(text=text, source=source, order=order, in_table=in_table, part=part))
    return tuple(found)


def sentences(passage: Passage) -> tuple[Sentence, ...]:
    """The sentences of a passage (分句), ended by a full stop; semicolons stay inside."""
    found: list[Sentence] = []
    start = 0
    for match in re.finditer(r"[。！？!?]+|$", passage.text):
        text = passage.text[start : match.end()]
        if text.strip("。！？!?"):
            found.append(Sentence(text=text, passage=passage, start=start))
        start = match.end()
    return tuple(found)
