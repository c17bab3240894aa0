"""Using the monitoring's results (动态调整): what was cancelled in time against what was written off at year end."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking, needs_person, words

C, W, B = FigureKey.CANCELLED, FigureKey.WRITTEN_OFF, FigureKey.BUDGET_ANNUAL


class Params(Frozen):
    """``limit_percent``: a written-off share of the annual budget above it leaves no point; ``factor`` multiplies it."""

    limit_percent: Number = Decimal(10)
    factor: Number = Decimal(10)


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """C为监控调整取消额，W为结余注销额，B为年度预算总额：
    C、W均不为零，得分＝C÷(C＋W)×分值；C为零而W不为零，得分＝（1－10×W÷B）×分值，W超过B的10%不得分；
    C、W均为零得满分。

    C ≠ 0 with W = 0 is missing in the text; the first formula gives full marks. B is only needed where C = 0 < W.
    """
    missing = lacking(figures, (C, W))
    if missing:
        return missing
    cancelled, written_off = known(figures, C), known(figures, W)
    most = full(rule)
    if cancelled == 0 and written_off == 0:
        return computed(most, "监控调整取消额与结余注销额均为0", bureau_inputs(figures, (C, W)), stated=True)
    if cancelled != 0:
        points = most * Fraction(cancelled) / (Fraction(cancelled) + Fraction(written_off))
        c, w = trimmed(cancelled), trimmed(written_off)
        return computed(points, f"{c}÷（{c}＋{w}）×{words(most)}", bureau_inputs(figures, (C, W)))
    return _only_written_off(most, params, figures)


def _only_written_off(most: Fraction, params: Params, figures: BureauFigures) -> Verdict:
    inputs = bureau_inputs(figures, (C, W, B))
    missing = lacking(figures, (C, W, B))
    if missing:
        return missing
    written_off, budget = known(figures, W), known(figures, B)
    if budget == 0:
        return needs_person("年度预算总额为0，无法计算结余注销额所占比例，请评价人员判定。", inputs)
    ratio = Fraction(written_off) / Fraction(budget)
    division = f"{trimmed(written_off)}÷{trimmed(budget)}"
    if ratio * 100 > Fraction(params.limit_percent):
        return computed(
            Fraction(0),
            f"结余注销额÷年度预算总额＝{division}，超过{trimmed(params.limit_percent)}%",
            inputs,
            stated=True,
        )
    points = max(Fraction(0), most * (1 - Fraction(params.factor) * ratio))
    return computed(points, f"（1－{trimmed(params.factor)}×{division}）×{words(most)}", inputs)


KIND = Kind("dynamic-adjustment", "监控取消与结余注销", Params, decide, needs=lambda params: (C, W, B))
