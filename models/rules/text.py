"""Comparing printed names (名称比对)."""

from __future__ import annotations

import re
import unicodedata

_BRACKETED_POINTS = re.compile(r"[(\[][^()\[\]]*分[)\]]$")


def folded(text: str) -> str:
    """A name without blanks and width differences (折叠后的名称), for comparing labels as printed."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def category(text: str) -> str:
    """An indicator heading without points and without 指标 (指标类别): ``产出指标（50分）`` and ``产出`` are the same."""
    return heading(text).removesuffix("指标")


def heading(text: str) -> str:
    """A rubric heading without trailing points (去掉“（10分）”的指标名称)."""
    return _BRACKETED_POINTS.sub("", folded(text))
