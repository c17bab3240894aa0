"""What the bureau approved (批复的绩效目标和预算): a department's projects, their budgets and indicators.

Money is in 万元, weights in points. Absent means that the approval does not say, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from models.document import Frozen
from models.facts import Operator
from models.numbers import Number, trimmed

# How the operator is printed, and what else people write for it.
SIGNS: dict[str, Operator] = {
    "≥": Operator.AT_LEAST,
    "≤": Operator.AT_MOST,
    "=": Operator.EQUAL,
    ">": Operator.MORE,
    "<": Operator.LESS,
    "定性": Operator.TEXT,
}
_ALSO = {"≧": "≥", ">=": "≥", "≦": "≤", "<=": "≤", "＝": "=", "＞": ">", "＜": "<"}


class ApprovedIndicator(Frozen):
    """An approved indicator (批复的绩效指标). ``target`` is a plain number, or words where ``operator`` is TEXT.

    ``row`` is its row in the bureau's workbook.
    """

    level1: str
    level2: str
    name: str
    operator: Operator
    target: str
    unit: str = ""
    weight: Number | None = None
    row: int = 0

    @property
    def sign(self) -> str:
        """The operator as printed (指标性质)."""
        return next(sign for sign, operator in SIGNS.items() if operator is self.operator)

    @property
    def number(self) -> Decimal | None:
        """The target as a number (指标值), None where it is words."""
        return None if self.operator is Operator.TEXT else Decimal(self.target)

    @property
    def words(self) -> str:
        """Operator, target and unit as a letter prints them (批复值写法): ``≥300人``."""
        if self.operator is Operator.TEXT:
            return f"“{self.target}”"
        return f"{self.sign}{self.target}{self.unit}"


class ApprovedProject(Frozen):
    """An approved project (批复的项目支出); ``row`` is where it first stands in the bureau's workbook."""

    name: str
    code: str = ""
    budget: Number | None = None
    goal: str = ""
    indicators: tuple[ApprovedIndicator, ...] = ()
    row: int = 0

    @property
    def weight(self) -> Decimal | None:
        """The weights of all indicators together (权重合计); None where one has none."""
        weights = [one.weight for one in self.indicators]
        known = [one for one in weights if one is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(weights) else None


class Prefilled(Frozen):
    """What a department's workbook holds of the approval (工作簿预填情况), so that its texts promise exactly that.

    ``projects`` are all projects of the workbook; the other counts are of those with an approved budget, of the approved
    indicators, of those among them with a weight, and of the projects without any approved indicator.
    """

    projects: int = 0
    budgets: int = 0
    indicators: int = 0
    weights: int = 0
    bare: int = 0

    @property
    def sentence(self) -> str:
        """What is filled in and what is not (预填说明), one Chinese sentence or two."""
        if not self.projects:
            return "未列项目：名册和批复中没有贵单位的项目，如有项目支出请与我局联系"
        if not self.indicators and not self.budgets:
            return f"已填好贵单位{self.projects}个项目的名称；我局尚无可以预填的批复数据，指标和预算请按批复文件填列"
        filled = [f"{self.projects}个项目的名称"]
        if self.budgets:
            filled.append("年初预算" if self.budgets == self.projects else f"其中{self.budgets}个项目的年初预算")
        if self.indicators:
            weighed = "、指标值、单位和权重" if self.weights == self.indicators else "、指标值和单位"
            filled.append(f"{self.indicators}项批复的绩效指标（含指标性质{weighed}）")
        left = self._left()
        return f"已填好贵单位{'、'.join(filled)}" + (f"；{'、'.join(left)}请按批复文件填列" if left else "")

    def _left(self) -> list[str]:
        left = []
        if self.bare:
            left.append(f"{self.bare}个项目的绩效指标")
        if self.budgets < self.projects:
            left.append("其余项目的预算" if self.budgets else "各项目的预算")
        if self.weights < self.indicators:
            left.append("没有预填的权重")
        return left


def prefilled(projects: Sequence[ApprovedProject]) -> Prefilled:
    """Count what can be filled in (统计预填内容)."""
    lines = [line for project in projects for line in project.indicators]
    return Prefilled(
        projects=len(projects),
        budgets=sum(project.budget is not None for project in projects),
        indicators=len(lines),
        weights=sum(line.weight is not None for line in lines),
        bare=sum(not project.indicators for project in projects),
    )


def said(projects: Sequence[ApprovedProject]) -> list[list[object]]:
    """What is approved, wherever it stands in a workbook (批复内容), for comparing two versions: plain JSON values."""
    return [
        [
            one.code,
            one.name,
            _told(one.budget),
            one.goal,
            [[*_words(line), _told(line.weight)] for line in one.indicators],
        ]
        for one in projects
    ]


def _words(line: ApprovedIndicator) -> tuple[str, ...]:
    return line.level1, line.level2, line.name, line.sign, line.target, line.unit


def _told(value: Decimal | None) -> str | None:
    return trimmed(value) if value is not None else None


def operator_of(text: str) -> Operator | None:
    """The operator behind a printed sign (识别指标性质), None where it is none of them."""
    sign = "".join(text.split())
    return SIGNS.get(_ALSO.get(sign, sign))
