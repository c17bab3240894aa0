"""Mail headers as people wrote them (邮件头): RFC 2047, RFC 2231, and the raw GBK that old clients send."""

from __future__ import annotations

import email.header
import email.utils
from collections.abc import Callable
from email.message import Message
from email.policy import Compat32

from tasks.mail.cleaning import file_label, one_line

# GB2312 and GBK are declared freely for text that needs the larger set.
_CHINESE = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "hz-gb-2312"}


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Bytes to text (解码): the declared charset, else UTF-8, else GB18030; nothing raises."""
    named = (charset or "").lower()
    for attempt in ("gb18030" if named in _CHINESE else named or "utf-8", "utf-8", "gb18030"):
        try:
            return raw.decode(attempt)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("utf-8", "replace")


LONGEST_HEADER = 20_000


class _Tolerant(Compat32):
    """Raw non-ASCII headers come back as readable text instead of replacement marks (宽容解析)."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        # Splitting a header takes quadratic time; no honest one comes near this length.
        return _readable(value[:LONGEST_HEADER])


# The newer policies of the library fail on malformed headers; this one only splits.
TOLERANT = _Tolerant()


def _readable(value: str) -> str:
    """Undo surrogate escapes (还原原始字节), by which the parser carries raw bytes."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return decoded(value.encode("utf-8", "surrogateescape"))
    return value


def words(value: str | None) -> str:
    """A header value in plain text (头部文字)."""
    if not value:
        return ""
    text = _readable(str(value))
    try:
        pieces = email.header.decode_header(text.replace("\r", "").replace("\n", ""))
    except (email.errors.HeaderParseError, ValueError, AssertionError):
        return one_line(text)
    return one_line("".join(p if isinstance(p, str) else (decoded(p, c) if c else _plain(p)) for p, c in pieces))


def _plain(piece: bytes) -> str:
    # decode_header escapes what stood outside encoded words this way.
    try:
        return piece.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        return decoded(piece)


def senders(message: Message) -> list[str]:
    """All addresses in From (发件地址), lower case; an honest mail has one."""
    values = [str(v) for v in message.get_all("From", [])]
    return [address.strip().lower() for _, address in email.utils.getaddresses(values) if "@" in address]


def file_name(part: Message) -> str | None:
    """The name of an attachment (附件名) as a harmless label, or None."""
    for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        found = _parameter(part, header, parameter)
        if found:
            return file_label(found)
    return None


def _parameter(part: Message, header: str, parameter: str) -> str | None:
    value = part.get_param(parameter, header=header)
    if value is None:
        return None
    if isinstance(value, tuple):
        charset, _, text = value
        raw = text.encode("latin-1", "ignore") if _fits(text.encode, "latin-1") else text.encode("utf-8")
        return decoded(raw, charset)
    return words(str(value))


def _fits(encode: Callable[[str], bytes], charset: str) -> bool:
    try:
        encode(charset)
    except UnicodeEncodeError:
        return False
    return True
