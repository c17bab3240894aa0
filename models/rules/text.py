"""Comparing printed names (名称比对)."""

from __future__ import annotations

import re
import unicodedata

_BRACKETED_POINTS = re.compile(r"[(\[][^()\[\]]*分[)\]]$")


def folded(text: str) -> str:
    """A name without blanks and width differences (折叠后的名称), for comparing labels as printed."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def heading(text: str) -> str:
    """A rubric heading without trailing points (去掉“（10分）”的指标名称)."""
    return _BRACKETED_POINTS.sub("", folded(text))
