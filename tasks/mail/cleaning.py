"""Making foreign text harmless (清理外来文字) before it reaches a header, a file name or a letter."""

from __future__ import annotations

import re
import unicodedata

# Cf format (bidi overrides, zero width), Cs surrogates; Cc control, Zl/Zp line and paragraph separators. Private use and
# unassigned characters stay: rare characters in Chinese names are often written with them.
_DROPPED = {"Cf", "Cs"}
_SPACED = {"Cc", "Zl", "Zp"}
_SPACES = re.compile(r"\s+")
# Conservative on purpose: what a header cannot carry safely never becomes an address.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})[A-Za-z0-9]")


def one_line(text: str, limit: int = 2000) -> str:
    """Fold text to one harmless line (单行文字): NFC, no control or direction characters, single blanks.

    Longer text ends with "…" at ``limit`` characters.
    """
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in _SPACED:
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(character)
    folded = _SPACES.sub(" ", "".join(kept)).strip()
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def file_label(name: str, limit: int = 180) -> str:
    """A file name that is only a label (文件名标签): no path, no control characters, suffix kept when shortened."""
    flat = re.sub(r'[\\/:*?"<>|]', "/", one_line(name, limit=4000)).rsplit("/", 1)[-1].strip(" .")
    if not flat:
        return "未命名文件"
    if len(flat) <= limit:
        return flat
    stem, dot, suffix = flat.rpartition(".")
    if not dot or len(suffix) > 10:
        return flat[: limit - 1] + "…"
    return f"{stem[: limit - len(suffix) - 2]}….{suffix}"


def valid_address(address: str) -> bool:
    """Whether an e-mail address can be written to (邮箱地址校验)."""
    return len(address) <= 254 and ".." not in address and _ADDRESS.fullmatch(address) is not None
