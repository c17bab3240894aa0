"""Targets of the department held against figures elsewhere in the report (部门目标与文中实际)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, at, found, number, percent, place, spoken
from models.checks.indicators import met, quoted, target_words, where
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, IndicatorLine, MoneyFact, Operator, Severity
from models.numbers import trimmed
from models.statements.figures import Figure, Kind
from models.statements.labels import longest_common
from models.statements.text import clean

_KEYS = (
    ("公用经费", "public"),
    ("人员经费", "personnel"),
    ("项目经费", "project"),
    ("项目支出", "project"),
    ("基本支出", "basic"),
    ("三公", "three_public"),
)
_COMPONENTS = (
    ("人员经费", "budget_personnel", "personnel"),
    ("公用经费", "budget_public", "public"),
    ("基本支出", "budget_basic", "basic"),
    ("项目支出", "budget_project", "project"),
)
_LARGE = Decimal(20)
_SAME = (("利用率", "使用率"), ("满意率", "满意度"))
_SHARED = 4
_NOTICED = Decimal(1)


def _spent(material: Material, line: IndicatorLine) -> MoneyFact | None:
    name = clean(line.level3 or "")
    for word, key in _KEYS:
        if word in name:
            return next(
                (one for one in material.facts.money if one.key == key and one.year in (material.year, None)), None
            )
    return None


def _costs(material: Material) -> Iterator[Finding]:
    held: list[tuple[IndicatorLine, MoneyFact]] = []
    for line in material.facts.indicators:
        if line.project is None and line.target is not None and (line.unit or "") == "万元" and line.actual is None:
            spent = _spent(material, line)
            if spent is not None:
                held.append((line, spent))
    off = [
        (line, spent) for line, spent in held if line.target and abs(spent.value / line.target - 1) * HUNDRED > _NOTICED
    ]
    if not off:
        return
    parts = []
    places: list[FindingPlace] = []
    computed: Computed = {}
    for index, (line, spent) in enumerate(off, start=1):
        target = line.target or Decimal(1)
        parts.append(
            f"{where(line, 'target')}“{clean(line.level3 or '')}{target_words(line)}”，"
            f"{spoken(spent.source)}决算为{trimmed(spent.value)}万元"
            f"（相差{number(spent.value - target)}万元、{percent((spent.value / target - 1) * HUNDRED)}%）"
        )
        places.extend((*quoted(material, line), place(spent.source, spent.source.quote or trimmed(spent.value))))
        computed[f"difference_{index}"] = spent.value - target
    yield found(
        "department-cost-target",
        Severity.QUESTION,
        f"{'；'.join(parts)}，目标与实际不同而文中未作说明，请核对。",
        tuple(places),
        **computed,
    )


COSTS = Check(
    code="department-cost-target",
    title="部门成本目标与决算",
    what="部门整体成本指标（公用、人员、项目经费控制数）与文中同名决算数比较，相差1%以上的列出。",
    example="控制公用经费770万元，决算1124万元。",
    doubt="口径可能不同（如是否含上级资金），因此只作待核实。",
    find=_costs,
)


def _components(material: Material) -> Iterator[Finding]:
    """Initial budget against what was spent, component by component."""
    amounts: dict[str, MoneyFact] = {}
    for fact in material.facts.money:
        if fact.year in (material.year, None):
            amounts.setdefault(fact.key, fact)
    told: list[str] = []
    places: list[FindingPlace] = []
    computed: Computed = {}
    for name, planned_key, spent_key in _COMPONENTS:
        planned, spent = amounts.get(planned_key), amounts.get(spent_key)
        if planned is None or spent is None or planned.value <= 0:
            continue
        change = (spent.value / planned.value - 1) * HUNDRED
        if abs(change) < _LARGE:
            continue
        told.append(
            f"{name}年初预算{trimmed(planned.value)}万元、实际支出{trimmed(spent.value)}万元（{percent(change)}%）"
        )
        places.extend(place(one.source, one.source.quote or trimmed(one.value)) for one in (planned, spent))
        computed[f"change_{spent_key}"] = percent(change)
    if told:
        message = f"{'；'.join(told)}，实际与年初预算相差较大，请核对文中所列原因能否说明各项差额。"
        yield found("initial-against-actual", Severity.QUESTION, message, tuple(dict.fromkeys(places)), **computed)


COMPONENTS = Check(
    code="initial-against-actual",
    title="年初预算与实际支出相差较大",
    what="文中同时写有年初预算和实际支出的同名项目（基本、人员、公用、项目支出），相差20%以上的列出。",
    example="项目支出年初预算800万元，实际支出2000万元。",
    doubt="年中追加上级资金时属于正常，但应说明原因。",
    find=_components,
)


def _alike(text: str) -> str:
    for one, two in _SAME:
        text = text.replace(one, two)
    return text


def _rate_named(material: Material, line: IndicatorLine) -> Figure | None:
    name = _alike(clean(line.level3 or ""))
    for one in material.figures:
        if one.kind is not Kind.RATE or one.sentence.passage.in_table:
            continue
        shared = longest_common(name, _alike(one.label))
        if len(shared) >= _SHARED and re.search(r"率|度|指数", shared):
            return one
    return None


def _rates(material: Material) -> Iterator[Finding]:
    for line in material.facts.indicators:
        if (
            line.project is not None
            or line.unit != "%"
            or line.target is None
            or line.actual is not None
            or line.operator is Operator.TEXT
        ):
            continue
        stated = _rate_named(material, line)
        if stated is None:
            continue
        told = line.model_copy(update={"actual": stated.value})
        said = (
            f"{where(line, 'target')}“{clean(line.level3 or '')}”目标{target_words(line)}，"
            f"{spoken(stated.source)}写明“{stated.label}{stated.printed}”"
        )
        places = (*quoted(material, line), *at(stated))
        values: Computed = {"target": line.target, "stated": stated.value}
        if met(told) is False:
            yield found(
                "department-rate-target",
                Severity.QUESTION,
                f"{said}，未达到目标而文中未作说明，请核对。",
                places,
                **values,
            )


RATES = Check(
    code="department-rate-target",
    title="部门比率目标与正文",
    what="部门整体目标中的比率（没有完成值的），与正文同名比率比较。",
    example="固定资产利用率目标≥85%，正文写资产使用率80%。",
    doubt="正文的比率口径可能更宽。",
    find=_rates,
)
