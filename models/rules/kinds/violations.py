"""Violations found by audit and inspection (违规记录)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking, words

COUNT = FigureKey.VIOLATIONS
YEARS = {"fiscal_year": 0, "previous_year": -1}


class Params(Frozen):
    """``points_each``: what one problem costs. ``year``: whose audits and inspections count; the text names two."""

    points_each: Number = Decimal("0.5")
    year: Literal["fiscal_year", "previous_year"] = "fiscal_year"


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """依据审计监督、财政检查结果，部门预算管理方面每个违纪违规问题扣0.5分，扣完为止。"""
    missing = lacking(figures, (COUNT,))
    if missing:
        return missing
    count = known(figures, COUNT)
    points = max(Fraction(0), full(rule) - Fraction(params.points_each) * Fraction(count))
    year = figures.fiscal_year + YEARS[params.year]
    formula = f"{words(full(rule))}－{trimmed(params.points_each)}×{trimmed(count)}（{year}年度问题个数，最低0分）"
    return computed(points, formula, bureau_inputs(figures, (COUNT,)))


KIND = Kind("violations", "违规问题逐个扣分", Params, decide, needs=lambda params: (COUNT,))
