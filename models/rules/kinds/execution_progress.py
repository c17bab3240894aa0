"""Pace of spending (执行进度): how far spending had come in June, September and November."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, known, lacking

MONTHS: dict[int, FigureKey] = {
    6: FigureKey.EXECUTION_JUNE,
    9: FigureKey.EXECUTION_SEPTEMBER,
    11: FigureKey.EXECUTION_NOVEMBER,
}


class Checkpoint(Frozen):
    """A month (考核月份) with its target in percent of the budget and the points it is worth."""

    month: Literal[6, 9, 11]
    target: Number
    points: Number


class Params(Frozen):
    """The months that are looked at (考核点)."""

    checkpoints: tuple[Checkpoint, ...] = (
        Checkpoint(month=6, target=Decimal(40), points=Decimal(3)),
        Checkpoint(month=9, target=Decimal("67.5"), points=Decimal(4)),
        Checkpoint(month=11, target=Decimal("82.5"), points=Decimal(3)),
    )


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """6、9、11月支出进度应达到40%、67.5%、82.5%，达到的分别得3、4、3分，未达到的按实际进度占目标进度的比重计分。

    Never in the report: all months come from the bureau, and a missing month needs a person.
    """
    keys = _needs(params)
    missing = lacking(figures, keys)
    if missing:
        return missing
    points, parts = Fraction(0), []
    for point in params.checkpoints:
        pace = known(figures, MONTHS[point.month])
        share = min(Fraction(1), Fraction(pace) / Fraction(point.target))
        points += Fraction(point.points) * share
        reached = f"{trimmed(point.points)}（{point.month}月{trimmed(pace)}%，达到{trimmed(point.target)}%）"
        short = f"{trimmed(point.points)}×{trimmed(pace)}÷{trimmed(point.target)}（{point.month}月）"
        parts.append(reached if share == 1 else short)
    return computed(points, "＋".join(parts), bureau_inputs(figures, keys))


def _needs(params: Params) -> tuple[FigureKey, ...]:
    return tuple(MONTHS[point.month] for point in params.checkpoints)


def _check(rule: Rule, params: Params) -> str | None:
    if any(point.target <= 0 or point.points < 0 for point in params.checkpoints):
        return "目标进度须大于0，分值不能为负数"
    total = sum((point.points for point in params.checkpoints), Decimal(0))
    return None if rule.maximum in (None, total) else f"各月分值合计{trimmed(total)}与该项分值不一致"


KIND = Kind("execution-progress", "分月执行进度", Params, decide, needs=_needs, check=_check)
