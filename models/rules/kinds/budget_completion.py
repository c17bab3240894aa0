"""Execution of the project budget at year end (预算完成)."""

from __future__ import annotations

from fractions import Fraction

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking, words

DECEMBER = FigureKey.PROJECT_EXECUTION_DECEMBER


class Params(Frozen):
    """No settings (无参数)."""


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """部门预算项目12月执行进度达到100%的得满分，未达到的按实际进度量化计分；超过100%不加分。"""
    missing = lacking(figures, (DECEMBER,))
    if missing:
        return missing
    percent = known(figures, DECEMBER)
    share = min(Fraction(1), Fraction(percent) / 100)
    most = words(full(rule))
    inputs = bureau_inputs(figures, (DECEMBER,))
    if share == 1:
        return computed(full(rule), f"12月执行进度{trimmed(percent)}%，已达到100%", inputs, stated=True)
    return computed(full(rule) * share, f"{most}×{trimmed(percent)}%", inputs)


KIND = Kind("budget-completion", "年终项目执行率", Params, decide, needs=lambda params: (DECEMBER,))
