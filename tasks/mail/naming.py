"""The name of an attachment in its two headers (附件名称), as the clients departments use expect it.

The disposition bears it by RFC 2231, which is the standard; the type bears it again as encoded words (RFC 2047), which
Outlook, Foxmail and the web pages of Chinese providers look for. Thunderbird and Apple Mail write the same pair. A name
too long for one line goes on in numbered pieces, because servers refuse lines over 998 bytes (RFC 5322).
"""

from __future__ import annotations

from email.header import Header
from email.message import Message
from urllib.parse import quote

# Leaves room for what stands before the name on its line.
_LONGEST_VALUE = 900
_PIECE = 60


def name_attachment(part: Message, kind: str, name: str) -> None:
    """Write type and name of an attachment (附件头); ``name`` is a harmless label."""
    del part["Content-Type"]
    del part["Content-Disposition"]
    part.add_header("Content-Type", kind)
    part.set_param("name", name if name.isascii() else Header(name, "utf-8").encode())
    part["Content-Disposition"] = "attachment;\n " + ";\n ".join(disposition_names(name))


def disposition_names(name: str) -> list[str]:
    """The parameters that bear a name (RFC 2231): one, or as many as its length takes."""
    whole = "utf-8''" + quote(name, safe="")
    if len(whole) <= _LONGEST_VALUE:
        return [f"filename*={whole}"]
    # A character stays in one piece: not every client puts its bytes together again.
    pieces = ["utf-8''"]
    for character in (quote(one, safe="") for one in name):
        if len(pieces[-1]) + len(character) > _PIECE:
            pieces.append("")
        pieces[-1] += character
    return [f"filename*{number}*={piece}" for number, piece in enumerate(pieces)]
