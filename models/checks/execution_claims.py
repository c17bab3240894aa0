"""Execution against what the text claims (执行情况与文字叙述): praise, overall rates, amounts told in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.execution import HALF_CENT, execution_rate
from models.checks.findings import CENT, HUNDRED, Computed, at, found, number, percent, place, spoken
from models.checks.material import Material
from models.checks.projects import money_places, shown, told
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, ProjectFacts, Severity
from models.numbers import trimmed
from models.statements.figures import Figure, Kind
from models.statements.text import clean

_LOW = Decimal(60)
_NEXT_PARAGRAPHS = 12
_PRAISE = re.compile(r"有效完成|全面完成|圆满完成|全部完成|超额完成|完成情况良好|资金支付与预算相符|达到预期")


def _low(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        rate = execution_rate(project)
        if rate is None or rate >= _LOW:
            continue
        praise = _praise(material, project)
        if praise is None:
            continue
        text, where_said = praise
        message = (
            f"{shown(project)}预算数{trimmed(project.adjusted or project.budget or Decimal(0))}万元，"
            f"执行数{trimmed(project.executed or Decimal(0))}万元，"
            f"执行率{percent(rate)}%，而{spoken(where_said.source)}写明“{text}”，请核对完成情况。"
        )
        places = (*money_places(material, project), where_said)
        yield found("low-execution-praised", Severity.QUESTION, message, places, rate=percent(rate))


def _praise(material: Material, project: ProjectFacts) -> tuple[str, FindingPlace] | None:
    """The first words of praise after the project's amounts, before the next project is named."""
    source = project.places.get("executed") or project.source
    names = [clean(one.name) for one in material.facts.projects if one.name != project.name]
    started = False
    for passage in material.passages:
        same = passage.source.paragraph == source.paragraph and passage.source.table == source.table
        if source.table is not None:
            if passage.source.table != source.table:
                continue
        elif not started:
            started = same and source.paragraph is not None
            if not started:
                continue
        elif any(name and name in passage.text for name in names):
            return None
        match = _PRAISE.search(passage.text)
        if match:
            sentence = next(
                (one for one in material.sentences if one.passage is passage and match.group() in one.text), None
            )
            text = sentence.text if sentence else passage.text
            return match.group(), place(passage.source, text)
        walked = (passage.source.paragraph or 0) - (source.paragraph or 0)
        if source.table is None and walked > _NEXT_PARAGRAPHS:
            return None
    return None


LOW = Check(
    code="low-execution-praised",
    title="执行率很低而称全面完成",
    what="项目执行率低于60%，同一项目又写“有效完成”“全面完成”“支付与预算相符”等。",
    example="预算78万元，执行30万元，写明“有效完成”。",
    doubt="任务完成而资金下年支付时，两者可以并存。",
    find=_low,
)


def _overall(material: Material) -> Iterator[Finding]:
    """A stated overall execution rate of 100 % beside projects that were not fully executed."""
    below = [
        one
        for one in material.facts.projects
        if one.execution_rate is not None and one.execution_rate < HUNDRED and one.execution_rate > 0
    ]
    for figure in material.figures:
        if (
            figure.kind is not Kind.DONE
            or not re.search(r"执行(?:进度|率)", figure.label)
            or figure.sentence.passage.in_table
        ):
            continue
        if figure.value == HUNDRED and below:
            listed = "、".join(f"{shown(one)}{trimmed(one.execution_rate or Decimal(0))}%" for one in below)
            rows = tuple(spot for one in below for spot in _rate_places(material, one))
            message = f"{spoken(figure.source)}写明“{figure.label}{figure.printed}”，而{listed}，请核对口径。"
            places = (place(figure.source, figure.sentence.text), *rows)
            yield found("overall-rate", Severity.QUESTION, message, places, claimed=figure.value)
        elif figure.value != HUNDRED:
            yield from _recomputed(material, figure)


def _rate_places(material: Material, project: ProjectFacts) -> tuple[FindingPlace, ...]:
    source = project.places.get("execution_rate") or project.source
    for row in material.rows:
        if row.table == source.table and row.row == source.row:
            return (place(row.source, row.quote),)
    return (place(source, source.quote or f"{project.name}{project.execution_rate}%"),)


def _recomputed(material: Material, figure: Figure) -> Iterator[Finding]:
    amounts: dict[str, Decimal] = {}
    for fact in material.facts.money:
        if fact.year in (material.year, None):
            amounts.setdefault(fact.key, fact.value)
    pairs = (
        ("支出合计/收入合计", "expenditure_total", "revenue_total"),
        ("支出合计/调整预算", "expenditure_total", "budget_adjusted"),
        ("支出合计/年初预算", "expenditure_total", "budget_initial"),
        ("项目支出/项目收入", "project", "revenue_project"),
        ("基本支出/基本收入", "basic", "revenue_basic"),
        ("项目支出/项目预算", "project", "budget_project"),
    )
    rates = {
        name: amounts[top] / amounts[bottom] * HUNDRED
        for name, top, bottom in pairs
        if top in amounts and amounts.get(bottom, Decimal(0)) > 0
    }
    if not rates or ("项目" in figure.sentence.text[: figure.start] and len(rates) < 2):
        return
    fitting = [name for name, rate in rates.items() if abs(rate - figure.value) <= figure.step / 2 + HALF_CENT]
    said = f"{spoken(figure.source)}写明“{figure.label}{figure.printed}”"
    if fitting:
        yield found(
            "overall-rate",
            Severity.CONFIRMED,
            f"{said}，与{fitting[0]}的计算结果相符。",
            at(figure),
            printed=figure.value,
        )
        return
    listed = "、".join(f"{name}为{percent(rate)}%" for name, rate in rates.items())
    message = f"{said}，用文中金额计算，{listed}，均与所写不同，请注明计算口径。"
    values: Computed = {f"rate_{index}": percent(rate) for index, rate in enumerate(rates.values(), start=1)}
    yield found("overall-rate", Severity.QUESTION, message, at(figure), printed=figure.value, **values)


OVERALL = Check(
    code="overall-rate",
    title="总体执行率",
    what="正文所写的总体执行率，用文中各组收支金额重算；写100%时与各项目执行率比较。",
    example="写明预算执行率99.9%，而支出合计、收入合计相除为98.9%。",
    doubt="执行率可能另有口径（如只算项目、只算本级）。",
    find=_overall,
)


def _prose(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        for one in told(material, project):
            planned, executed = one.planned.amount or Decimal(0), one.executed.amount or Decimal(0)
            known = [value for value in (project.budget, project.adjusted) if value is not None]
            if project.executed is None or not known:
                continue
            exact = max(one.executed.step, CENT)
            places = (*at(one.planned), *money_places(material, project))
            said = f"{spoken(one.sentence.source)}叙述{shown(project)}预算{one.planned.printed}、执行{one.executed.printed}"
            values: Computed = {"told_budget": planned, "told_executed": executed}
            if planned in known and abs(executed - project.executed) < exact:
                yield found("project-amounts", Severity.CONFIRMED, f"{said}，与表中数值一致。", places, **values)
            elif planned not in known or abs(executed - project.executed) >= exact:
                table = f"预算{'、'.join(trimmed(value) for value in known)}万元、执行{trimmed(project.executed)}万元"
                message = f"{said}，表中为{table}，请核对。"
                yield found(
                    "project-amounts",
                    Severity.QUESTION,
                    message,
                    places,
                    **values,
                    table_executed=number(project.executed),
                )


PROSE = Check(
    code="project-amounts",
    title="项目金额叙述与表格",
    what="叙述中的项目预算数、执行数与项目表中的数值比较。",
    example="叙述执行60万元，表中执行50万元。",
    doubt="叙述可能只指财政资金部分。",
    find=_prose,
)
