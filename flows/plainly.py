"""Words that came from elsewhere on the pages of the Prefect UI (外来文字): shown as they are, never a link, image or markup."""

from __future__ import annotations

from html import escape
from typing import Any

_MARKUP = "\\|`*_[]~"
# In a table one of Prefect's two pages reads Markdown and the other shows every character: what would be markup there
# is written full width, which reads the same on both.
_FULL_WIDTH = str.maketrans("<>[]`*\\|~", "＜＞［］｀＊＼｜～")


def on_page(value: Any) -> str:
    """A value inside a Markdown page (页面文字): it can neither break a row nor become a link or an image."""
    text = "—" if value is None or value == "" else escape(" ".join(str(value).split()), quote=False)
    for character in _MARKUP:
        text = text.replace(character, f"&#{ord(character)};")
    # A bare address would become a link as well.
    return text.replace("://", "&#58;//").replace("www.", "www&#46;")


def in_table(value: Any) -> str:
    """A value inside a table of its own (表格文字)."""
    if value is None:
        return "—"
    if isinstance(value, list | tuple):
        return "、".join(in_table(one) for one in value) or "—"
    return str(value).translate(_FULL_WIDTH)
