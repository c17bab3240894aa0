"""The visible text of Word paragraphs (段落可见文字): tracked changes settled, fields resolved, hidden text left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from tasks.reading.docx_lists import VAL, Styles, W, is_on

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
TEXT_BOX = f"{W}txbxContent"

_RUN, _TEXT, _FIELD, _SYM, _PROPERTIES = f"{W}r", f"{W}t", f"{W}fldChar", f"{W}sym", f"{W}rPr"
_PLAIN = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
# Deleted and moved-away text, field codes, and properties: none of it is what a reader of the page sees.
_SKIPPED = {
    f"{W}{name}"
    for name in (
        "del", "moveFrom", "delText", "instrText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "rt", "annotationRef",
        "footnoteReference", "endnoteReference", "commentReference", "softHyphen", "sectPr", "tblPr", "ffData",
    )
} | {f"{M}{name}" for name in ("ctrlPr", "fPr", "dPr", "rPr", "naryPr")}  # fmt: skip

# Characters of the Symbol and Wingdings fonts that carry meaning in tables; Word stores them as U+F0xx.
_SYMBOL = {
    0xB3: "≥", 0xA3: "≤", 0xB9: "≠", 0xB4: "×", 0xB8: "÷", 0xB1: "±", 0xB0: "°", 0xA5: "∞", 0xB7: "·", 0xBB: "≈",
    0x3D: "=", 0x3C: "<", 0x3E: ">", 0x2B: "+", 0x2D: "-", 0x2F: "/", 0x25: "%",
}  # fmt: skip
_WINGDINGS = {0xFE: "☑", 0xA8: "☐", 0xFD: "☒", 0xFC: "✓", 0xFB: "✗", 0x6F: "□", 0x6E: "■", 0x6C: "●", 0xD8: "➢"}
_PRIVATE = re.compile("[\uf020-\uf0ff]")
_WINGDINGS2 = {0x52: "☑", 0x50: "✓", 0x4F: "✗", 0x51: "☒", 0xA3: "□", 0x54: "☒"}


def symbol(font: str, code: int) -> str:
    """The Unicode character a symbol font shows (符号字体的字符); nothing for a mere ornament."""
    code = code - 0xF000 if code >= 0xF000 else code
    name = font.lower().replace(" ", "")
    if name == "wingdings2":
        return _WINGDINGS2.get(code, "")
    if name.startswith("wingdings"):
        return _WINGDINGS.get(code, "")
    return _SYMBOL.get(code, chr(code) if 0x20 <= code < 0x7F else "")


def unprivate(text: str, font: str = "Symbol") -> str:
    """Text with private-use characters of a symbol font replaced (替换私用区符号)."""
    return _PRIVATE.sub(lambda match: symbol(font, ord(match[0])), text)


def _font(run: etree._Element) -> str:
    fonts = run.find(f"{W}rPr/{W}rFonts")
    return "Symbol" if fonts is None else fonts.get(f"{W}hAnsi") or fonts.get(f"{W}ascii") or "Symbol"


@dataclass(slots=True)
class Inline:
    """The text of one paragraph and the text boxes anchored in it (段落文字与文本框)."""

    parts: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


class TextWalker:
    """Walks runs in document order (文字遍历). Field state lives here because a field may span paragraphs."""

    def __init__(self, styles: Styles, may_hide: bool) -> None:
        self._styles = styles
        self.may_hide = may_hide  # most files hide nothing: then no run is asked
        self._fields: list[bool] = []  # one entry per open field: True while inside its code

    def paragraph(self, element: etree._Element) -> Inline:
        """The visible text of a ``w:p`` (段落)."""
        out = Inline()
        self._children(element, out)
        return out

    def _children(self, element: etree._Element, out: Inline) -> None:
        for child in element:
            tag = child.tag
            if tag == _RUN:
                if self.may_hide and self._hidden(child):
                    self._fields_only(child)
                else:
                    self._run(child, out)
            elif tag not in _SKIPPED:
                self._other(child, out)

    def _run(self, run: etree._Element, out: Inline) -> None:
        for child in run:
            tag = child.tag
            if tag == _TEXT:
                text = child.text
                if text and not any(self._fields):
                    out.parts.append(unprivate(text, _font(run)) if _PRIVATE.search(text) else text)
            elif tag == _PROPERTIES:
                continue
            elif tag == _FIELD:
                self._field(child)
            elif tag in _PLAIN:
                if not any(self._fields):
                    out.parts.append(_PLAIN[tag])
            elif tag == _SYM:
                out.parts.append(symbol(child.get(f"{W}font", ""), int(child.get(f"{W}char", "0"), 16)))
            elif tag not in _SKIPPED:
                self._other(child, out)

    def _other(self, element: etree._Element, out: Inline) -> None:
        tag = element.tag
        if tag == TEXT_BOX:
            out.boxes.append(element)
        elif tag == f"{MC}AlternateContent":
            # Choice and Fallback hold the same thing twice, for newer and older programs.
            chosen = next(iter(element.iterchildren(f"{MC}Choice", f"{MC}Fallback")), None)
            if chosen is not None:
                self._children(chosen, out)
        elif tag == f"{M}t":
            out.parts.append(element.text or "")
        elif tag == f"{M}f":
            self._fraction(element, out)
        elif tag == f"{M}d":
            self._delimited(element, out)
        elif tag == f"{W}fldChar":
            self._field(element)
        elif isinstance(tag, str) and len(element):
            self._children(element, out)

    def _fraction(self, element: etree._Element, out: Inline) -> None:
        for position, name in enumerate(("num", "den")):
            part = element.find(f"{M}{name}")
            if position:
                out.parts.append("/")
            if part is not None:
                self._children(part, out)

    def _delimited(self, element: etree._Element, out: Inline) -> None:
        begin = element.find(f"{M}dPr/{M}begChr")
        end = element.find(f"{M}dPr/{M}endChr")
        out.parts.append("(" if begin is None else begin.get(f"{M}val", ""))
        self._children(element, out)
        out.parts.append(")" if end is None else end.get(f"{M}val", ""))

    def _field(self, element: etree._Element) -> None:
        match element.get(f"{W}fldCharType"):
            case "begin":
                self._fields.append(True)
            case "separate" if self._fields:
                self._fields[-1] = False
            case "end" if self._fields:
                self._fields.pop()
            case _:
                return

    def _fields_only(self, run: etree._Element) -> None:
        for child in run.iterchildren(f"{W}fldChar"):
            self._field(child)

    def _hidden(self, run: etree._Element) -> bool:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return False
        own = properties.find(f"{W}vanish")
        if own is not None:
            return is_on(own)
        style = properties.find(f"{W}rStyle")
        return style is not None and self._styles.hides(style.get(VAL))
