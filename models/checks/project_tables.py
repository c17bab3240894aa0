"""The same project in two tables, and cost targets against the project's amount (项目在两表中的数据)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, found, number, percent, place, spoken
from models.checks.indicators import quoted, target_words, where
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, IndicatorLine, Severity
from models.numbers import trimmed
from models.statements.grids import Row
from models.statements.labels import longest_common
from models.statements.text import clean

_COMPARED = {"结余": "资金结余", "金额": "项目金额"}
_MONEY = re.compile(r"(\d+(?:\.\d+)?)(万元|元|万(?=$|[（(，,。；、]))")
_DESCRIBED = 6
_LINES_NEEDED = 3
_NONE = ("无", "/", "—", "-", "0", "0万元", "0.00")


def _summary(material: Material) -> dict[str, list[Row]]:
    found_rows: dict[str, list[Row]] = {}
    for row in material.rows:
        name = row.under("^项目名称")
        if name and len(row.fields) >= 4:
            found_rows.setdefault(name, []).append(row)
    return found_rows


def _differing(material: Material) -> Iterator[Finding]:
    for name, rows in _summary(material).items():
        for one, two in itertools.pairwise(rows):
            if one.table == two.table:
                continue
            for header, title in _COMPARED.items():
                first, second = one.under(header), two.under(header)
                if not first or not second or first == second or _same(first, second):
                    continue
                message = f"项目“{name}”的{title}，{spoken(one.source)}为“{first}”，{spoken(two.source)}为“{second}”，两表不一致，请核对。"
                places = (place(one.source, one.quote), place(two.source, two.quote))
                yield found("project-two-tables", Severity.QUESTION, message, places)


def _same(one: str, two: str) -> bool:
    return (one in _NONE and two in _NONE) or clean(one).rstrip("。") == clean(two).rstrip("。")


DIFFERING = Check(
    code="project-two-tables",
    title="同一项目两表不一",
    what="同名项目在两张汇总表中的金额、结余比较。",
    example="一表结余“无”，另一表“收回存量”。",
    doubt="两表时点可能不同。",
    find=_differing,
)


def _uneven(material: Material) -> Iterator[Finding]:
    """A lower execution rate with a higher score among projects of nearly the same rate."""
    rated = [
        one
        for one in material.facts.projects
        if one.execution_rate is not None and one.self_score is not None and one.execution_rate < HUNDRED
    ]
    for index, one in enumerate(rated):
        for two in rated[index + 1 :]:
            rates = one.execution_rate or Decimal(0), two.execution_rate or Decimal(0)
            scores = one.self_score or Decimal(0), two.self_score or Decimal(0)
            if abs(rates[0] - rates[1]) <= Decimal("0.5") and abs(scores[0] - scores[1]) >= 3:
                message = (
                    f"项目“{clean(one.name)}”执行率{trimmed(rates[0])}%自评{trimmed(scores[0])}分，项目“{clean(two.name)}”执行率{trimmed(rates[1])}%"
                    f"自评{trimmed(scores[1])}分，执行率相近而得分相差{trimmed(abs(scores[0] - scores[1]))}分，请说明计分依据。"
                )
                places = tuple(
                    place(
                        project.places.get("self_score") or project.source,
                        f"{project.name} {trimmed(project.execution_rate or Decimal(0))}% {trimmed(project.self_score or Decimal(0))}分",
                    )
                    for project in (one, two)
                )
                yield found(
                    "uneven-scores",
                    Severity.QUESTION,
                    message,
                    places,
                    rate_1=percent(rates[0]),
                    rate_2=percent(rates[1]),
                )


UNEVEN = Check(
    code="uneven-scores",
    title="执行率相近而得分悬殊",
    what="执行率相差不到0.5个百分点、得分相差3分以上的两个项目。",
    example="执行率83.0%得92分，83.2%得95分。",
    doubt="得分还取决于其他指标。",
    find=_uneven,
)


def _yuan(line: IndicatorLine) -> Decimal | None:
    match = _MONEY.search(target_words(line))
    return Decimal(match.group(1)) * (1 if match.group(2).startswith("万") else Decimal("0.0001")) if match else None


def _cost_sum(material: Material) -> Iterator[Finding]:
    costs = [
        one
        for one in material.facts.indicators
        if one.project is None and "成本" in (one.level2 or "") and _yuan(one) is not None
    ]
    for name, rows in _summary(material).items():
        for row in rows:
            amount = _MONEY.fullmatch(row.under("^项目金额") or "")
            text = max(row.texts, key=len)
            if amount is None or text == name:
                continue
            matched = [index for index, line in enumerate(costs) if _described(line, text)]
            if len(matched) < _LINES_NEEDED:
                continue
            block = costs[matched[0] : matched[-1] + 1]
            if len(block) > 2 * len(matched):
                continue
            whole = sum((_yuan(line) or Decimal(0) for line in block), Decimal(0))
            stated = Decimal(amount.group(1)) * (1 if amount.group(2).startswith("万") else Decimal("0.0001"))
            if abs(whole - stated) <= stated / 100:
                continue
            listed = "、".join(f"{number(_yuan(line) or Decimal(0))}" for line in block)
            message = (
                f"{spoken(row.source)}项目“{name}”金额{row.under('^项目金额')}，"
                f"而{where(block[0], 'target')}至{where(block[-1], 'target')}内容相同的"
                f"{len(block)}项成本指标为{listed}万元，合计{number(whole)}万元，请核对。"
            )
            places = (place(row.source, row.quote), *(spot for line in block for spot in quoted(material, line)))
            yield found("cost-targets-against-amount", Severity.QUESTION, message, places, sum=whole, amount=stated)


def _described(line: IndicatorLine, text: str) -> bool:
    name = clean(line.level3 or "")
    return len(name) >= _DESCRIBED and len(longest_common(name, text)) >= _DESCRIBED


COST_SUM = Check(
    code="cost-targets-against-amount",
    title="成本指标合计与项目金额",
    what="部门目标表中与项目说明内容相同的成本指标相加，与项目金额比较。",
    example="八项通讯费成本指标合计59万元，项目金额95万元。",
    doubt="项目金额可能还含指标以外的内容，因此只作待核实。",
    find=_cost_sum,
)


def _two_amounts(material: Material) -> Iterator[Finding]:
    """A cost line whose name prints one amount and whose target another."""
    for line in material.facts.indicators:
        name, target = clean(line.level3 or ""), clean(line.target_text or "")
        first, second = _MONEY.search(name), _MONEY.search(target)
        if first is None or second is None or "每" in target or "成本" not in (line.level2 or ""):
            continue
        if first.group() != second.group() and "年" in name:
            message = f"{where(line, 'target')}成本指标名称写明“{name}”，指标值为“{target}”，两数不同，请说明。"
            yield found("cost-two-amounts", Severity.QUESTION, message, quoted(material, line))


TWO_AMOUNTS = Check(
    code="cost-two-amounts",
    title="成本指标名称与指标值金额不同",
    what="成本指标的名称写有年度金额，指标值又是另一金额。",
    example="“服务费每年323万元”，指标值“支付200万元”。",
    doubt="可能分年支付。",
    find=_two_amounts,
)
