"""The fonts of official documents (公文字体) and what replaces them where they are not installed.

Names as GB/T 9704-2012 asks for them. A Word file may name alternatives for each font in its font table; Word and
WPS then choose the first that is installed instead of guessing.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

TITLE = "方正小标宋简体"
BODY = "仿宋_GB2312"
SUBHEADING = "楷体_GB2312"
HEADING = "黑体"
SONG = "宋体"
LATIN = "Times New Roman"

ALTERNATIVES: dict[str, tuple[str, ...]] = {
    TITLE: ("小标宋体", "华文中宋", "STZhongsong", "Noto Serif CJK SC"),
    BODY: ("仿宋", "FangSong", "华文仿宋", "STFangsong", "Noto Serif CJK SC"),
    SUBHEADING: ("楷体", "KaiTi", "华文楷体", "STKaiti", "Noto Serif CJK SC"),
    HEADING: ("SimHei", "Noto Sans CJK SC"),
    SONG: ("SimSun", "Noto Serif CJK SC"),
    LATIN: ("Liberation Serif",),
}

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def font_table() -> bytes:
    """The font table of a Word file (字体表), with the alternatives of each font."""
    fonts = "".join(
        f"<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(';'.join(others))}/>"
        f'<w:charset w:val="{"00" if name == LATIN else "86"}"/>'
        f'<w:family w:val="{"modern" if name == HEADING else "roman"}"/><w:pitch w:val="variable"/></w:font>'
        for name, others in ALTERNATIVES.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{_NAMESPACE}">{fonts}</w:fonts>'
    ).encode()


def name_fonts(holder: Any, east_asian: str) -> None:
    """Name the Latin and the East Asian font of a run or a style (指定中西文字体)."""
    properties = holder.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for slot, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{slot}"), name)
    # Quotation marks and dashes exist in both fonts; in Chinese text the wide ones are meant.
    fonts.set(qn("w:hint"), "eastAsia")
