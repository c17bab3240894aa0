"""Deviation of the self-score from the review score (偏离度) and the points it costs (自评准确)."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal, Self

from pydantic import model_validator

from models.document import Frozen
from models.numbers import Number, trimmed

BASE_WORDS = {"review": "以复核得分为基数", "self": "以自评得分为基数", "points": "按分值之差"}


class DeviationBand(Frozen):
    """One band of the deviation (偏离度档次). ``limit`` in percent belongs to this, the milder, band; None: no limit."""

    limit: Number | None = None
    deduction: Number


class DeviationPolicy(Frozen):
    """How deviation is measured and what it costs (偏离度计算口径). The defaults are those of the Sichuan 2023 rubric.

    ``base``: what the percentage refers to; ``points`` compares the difference in points with the limits.
    ``self_basis``: the self-score is the total the department states, or the sum of its lines.
    ``undrawn``: a department that was not spot-checked has its total rescaled to the full maximum, or left as it is.
    """

    bands: tuple[DeviationBand, ...] = (
        DeviationBand(limit=Decimal(5), deduction=Decimal(0)),
        DeviationBand(limit=Decimal(10), deduction=Decimal(4)),
        DeviationBand(limit=Decimal(20), deduction=Decimal(8)),
        DeviationBand(limit=None, deduction=Decimal(10)),
    )
    base: Literal["review", "self", "points"] = "review"
    self_basis: Literal["claimed_total", "sum_of_lines"] = "claimed_total"
    maximum: Number = Decimal(10)
    undrawn: Literal["rescale", "raw"] = "rescale"

    @model_validator(mode="after")
    def _bands_ascend(self) -> Self:
        limits = [band.limit for band in self.bands]
        if not limits or limits[-1] is not None or None in limits[:-1]:
            raise ValueError("偏离度档次须由小到大排列，且只有最后一档不设上限。")
        known = [limit for limit in limits if limit is not None]
        if any(low >= high for low, high in pairwise([Decimal(0), *known])):
            raise ValueError("偏离度各档上限须大于0并逐档增大。")
        costs = [band.deduction for band in self.bands]
        if any(low > high for low, high in pairwise(costs)) or costs[0] < 0 or costs[-1] > self.maximum:
            raise ValueError(f"偏离度扣分须逐档不减，且不超过该项分值{trimmed(self.maximum)}分。")
        return self

    def label(self, index: int) -> str:
        """The band in words (档次说明), e.g. ``超过5%至10%``."""
        unit = "分" if self.base == "points" else "%"
        upper = self.bands[index].limit
        lower = self.bands[index - 1].limit if index else None
        if upper is None:
            return f"超过{trimmed(lower)}{unit}" if lower is not None else "任何偏离"
        return (
            f"超过{trimmed(lower)}{unit}至{trimmed(upper)}{unit}"
            if lower is not None
            else f"{trimmed(upper)}{unit}以内"
        )


class Deviation(Frozen):
    """The result (偏离度结果). ``percent`` is exact to 28 digits and None where its base is zero; ``shown`` is for people.

    ``band`` is the band in words, ``band_index`` its position from 0; ``deduction`` + ``points`` = the line's maximum.
    """

    percent: Number | None
    shown: str
    band: str
    band_index: int
    deduction: Number
    points: Number
    explanation: str


def assess(self_score: Decimal, review_score: Decimal, policy: DeviationPolicy | None = None) -> Deviation:
    """Compare the self-score with the review score (偏离度) and give the deduction (扣分), exactly.

    deviation = |self - review| / base; a limit belongs to the milder band (“以内”含本数). Under-claiming deviates too.
    Where the base is 0 and the other score is not, the severest band applies; where both are 0, the mildest.
    Scores are points >= 0. Raises TypeError for floats, ValueError for negative or non-finite scores.
    Source: the line 自评准确 of the Sichuan 2023 department rubric; the base is a policy.
    """
    policy = policy or DeviationPolicy()
    self_points, review_points = _exact(self_score, "自评得分"), _exact(review_score, "复核得分")
    ratio = _ratio(self_points, review_points, policy)
    index = len(policy.bands) - 1
    if ratio is not None:
        index = next(i for i, band in enumerate(policy.bands) if band.limit is None or ratio <= Fraction(band.limit))
    band = policy.bands[index]
    points = policy.maximum - band.deduction
    shown = "无法计算比例" if ratio is None else _shown(ratio, policy)
    return Deviation(
        percent=None if ratio is None else _decimal(ratio),
        shown=shown,
        band=policy.label(index),
        band_index=index,
        deduction=band.deduction,
        points=points,
        explanation=_explain(self_score, review_score, ratio, shown, index, policy),
    )


def _exact(value: Decimal, name: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name}须为精确的十进制数（Decimal），收到的是{type(value).__name__}。")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise ValueError(f"{name}须为不小于0的数，收到的是{value}。请核对后重新录入。")
    return Fraction(number)


def _ratio(self_points: Fraction, review_points: Fraction, policy: DeviationPolicy) -> Fraction | None:
    gap = abs(self_points - review_points)
    if gap == 0 or policy.base == "points":
        return gap
    base = review_points if policy.base == "review" else self_points
    return gap / base * 100 if base else None


def _decimal(value: Fraction) -> Decimal:
    """A plain decimal of 28 significant digits, without an exponent or trailing zeros."""
    quotient = Context(prec=28).divide(Decimal(value.numerator), Decimal(value.denominator))
    return Decimal(trimmed(quotient)) if quotient else Decimal(0)


def _shown(ratio: Fraction, policy: DeviationPolicy) -> str:
    """As few decimals as possible, two at least, such that the printed figure lies in the same band as the exact one."""
    limits = [Fraction(band.limit) for band in policy.bands if band.limit is not None]
    unit = "分" if policy.base == "points" else "%"
    for places in range(2, 60):
        scale = 10**places
        printed = Fraction((ratio * scale * 2 + 1) // 2, scale)
        if all((printed <= limit) == (ratio <= limit) for limit in limits):
            whole, rest = divmod(printed.numerator * scale // printed.denominator, scale)
            return trimmed(Decimal(f"{whole}.{rest:0{places}d}")) + unit
    return f"{ratio.numerator}/{ratio.denominator}{unit}"


def _explain(
    self_score: Decimal, review_score: Decimal, ratio: Fraction | None, shown: str, index: int, policy: DeviationPolicy
) -> str:
    band = policy.bands[index]
    gap = trimmed(abs(Decimal(self_score) - Decimal(review_score)))
    start = f"自评得分{trimmed(Decimal(self_score))}分，复核得分{trimmed(Decimal(review_score))}分，相差{gap}分"
    end = f"扣{trimmed(band.deduction)}分，自评准确得{trimmed(policy.maximum - band.deduction)}分。"
    if ratio is None:
        return f"{start}；作为基数的得分为0，无法计算比例，按最高一档处理，{end}"
    if policy.base == "points" or ratio == 0:
        return f"{start}，属“{policy.label(index)}”，{end}"
    base = review_score if policy.base == "review" else self_score
    sign = "＝" if Fraction(shown.removesuffix("%")) == ratio else "≈"
    return (
        f"{start}；偏离度{BASE_WORDS[policy.base]}：{gap}÷{trimmed(Decimal(base))}{sign}{shown}，"
        f"属“{policy.label(index)}”，{end}"
    )
