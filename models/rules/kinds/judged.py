"""A line only a person can judge, or whose formula is not known (人工判定)."""

from __future__ import annotations

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, needs_person


class Params(Frozen):
    """``unknown``: no text we could read gives the formula; the reason says so."""

    unknown: bool = False


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """由评价人员对照评分标准和佐证材料判定。"""
    if params.unknown:
        return needs_person("本评价规则尚未收录该指标的计分标准，请评价人员依据当年文件判定。")
    return needs_person(f"该指标须由评价人员对照评分标准和佐证材料判定。评分标准：{rule.criterion}")


KIND = Kind("judged", "人工判定", Params, decide)
