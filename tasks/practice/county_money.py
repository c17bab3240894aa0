"""Budget and final accounts of a practice department (演练部门的预算与决算). Amounts are 万元, rates percent.

The base facts stand in YAML; totals, remainders and rates are computed here, so that an honest department's papers cannot
contradict themselves.
"""

from __future__ import annotations

from decimal import Decimal

from models.document import Frozen
from models.numbers import Number, rounded

HUNDRED = Decimal(100)


class ControlledItem(Frozen):
    """One of the five controlled items of public expenditure (公用经费控制科目)."""

    name: str
    initial: Number
    final: Number


class FunctionAmount(Frozen):
    """Expenditure of one function (功能分类支出). ``amount`` is None for the one that takes the remainder."""

    name: str
    amount: Number | None = None


class Money(Frozen):
    """Budget and final accounts of a department (预算与决算): base facts, and what follows from them."""

    initial: Number
    net: Number
    gross: Number
    change_reason: str
    cancelled: Number
    written_off: Number
    carried_in: Number
    fund: Number
    project_budget: Number
    project_spent: Number
    personnel: Number
    three_public_budget: Number
    vehicles: Number
    reception: Number
    revenue_last: Number
    expenditure_last: Number
    controlled: tuple[ControlledItem, ...]
    functions: tuple[FunctionAmount, ...]

    @property
    def annual(self) -> Decimal:
        """全年预算数: the initial budget and the net adjustment."""
        return self.initial + self.net

    @property
    def available(self) -> Decimal:
        """可用资金: what came in and what was carried in; the written-off part never came in."""
        return self.annual - self.written_off

    @property
    def revenue(self) -> Decimal:
        """本年收入合计."""
        return self.available - self.carried_in

    @property
    def general(self) -> Decimal:
        """一般公共预算财政拨款收入."""
        return self.revenue - self.fund

    @property
    def basic(self) -> Decimal:
        """基本支出."""
        return self.annual - self.project_budget

    @property
    def public(self) -> Decimal:
        """公用经费."""
        return self.basic - self.personnel

    @property
    def expenditure(self) -> Decimal:
        """本年支出合计."""
        return self.basic + self.project_spent

    @property
    def carry_over(self) -> Decimal:
        """年末结转和结余."""
        return self.available - self.expenditure

    @property
    def three_public(self) -> Decimal:
        """“三公”经费支出 (no travel abroad in the practice county)."""
        return self.vehicles + self.reception

    @property
    def execution_rate(self) -> Decimal:
        """部门预算执行率, percent."""
        return rounded(self.expenditure / self.annual * HUNDRED)

    @property
    def project_rate(self) -> Decimal:
        """部门项目预算执行进度 at the end of December, percent."""
        return rounded(self.project_spent / self.project_budget * HUNDRED)

    @property
    def controlled_initial(self) -> Decimal:
        """五项费用年初预算数合计."""
        return sum((item.initial for item in self.controlled), Decimal(0))

    @property
    def controlled_final(self) -> Decimal:
        """五项费用决算数合计."""
        return sum((item.final for item in self.controlled), Decimal(0))

    def by_function(self) -> tuple[tuple[str, Decimal], ...]:
        """功能分类支出: every function with its amount; they add up to the year's expenditure."""
        stated = sum((line.amount for line in self.functions if line.amount is not None), Decimal(0))
        rest = self.expenditure - stated
        return tuple((line.name, rest if line.amount is None else line.amount) for line in self.functions)
