"""Cost and quantity indicators of a project against its money (项目成本、数量指标与项目金额)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, found, number, spoken
from models.checks.indicators import actual_words, quoted, target_words, where
from models.checks.material import Material
from models.checks.projects import money_places, shown
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, IndicatorLine, Severity
from models.numbers import trimmed
from models.statements.text import clean

_MONEY = re.compile(r"^[≤<=≥]?(\d+(?:\.\d+)?)(亿元|万元|元|万(?=$|[（(，,。；、]))")
_FACTOR = {"亿元": Decimal(10000), "万元": Decimal(1), "万": Decimal(1), "元": Decimal("0.0001")}
_LINES_NEEDED = 3
_NOTICED = Decimal(1)
_UNIT_PRICE = re.compile(r"每|人均|单价|月均|标准")
_NOTHING = ("无", "/", "—", "-")


def _money(text: str) -> Decimal | None:
    match = _MONEY.match(text)
    return Decimal(match.group(1)) * _FACTOR[match.group(2)] if match else None


def _lines(material: Material, project: str) -> list[IndicatorLine]:
    return [one for one in material.facts.indicators if one.project == project]


def _spent(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        if project.executed is None:
            continue
        for line in _lines(material, project.name):
            name = clean(line.level3 or "")
            paid = _money(actual_words(line))
            if "成本" not in (line.level2 or "") or paid is None or paid <= 0 or _UNIT_PRICE.search(name):
                continue
            said = (
                f"{shown(project)}{where(line)}成本指标“{name}”目标{target_words(line)}、"
                f"完成{actual_words(line)}，项目执行数为{trimmed(project.executed)}万元"
            )
            places = (*quoted(material, line), *money_places(material, project))
            values: Computed = {"completed": paid, "executed": project.executed}
            if abs(paid - project.executed) <= project.executed * _NOTICED / HUNDRED:
                yield found("cost-completion", Severity.CONFIRMED, f"{said}，两者相符。", places, **values)
            else:
                yield found(
                    "cost-completion",
                    Severity.QUESTION,
                    f"{said}，相差{number(abs(paid - project.executed))}万元，请核对。",
                    places,
                    **values,
                )


SPENT = Check(
    code="cost-completion",
    title="成本指标完成值与执行数",
    what="项目成本指标的完成值为金额时，与该项目的执行数比较（单价类除外）。",
    example="成本指标完成340万元，项目执行466万元。",
    doubt="成本指标可能只覆盖项目的一部分。",
    find=_spent,
)


def _sum(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        budget = project.budget if project.budget is not None else project.adjusted
        priced = [
            (one, _money(target_words(one)))
            for one in _lines(material, project.name)
            if not _UNIT_PRICE.search(one.level3 or "")
        ]
        held = [(line, value) for line, value in priced if value]
        if budget is None or len(held) < _LINES_NEEDED:
            continue
        whole = sum((value for _, value in held), Decimal(0))
        listed = "、".join(f"{clean(line.level3 or '').lstrip(':：')}{number(value)}" for line, value in held)
        said = (
            f"{shown(project)}{where(held[0][0], 'target')}起{len(held)}项指标以金额为目标值（{listed}），"
            f"合计{number(whole)}万元，项目预算为{trimmed(budget)}万元"
        )
        places: tuple[FindingPlace, ...] = tuple(
            spot for line, _ in held for spot in quoted(material, line)
        ) + money_places(material, project)
        values: Computed = {"sum": whole, "budget": budget}
        if whole == budget:
            yield found("indicator-amounts", Severity.CONFIRMED, f"{said}，两者相符。", places, **values)
        else:
            yield found(
                "indicator-amounts",
                Severity.QUESTION,
                f"{said}，相差{number(abs(whole - budget))}万元，请核对。",
                places,
                **values,
            )


SUM = Check(
    code="indicator-amounts",
    title="以金额为目标值的指标合计",
    what="同一项目有三项以上指标以金额为目标值时，合计与项目预算比较。",
    example="六项指标合计178万元，项目预算237万元。",
    doubt="指标可能没有覆盖全部支出。",
    find=_sum,
)


def _levels(material: Material) -> Iterator[Finding]:
    owners = dict.fromkeys(one.project for one in material.facts.indicators if one.project)
    for owner in owners:
        lines = _lines(material, owner or "")
        money = [one for one in lines if "数量" in clean(one.level2 or "") and _money(target_words(one)) is not None]
        if money:
            listed = "、".join(f"“{clean(one.level3 or '').lstrip(':：')}{target_words(one)[:16]}”" for one in money)
            message = f"项目“{clean(owner or '')}”有{len(money)}项数量指标以金额为目标值（{listed}），请核对指标类别，金额宜列为成本指标。"
            yield found(
                "quantity-in-money",
                Severity.QUESTION,
                message,
                tuple(spot for one in money for spot in quoted(material, one)),
                lines=str(len(money)),
            )
        empty = [
            one for one in lines if clean(one.level3 or "") in _NOTHING and target_words(one) in (*_NOTHING, "未写")
        ]
        if empty:
            kinds = "、".join(f"{clean(one.level2 or '')}（{spoken(one.source)}）" for one in empty)
            message = f"项目“{clean(owner or '')}”的{kinds}填写为“无”，没有可核对的指标，请核对是否漏设。"
            yield found(
                "indicator-none",
                Severity.QUESTION,
                message,
                tuple(spot for one in empty for spot in quoted(material, one)),
                lines=str(len(empty)),
            )


LEVELS = Check(
    code="quantity-in-money",
    title="数量指标以金额表示、指标填“无”",
    what="数量指标的目标值是金额；指标名称和目标值都填“无”（indicator-none）。",
    example="数量指标“宣传费”目标50万元。",
    doubt="补助发放类项目以金额衡量有时合理。",
    also={
        "indicator-none": "指标填写为“无”",
    },
    find=_levels,
)
