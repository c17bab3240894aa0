"""Mails that a program answered with (自动回复): out of office and the like, told from what people send."""

from __future__ import annotations

import re
from email.message import Message

_SUBJECTS = ("自动回复", "自动答复", "自动应答", "automatic reply", "auto reply", "auto:", "out of office")
_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")


def answered_by_program(message: Message, subject: str, has_files: bool) -> bool:
    """Whether a program answered (自动回复).

    Office systems mark what people send as generated (RFC 3834), so that mark alone means nothing. An answer with files
    is one only where the program says so itself: it must not be answered again, or two programs write to each other.
    """
    marked = re.split(r"[;(\s]", str(message.get("Auto-Submitted", "no")).strip().lower())[0]
    if marked in {"auto-replied", "auto-notified"} or any(message.get(name) is not None for name in _HEADERS):
        return True
    if has_files:
        return False
    precedence = str(message.get("Precedence", "")).strip().lower()
    nobody = str(message.get("Return-Path", "x")).strip() == "<>"
    return precedence == "auto_reply" or nobody or subject.lower().startswith(_SUBJECTS)
