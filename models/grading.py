"""Grades of a final score (评价等级)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from models.document import Frozen
from models.numbers import Number, trimmed


class GradeBand(Frozen):
    """One grade (等级档次): scores from ``lower``, inclusive, up to the next better band's ``lower``, exclusive."""

    name: str
    lower: Number


class Grade(Frozen):
    """The grade of a score (等级) with its band in words, e.g. ``80分（含）至90分``."""

    name: str
    lower: Number
    upper: Number
    words: str


DEFAULT_BANDS = (
    GradeBand(name="优", lower=Decimal(90)),
    GradeBand(name="良", lower=Decimal(80)),
    GradeBand(name="中", lower=Decimal(60)),
    GradeBand(name="差", lower=Decimal(0)),
)


def check_bands(bands: Sequence[GradeBand]) -> str | None:
    """Say what is wrong with the bands (检查等级档次), or None. They run from best to worst and end at 0."""
    if not bands or bands[-1].lower != 0:
        return "等级档次的最低一档须从0分起。"
    if any(better.lower <= worse.lower for better, worse in pairwise(bands)):
        return "等级档次须从高到低排列，下限不得相同。"
    if len({band.name for band in bands}) != len(bands):
        return "等级名称不得重复。"
    return None


def grade(score: Decimal, bands: Sequence[GradeBand] = DEFAULT_BANDS, maximum: Decimal = Decimal(100)) -> Grade:
    """The grade of a score (评定等级): 优 [90,100], 良 [80,90), 中 [60,80), 差 [0,60) unless the rule set says otherwise.

    ``score`` in points from 0 to ``maximum``. Raises ValueError for a score outside or for bands that are not in order.
    """
    problem = check_bands(bands)
    if problem:
        raise ValueError(problem)
    if not isinstance(score, Decimal | int) or isinstance(score, bool):
        raise TypeError(f"得分须为精确的十进制数（Decimal），收到的是{type(score).__name__}。")
    if not Decimal(score).is_finite() or not 0 <= score <= maximum:
        raise ValueError(f"得分{score}不在0至{trimmed(maximum)}分之间，无法评定等级。请核对各项得分。")
    upper = maximum
    for band in bands:
        if score >= band.lower:
            return Grade(name=band.name, lower=band.lower, upper=upper, words=_words(band.lower, upper, maximum))
        upper = band.lower
    raise ValueError(f"得分{score}低于最低一档。")


def _words(lower: Decimal, upper: Decimal, maximum: Decimal) -> str:
    if upper == maximum:
        return f"{trimmed(lower)}分（含）以上"
    if lower == 0:
        return f"{trimmed(upper)}分以下"
    return f"{trimmed(lower)}分（含）至{trimmed(upper)}分"
