"""Completion of the budget stated in a sentence (完成预算的百分比)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, at, found, percent, rate_judged, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure, Kind

_FUNDS = re.compile(r"一般公共预算|政府性基金预算|国有资本经营预算|社会保险基金预算")
_PLANNED = re.compile(r"预算(?:数|安排|资金)?(?:为|是|：|:)?$")
_SPENT = re.compile(r"(?:决算|执行|支出)数?(?:为|是|：|:)?$")
_OF_BUDGET = re.compile(r"完成(?:年初|调整后?|全年)?预算")


def _sides(figure: Figure, before: list[Figure]) -> tuple[Figure | None, Figure | None]:
    """The planned and the spent amount of the clause (同句预算数与决算数); the planned one must be the nearest of its kind."""
    planned = [one for one in before if _PLANNED.search(_FUNDS.sub("", one.label))]
    spent = [one for one in before if _SPENT.search(one.label) and one not in planned]
    return (planned[-1] if planned else None), (spent[-1] if spent else None)


def _find(material: Material) -> Iterator[Finding]:
    for figure in material.figures:
        if figure.kind is not Kind.DONE or not _OF_BUDGET.search(figure.label):
            continue
        before = [
            one
            for one in material.of_sentence(figure.sentence)
            if one.end <= figure.start and one.kind is Kind.LEVEL and one.is_money and one.amount
        ]
        planned, spent = _sides(figure, before[-2:])
        if planned is None or spent is None or not planned.amount or spent.amount is None:
            continue
        rate = spent.amount / planned.amount * HUNDRED
        said = (
            f"{spoken(figure.source)}预算数{planned.printed}、决算数{spent.printed}，“{figure.label}{figure.printed}”"
        )
        values: Computed = {"rate": percent(rate), "printed": figure.value}
        grade = rate_judged(figure, rate, Decimal("0.005"))
        if grade is Severity.CONFIRMED:
            yield found("budget-completion", grade, f"{said}，计算相符。", at(planned, spent), **values)
        elif grade is Severity.INFORMATION:
            yield found(
                "budget-completion",
                grade,
                f"{said}，计算为{percent(rate)}%，属于四舍五入。",
                at(planned, spent),
                **values,
            )
        else:
            yield found(
                "budget-completion", grade, f"{said}，计算为{percent(rate)}%，请核对。", at(planned, spent), **values
            )


CHECK = Check(
    code="budget-completion",
    title="完成预算的百分比",
    what="同一句写明预算数、决算数和“完成预算的…%”时重算。",
    example="年初预算100万元，支出决算80万元，完成年初预算的85%。",
    doubt="只取百分比前最近的两个金额，句式特殊时可能取错。",
    find=_find,
)
