"""Accuracy of the self-score (自评准确), known only after the review."""

from __future__ import annotations

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures
from models.rules.schema import Rule
from models.rules.verdict import Kind, LineStatus, Verdict

NAME = "self-accuracy"


class Params(Frozen):
    """No settings; bands and base stand in the rule set's ``deviation`` (口径见偏离度)."""


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """部门整体支出自评得分与抽查得分的差异决定扣分，部门自评时此项不填。"""
    return Verdict(LineStatus.AFTER_REVIEW, reason="此项在抽查复核后按自评得分与复核得分的偏离度计算，部门自评时不填。")


def _check(rule: Rule, params: Params) -> str | None:
    return "部门自评时不填此项，claimed_by_department 须为 false" if rule.claimed_by_department else None


KIND = Kind(NAME, "自评与复核偏离度", Params, decide, check=_check)
