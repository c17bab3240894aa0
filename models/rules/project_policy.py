"""How project self-evaluations are scored (项目支出绩效自评的计分口径), as data."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from models.document import Frozen
from models.numbers import Number


class Tier(Frozen):
    """The share of the weight a qualitative grade allows (定性指标档次), in percent of the weight, both ends included."""

    grade: str
    low: Number
    high: Number


def _tier(grade: str, low: int, high: int) -> Tier:
    return Tier(grade=grade, low=Decimal(low), high=Decimal(high))


class ProjectPolicy(Frozen):
    """The named choices of a project rule set (项目自评口径).

    ``weights``: nominal maxima per first-level heading; they only inform, a table's own printed weights are used.
    ``at_most``: points of a missed ≤ target: ``linear`` falls to 0 at twice the target, ``inverse`` is w·t/a.
    ``overshoot``: an actual more than ``overshoot_percent`` over a ≥ or = target: ``no_deduction``, ``not_counted``
    (0 points), or ``reason_required`` (a person decides where the table gives no reason).
    ``no_operator``: a number without a sign counts ``as_at_least`` or goes to a ``person``.
    ``not_applicable``: printed words for "does not apply"; such lines are dropped and the rest is rescaled.
    """

    weights: dict[str, Number] = {
        "预算执行率": Decimal(10),
        "产出指标": Decimal(50),
        "效益指标": Decimal(30),
        "满意度指标": Decimal(10),
    }
    total: Number = Decimal(100)
    at_most: Literal["linear", "inverse"] = "linear"
    overshoot: Literal["no_deduction", "not_counted", "reason_required"] = "no_deduction"
    overshoot_percent: Number = Decimal(30)
    no_operator: Literal["as_at_least", "person"] = "as_at_least"
    scales: tuple[str, ...] = ("优良中差", "优良中低差")
    tiers: tuple[Tier, ...] = (
        _tier("优", 80, 100),
        _tier("良", 60, 80),
        _tier("中", 0, 60),
        _tier("低", 0, 60),
        _tier("差", 0, 60),
    )
    not_applicable: tuple[str, ...] = ("/", "不适用")
