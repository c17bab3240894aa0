"""Bounces (退信): which of our letters a mail server says it could not deliver, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from tasks.intake import headers
from tasks.mail.cleaning import one_line

_POSTMASTERS = ("postmaster@", "mailer-daemon@", "mail-daemon@")
_MESSAGE_ID = re.compile(rb"<[A-Za-z0-9._@-]{8,180}>")


@dataclass(frozen=True)
class Bounce:
    """A delivery report (退信). ``message_ids`` are those it mentions; ``final`` is False for a mere delay notice."""

    message_ids: tuple[str, ...]
    recipient: str | None
    reason: str
    final: bool = True


def recognise(message: Message, raw: bytes, senders: tuple[str, ...]) -> Bounce | None:
    """Recognise a delivery report (识别退信): by its standard form (RFC 3464), or by the postmaster who sends it."""
    status = _status(message)
    daemon = any(sender.startswith(_POSTMASTERS) for sender in senders)
    if status is None and not daemon:
        return None
    mentioned = tuple(dict.fromkeys(found.decode() for found in _MESSAGE_ID.findall(raw)))
    if status is None:
        return Bounce(mentioned, None, headers.words(message.get("Subject")) or "退信，未说明原因")
    action, recipient, reason = status
    return Bounce(mentioned, recipient, reason, final=action == "failed")


def _status(message: Message) -> tuple[str, str | None, str] | None:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in part.get_payload() if part.is_multipart() else ():
            if isinstance(block, Message) and block.get("Action"):
                recipient = str(block.get("Final-Recipient", "")).partition(";")[2].strip() or None
                told = headers.words(block.get("Diagnostic-Code")) or headers.words(block.get("Status"))
                return str(block["Action"]).strip().lower(), recipient, one_line(told or "未说明原因", 300)
    return None
