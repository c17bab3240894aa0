"""A draw that can be published although a unit in it may not be named (涉密单位的抽签记录): under an alias, still repeatable."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.numbers import trimmed
from models.sampling import Draw, DrawUnit, FrameUnit, SpotCheckPolicy, draw, framed, parsed

# How a unit is called in public whose name is not (涉密单位).
SEALED_NAME = "依法不公开名称的单位"


def sealed(record: str | dict[str, Any] | Draw) -> Draw:
    """The record as it can be published (可公开的抽签记录): units with an alias stand under it, without code and name.

    It is a complete record of its own with the same draw, which anyone can repeat. Size and risk of such a unit are kept
    only where the policy weighs them. Without aliases it is the record itself.
    """
    told = parsed(record)
    if all(unit.alias is None for unit in told.units):
        return told
    made = draw([_sealed(unit, told.policy) for unit in told.units], told.policy, told.seed)
    before = {unit.alias or unit.code for unit in told.units if unit.drawn}
    if set(made.drawn) != before:
        raise ValueError("隐去名称后的抽签结果与原记录不同，不能公开，请核对抽签记录。")
    return made


def _sealed(unit: DrawUnit, policy: SpotCheckPolicy) -> FrameUnit:
    if unit.alias is None:
        return framed(unit)
    return FrameUnit(
        code=unit.alias,
        name=SEALED_NAME,
        stratum=unit.stratum,
        size=unit.size if policy.weighs_size else Decimal(1),
        risk=unit.risk if policy.weighs_risk else Decimal(1),
    )


def coarse(size: Decimal) -> Decimal:
    """A size that does not give away whose it is (规模概数): one significant digit, such as 3000 for 3276.5."""
    step = Decimal(1).scaleb(size.adjusted())
    return Decimal(trimmed((size / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step))
