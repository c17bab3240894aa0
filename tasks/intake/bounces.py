"""Bounces and receipts (退信与回执): what mail servers and mail programs say about our letters.

Delivery reports come in the standard form (RFC 3464), or in the free form of some providers: a page of words from a
postmaster. Read receipts (RFC 8098) say that somebody opened a letter. None of them is material.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from tasks.intake import headers
from tasks.intake.limits import Limits
from tasks.intake.wording import add_words
from tasks.mail.cleaning import one_line

_POSTMASTERS = ("postmaster@", "mailer-daemon@", "mail-daemon@", "mailerdaemon@")
_MESSAGE_ID = re.compile(rb"<[A-Za-z0-9._@-]{8,180}>")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,120}[A-Za-z0-9]")
# A report names one letter, at most a thread of them; a longer list is made to keep the database busy.
_MOST_NAMES = 200
_MOST_BYTES = 2 * 1024 * 1024
_DELAYED = re.compile(
    r"延迟|稍后重试|仍在尝试|暂未送达|delayed|still being retried|will continue to (?:be retried|try)", re.I
)
_SAYS_WHY = re.compile(r"\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b|原因|失败|拒收|不存在|已满")
_NOTIFICATION = "message/disposition-notification"


class Fate(StrEnum):
    """What a report says became of a letter (投递结果); the value is the word staff read."""

    FAILED = "退信"
    DELAYED = "投递延迟"
    DELIVERED = "已送达对方邮件系统"
    READ = "对方已读"
    DELETED = "对方未读即删除"

    @property
    def good(self) -> bool:
        """Whether nobody has to do anything about it (无须处理)."""
        return self in (Fate.DELIVERED, Fate.READ)


@dataclass(frozen=True)
class Bounce:
    """A report about a letter (退信或回执). ``message_ids`` and ``addresses`` are those it mentions.

    ``standard`` is False for a postmaster's free words, which may also be a person's mail.
    """

    fate: Fate
    message_ids: tuple[str, ...]
    addresses: tuple[str, ...]
    reason: str
    standard: bool = True


# The worst of several recipients is told: a report that hides a failure behind a success misleads.
_ACTIONS = {"failed": Fate.FAILED, "delayed": Fate.DELAYED, "delivered": Fate.DELIVERED}
_ACTIONS |= {"relayed": Fate.DELIVERED, "expanded": Fate.DELIVERED}


def recognise(message: Message, raw: bytes, senders: tuple[str, ...], limits: Limits) -> Bounce | None:
    """Recognise a report (识别退信与回执): by its standard form, or by the postmaster who sends it."""
    parts = list(_parts(message))
    told = next((b for part in parts if (b := _read_receipt(part, raw))), None)
    if told is not None:
        return told
    blocks = [block for part in parts for block in _status_blocks(part)]
    if blocks:
        return _standard(blocks, parts, raw)
    failed = headers.words(message.get("X-Failed-Recipients"))
    if failed or any(sender.startswith(_POSTMASTERS) for sender in senders):
        return _free(message, parts, raw, failed, limits)
    return None


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= _MOST_NAMES:
            return
        yield part


def _status_blocks(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return []
    return [block for block in part.get_payload() if isinstance(block, Message) and block.get("Action")]


def _standard(blocks: list[Message], parts: list[Message], raw: bytes) -> Bounce:
    def fate(block: Message) -> Fate:
        return _ACTIONS.get(str(block["Action"]).strip().lower(), Fate.FAILED)

    worst = min(blocks, key=lambda block: list(Fate).index(fate(block)))
    told = headers.words(worst.get("Diagnostic-Code")) or headers.words(worst.get("Status"))
    same = [block for block in blocks if fate(block) is fate(worst)]
    named = [one_line(str(block.get("Final-Recipient", "")).partition(";")[2], 254).lower() for block in same]
    return Bounce(fate(worst), _mentioned(parts, raw), tuple(filter(None, named)), one_line(told or "未说明原因", 300))


def _read_receipt(part: Message, raw: bytes) -> Bounce | None:
    if part.get_content_type() != _NOTIFICATION:
        return None
    inner = part.get_payload(0) if part.is_multipart() else None
    lines = inner.as_string() if isinstance(inner, Message) else str(part.get_payload())
    disposition = re.search(r"^Disposition:[^\n]*?;\s*(\w+)", lines, re.I | re.M)
    deleted = disposition is not None and disposition.group(1).lower() == "deleted"
    named = re.search(r"^Original-Message-ID:\s*(<[^\s<>]{1,180}>)", lines, re.I | re.M)
    ids = (named.group(1),) if named else _mentioned([], raw)
    return Bounce(Fate.DELETED if deleted else Fate.READ, ids, (), "收件人的邮件程序报告")


def _free(message: Message, parts: list[Message], raw: bytes, failed: str, limits: Limits) -> Bounce:
    texts: list[str] = []
    for part in parts:
        if part.get_content_maintype() == "text" and part.get_filename() is None:
            content = part.get_payload(decode=True)
            add_words(texts, part.get_content_type(), content if isinstance(content, bytes) else b"", None, limits)
    words = "\n".join(texts)
    subject = headers.words(message.get("Subject"))
    why = next((line for line in words.split("\n") if _SAYS_WHY.search(line)), "")
    reason = "；".join(filter(None, (one_line(subject, 100), one_line(why, 200)))) or "未说明原因"
    found = _ADDRESS.findall(failed or words)[:_MOST_NAMES]
    return Bounce(
        Fate.DELAYED if _DELAYED.search(subject + words) else Fate.FAILED,
        _mentioned(parts, raw),
        tuple(dict.fromkeys(address.lower() for address in found)),
        reason,
        standard=bool(failed),
    )


def _mentioned(parts: list[Message], raw: bytes) -> tuple[str, ...]:
    """The Message-IDs a report names (所指函件), those inside encoded parts too."""
    inside = [content for part in parts if isinstance(content := _encoded(part), bytes)]
    found = (m.decode() for text in (raw[:_MOST_BYTES], *inside) for m in _MESSAGE_ID.findall(text[:_MOST_BYTES]))
    return tuple(dict.fromkeys(found))[:_MOST_NAMES]


def _encoded(part: Message) -> bytes | None:
    if part.is_multipart() or str(part.get("Content-Transfer-Encoding", "")).strip().lower() not in {
        "base64",
        "quoted-printable",
    }:
        return None
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else None
