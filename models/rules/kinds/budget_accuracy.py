"""Accuracy of the initial budget (编制准确): the more was adjusted during the year, the fewer points."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import FIGURES, BureauFigures, FigureKey
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking, needs_person, words

GROSS, NET, INITIAL = FigureKey.BUDGET_ADJUSTED_GROSS, FigureKey.BUDGET_ADJUSTED_NET, FigureKey.BUDGET_INITIAL


class Params(Frozen):
    """``limit``: the ratio above which no point is left; ``factor``: what the ratio is multiplied by.

    ``adjustment``: absolute amounts added up (``gross``), the ``net`` amount, or ``gross_else_net``: gross where known.
    """

    limit: Number = Decimal("0.1")
    factor: Number = Decimal(10)
    adjustment: Literal["gross", "net", "gross_else_net"] = "gross_else_net"


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """得分＝（1－10×全年预算调剂金额÷年初部门预算数）×分值；调剂金额÷年初预算数大于0.1的得0分。

    The absolute amount counts. An initial budget of 0 or unknown needs a person.
    """
    key = _which(params, figures)
    missing = lacking(figures, (key, INITIAL))
    if missing:
        return missing
    inputs = bureau_inputs(figures, (key, INITIAL))
    initial, adjusted = known(figures, INITIAL), abs(known(figures, key))
    if initial == 0:
        return needs_person("年初部门预算数为0，无法计算调剂比例，请评价人员判定。", inputs)
    ratio = Fraction(adjusted) / Fraction(initial)
    division = f"{trimmed(adjusted)}÷{trimmed(initial)}"
    if ratio > Fraction(params.limit):
        shown = f"{FIGURES[key].label}÷年初预算数＝{division}，大于{trimmed(params.limit)}"
        return computed(Fraction(0), shown, inputs, stated=True)
    points = max(Fraction(0), full(rule) * (1 - Fraction(params.factor) * ratio))
    return computed(points, f"（1－{trimmed(params.factor)}×{division}）×{words(full(rule))}", inputs)


def _which(params: Params, figures: BureauFigures) -> FigureKey:
    if params.adjustment == "net":
        return NET
    if params.adjustment == "gross_else_net" and figures.get(GROSS) is None and figures.get(NET) is not None:
        return NET
    return GROSS


def _needs(params: Params) -> tuple[FigureKey, ...]:
    return {"gross": (INITIAL, GROSS), "net": (INITIAL, NET), "gross_else_net": (INITIAL, GROSS, NET)}[
        params.adjustment
    ]


KIND = Kind("budget-accuracy", "预算调剂比例", Params, decide, needs=_needs)
