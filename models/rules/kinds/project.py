"""Headings of a project self-evaluation (项目自评的大类); the lines below them are scored by ``models.rules.projects``."""

from __future__ import annotations

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, needs_person


class ExecutionParams(Frozen):
    """No settings (无参数)."""


class IndicatorParams(Frozen):
    """``level1``: the first-level heading of the indicators that belong here (一级指标)."""

    level1: str


def decide(
    rule: Rule, params: ExecutionParams | IndicatorParams, facts: ReportFacts, figures: BureauFigures
) -> Verdict:
    """项目自评逐个项目、逐条指标评分，不在部门评分卡中计算。"""
    return needs_person("该规则用于项目支出绩效自评，请按项目逐条评分。")


EXECUTION = Kind("project-execution", "项目预算执行率", ExecutionParams, decide)
INDICATORS = Kind("project-indicators", "项目绩效指标", IndicatorParams, decide)
