"""Control of running costs (支出控制): how far the final accounts of named items lie from their initial budget."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, known, lacking, needs_person, words

TOTAL = ((FigureKey.CONTROLLED_ITEMS_INITIAL, FigureKey.CONTROLLED_ITEMS_FINAL, "五项费用合计"),)
EACH = (
    (FigureKey.OFFICE_INITIAL, FigureKey.OFFICE_FINAL, "办公费"),
    (FigureKey.PRINTING_INITIAL, FigureKey.PRINTING_FINAL, "印刷费"),
    (FigureKey.WATER_INITIAL, FigureKey.WATER_FINAL, "水费"),
    (FigureKey.ELECTRICITY_INITIAL, FigureKey.ELECTRICITY_FINAL, "电费"),
    (FigureKey.PROPERTY_INITIAL, FigureKey.PROPERTY_FINAL, "物业管理费"),
)


class Step(Frozen):
    """Points for a deviation up to ``limit`` percent, inclusive (分档得分); None: no limit."""

    limit: Number | None = None
    points: Number


class Params(Frozen):
    """``basis``: the items' ``total`` is compared, or ``each`` item and the worst decides.

    ``direction``: under-spending deviates too (``both``), or only over-spending does (``over``).
    """

    steps: tuple[Step, ...] = (
        Step(limit=Decimal(10), points=Decimal(10)),
        Step(limit=Decimal(20), points=Decimal(5)),
        Step(limit=None, points=Decimal(0)),
    )
    basis: Literal["total", "each"] = "total"
    direction: Literal["both", "over"] = "both"


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """办公费、印刷费、水费、电费、物业管理费年初预算数与决算数偏差：10%以内得10分，10%—20%得5分，超过20%不得分。

    A limit belongs to the better step. An initial budget of 0 or unknown needs a person.
    """
    pairs = TOTAL if params.basis == "total" else EACH
    keys = _needs(params)
    missing = lacking(figures, keys)
    if missing:
        return missing
    inputs = bureau_inputs(figures, keys)
    empty = [label for initial, _, label in pairs if known(figures, initial) == 0]
    if empty:
        return needs_person(f"{'、'.join(empty)}的年初预算数为0，无法计算偏差程度，请评价人员判定。", inputs)
    shares = [(_percent(figures, initial, final, params), initial, final, label) for initial, final, label in pairs]
    worst, initial, final, label = max(shares, key=lambda share: share[0])
    step = next(step for step in params.steps if step.limit is None or worst <= Fraction(step.limit))
    a, b = trimmed(known(figures, final)), trimmed(known(figures, initial))
    gap = f"|{a}－{b}|÷{b}" if params.direction == "both" else f"（{a}－{b}）÷{b}（节约不计偏差）"
    formula = f"{label}偏差{gap}＝{words(worst)}%，{_band(params, step)}"
    return computed(Fraction(step.points), formula, inputs, stated=True)


def _percent(figures: BureauFigures, initial: FigureKey, final: FigureKey, params: Params) -> Fraction:
    gap = Fraction(known(figures, final)) - Fraction(known(figures, initial))
    size = abs(gap) if params.direction == "both" else max(Fraction(0), gap)
    return size / Fraction(known(figures, initial)) * 100


def _band(params: Params, step: Step) -> str:
    index = params.steps.index(step)
    lower = params.steps[index - 1].limit if index else None
    if step.limit is None:
        return f"超过{trimmed(lower)}%" if lower is not None else "任何偏差"
    return f"超过{trimmed(lower)}%至{trimmed(step.limit)}%" if lower is not None else f"{trimmed(step.limit)}%以内"


def _needs(params: Params) -> tuple[FigureKey, ...]:
    return tuple(key for initial, final, _ in (TOTAL if params.basis == "total" else EACH) for key in (initial, final))


def _check(rule: Rule, params: Params) -> str | None:
    limits = [step.limit for step in params.steps]
    points = [step.points for step in params.steps]
    if not limits or limits[-1] is not None or None in limits[:-1]:
        return "只有最后一档可以不设上限，且必须不设上限"
    if any(a is not None and b is not None and a >= b for a, b in pairwise(limits)):
        return "各档上限须逐档增大"
    if any(a < b for a, b in pairwise(points)) or points[-1] < 0 or (rule.maximum or points[0]) != points[0]:
        return "各档得分须逐档不增，第一档须等于该项分值"
    return None


KIND = Kind("spending-control", "预决算偏差分档", Params, decide, needs=_needs, check=_check)
