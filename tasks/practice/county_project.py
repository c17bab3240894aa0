"""A project of the practice county and its indicators (演练项目与绩效指标). Amounts 万元, rates percent, scores points."""

from __future__ import annotations

from decimal import Decimal

from models.document import Frozen
from models.facts import Operator
from models.numbers import Number, rounded

HUNDRED = Decimal(100)


class PracticeIndicator(Frozen):
    """One indicator (绩效指标) as a department fills it in. ``target`` and ``actual`` are as printed."""

    level1: str
    level2: str
    name: str
    operator: Operator
    target: str
    unit: str
    actual: str
    weight: Number | None = None
    score: Number | None = None
    reason: str | None = None

    @property
    def sign(self) -> str:
        """The printed sign (指标性质): ``定性`` where the target is a scale."""
        return "定性" if self.operator is Operator.TEXT else self.operator.value

    @property
    def met_within_limit(self) -> bool:
        """Whether a 数量指标 counts: reached, and not more than 30 % above the target (达标且未超30%)."""
        target, actual = Decimal(self.target), Decimal(self.actual)
        if self.operator is Operator.AT_MOST:
            return actual <= target
        return target <= actual <= target * Decimal("1.3")


class PracticeProject(Frozen):
    """One project (项目支出). Its own score is execution (10) plus its indicators (90)."""

    name: str
    code: str
    initial: Number
    adjusted: Number
    executed: Number
    change_reason: str | None = None
    goal: str
    outcome: str
    process: str
    indicators: tuple[PracticeIndicator, ...]
    conclusion: str
    problems: str
    measures: str

    @property
    def execution_rate(self) -> Decimal:
        """预算执行率, percent with two decimals."""
        return rounded(self.executed / self.adjusted * HUNDRED)

    @property
    def execution_score(self) -> Decimal:
        """预算执行得分: at most 10."""
        return min(Decimal(10), rounded(self.executed / self.adjusted * 10))

    @property
    def self_score(self) -> Decimal:
        """项目自评得分: execution and all indicator lines."""
        return self.execution_score + sum((line.score or Decimal(0) for line in self.indicators), Decimal(0))
