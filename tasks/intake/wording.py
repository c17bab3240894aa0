"""What the sender wrote (来信正文): the words of a mail without the letter it quotes, read within bounds."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from tasks.intake import headers
from tasks.intake.limits import Limits

# Where the words of the sender end and the quoted letter begins: looked for line by line, because a pattern that spans
# lines takes quadratic time on a mail of blank lines.
_QUOTED = re.compile(r">|-{3,}\s*(?:原始邮件|转发|Original)|(?:发件人|From)\s*[:：]|.{0,80}(?:写道|wrote)\s*[:：]\s*$")
_LINE = 200
# Direction and zero-width characters can make a text say something else than it shows.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# How much of a part is looked at: office programs put long style sheets before the first word.
_BYTES_READ = 256 * 1024
_NAME = re.compile(r"/?[a-z][a-z0-9]{0,15}")
_NEW_LINE = frozenset({"p", "div", "h1", "h2", "h3", "tr", "ul", "ol", "li", "table", "br", "hr", "blockquote"})
_SKIPPED = frozenset({"style", "script", "head", "title"})


def add_words(texts: list[str], kind: str, content: bytes, charset: str | None, limits: Limits) -> None:
    """Add the words of one part (加入正文) to ``texts``; the HTML twin of words that are there is left out.

    What stands beyond the bounds is not read: the whole mail is kept, and a person can open it.
    """
    room = limits.text_characters - sum(map(len, texts))
    if room <= 0 or len(texts) >= limits.text_parts:
        return
    text = headers.decoded(content[:_BYTES_READ], charset)
    if kind == "text/html":
        # Most mails carry the same words twice; the plain ones come first.
        if any(t.strip() for t in texts):
            return
        text = words_of_page(text)
    texts.append(text[:room] or " ")


def own_words(texts: Sequence[str], limits: Limits) -> str:
    """The sender's own words (本人所写): up to the quoted letter, without control and direction characters."""
    kept: list[str] = []
    for line in "\n".join(texts).replace("\r\n", "\n").split("\n"):
        if _QUOTED.match(line.lstrip()[:_LINE]):
            break
        kept.append(line)
    return _UNSEEN.sub("", "\n".join(kept)).strip()[: limits.text_characters]


def words_of_page(page: str) -> str:
    """The words of a stranger's HTML (网页正文) in linear time, whatever is in it; the library's parser takes quadratic
    time on tags that never end."""
    found: list[str] = []
    at = 0
    while (start := page.find("<", at)) >= 0:
        found.append(page[at:start])
        comment = page.startswith("<!--", start)
        end = page.find("-->" if comment else ">", start)
        if end < 0:
            return _unfolded(found)
        named = _NAME.match(page[start + 1 : start + 20].lower())
        name = named.group().lstrip("/") if named else ""
        if name in _SKIPPED and page[start + 1] != "/":
            closing = re.compile(f"</{name}", re.IGNORECASE).search(page, end)
            if closing is None:
                return _unfolded(found)
            end = page.find(">", closing.start())
            if end < 0:
                return _unfolded(found)
        found.append("\n" if name in _NEW_LINE else " " if name in {"td", "th"} else "")
        at = end + (3 if comment else 1)
    found.append(page[at:])
    return _unfolded(found)


def _unfolded(found: list[str]) -> str:
    # Line breaks of the source mean nothing in HTML, those that were put for a tag do.
    pieces = (piece if piece == "\n" else re.sub(r"\s+", " ", html.unescape(piece)) for piece in found)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in "".join(pieces).split("\n")))
