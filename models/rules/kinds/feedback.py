"""Reporting back in time (应用反馈)."""

from __future__ import annotations

from fractions import Fraction

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking

IN_TIME = FigureKey.LAST_YEAR_REPORTED_IN_TIME


class Params(Frozen):
    """No settings (无参数)."""


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """在规定时间内向财政部门反馈应用绩效结果报告的得满分，否则不得分。"""
    missing = lacking(figures, (IN_TIME,))
    if missing:
        return missing
    inputs = bureau_inputs(figures, (IN_TIME,))
    if known(figures, IN_TIME) == 1:
        return computed(full(rule), "已在规定时间内反馈", inputs, stated=True)
    return computed(Fraction(0), "未在规定时间内反馈", inputs, stated=True)


KIND = Kind("feedback", "是否按时反馈", Params, decide, needs=lambda params: (IN_TIME,))
