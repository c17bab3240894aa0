"""Mail headers as people wrote them (邮件头): RFC 2047, RFC 2231, and the raw GBK that old clients send."""

from __future__ import annotations

import email.header
import email.utils
import re
import unicodedata
from collections.abc import Callable
from email.message import Message
from email.policy import Compat32

from tasks.mail.cleaning import file_label, one_line

# GB2312 and GBK are declared freely for text that needs the larger set.
_CHINESE = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk", "hz-gb-2312"}


# Declared out of habit by programs that then write Chinese; believed only when nothing else fits.
_HABITUAL = {"", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252", "cp1252", "unknown-8bit"}
# Codecs of the standard library that are no character sets of mail; some take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}


def decoded(raw: bytes, charset: str | None = None) -> str:
    """Bytes to text (解码): the declared charset unless it is a mere habit, else UTF-8, else GB18030; nothing raises."""
    named = re.sub(r"[^a-z0-9._:-]", "", (charset or "").lower())[:40]
    if named in _CHINESE:
        attempts = ["gb18030", "utf-8"]
    elif named in _HABITUAL or named.replace("-", "_") in _NO_CHARSETS:
        attempts = ["utf-8", "gb18030", "latin-1"]
    else:
        attempts = [named, "utf-8", "gb18030"]
    for attempt in attempts:
        try:
            return raw.decode(attempt)
        except (LookupError, ValueError):
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
    """All addresses in From (发件地址), lower case; an honest mail has one.

    What cannot be seen is made visible instead of being dropped, so that no address turns into another by cleaning.
    """
    values = [str(v) for v in message.get_all("From", [])]
    found = [address for _, address in email.utils.getaddresses(values) if "@" in address]
    # An address may not be written in encoded words: one that is never equals a registered one.
    return [_visible(words(a) + "\0" if "=?" in a else a)[:254] for a in found]


def _visible(address: str) -> str:
    text = unicodedata.normalize("NFC", address.strip().lower())
    return "".join("\ufffd" if unicodedata.category(c).startswith(("C", "Z")) else c for c in text)


def replied_to(message: Message) -> tuple[str, ...]:
    """The letters a mail answers (所回复的函件), as Message-IDs: the one replied to first, then its thread backwards."""
    thread = str(message.get("References", ""))[-4000:]
    named = re.findall(r"<[^\s<>]{1,180}>", str(message.get("In-Reply-To", ""))[:1000])
    return tuple(dict.fromkeys([*named[:1], *reversed(re.findall(r"<[^\s<>]{1,180}>", thread)[-20:])]))


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
