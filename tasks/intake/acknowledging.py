"""Answers that only say "received" (收悉回复): told by words that stand in acknowledgements.yml."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

_WORDS = Path(__file__).with_name("acknowledgements.yml")


@lru_cache(maxsize=1)
def _phrases() -> tuple[str, ...]:
    found: list[str] = yaml.safe_load(_WORDS.read_text("utf-8"))["phrases"]
    return tuple(sorted(found, key=len, reverse=True))


def only_acknowledges(text: str) -> bool:
    """Whether a text says nothing but that something was received or agreed to (仅表示收悉或无异议)."""
    rest = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    if not rest:
        return False
    for phrase in _phrases():
        rest = rest.replace(phrase, "")
    return not rest
