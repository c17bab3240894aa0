"""Execution rates (预算执行率): against the amounts, against the score, against what is claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import CENT, HUNDRED, Computed, at, found, number, percent, place, spoken
from models.checks.material import Material
from models.checks.projects import money_places, shown, told, where
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, ProjectFacts, Severity
from models.numbers import trimmed
from models.statements.figures import Figure, Kind
from models.statements.text import clean

_HALF = Decimal("0.005")
_NOMINAL_WEIGHT = Decimal(10)
_LOW = Decimal(60)
_FRACTION = Decimal("1.5")
_NEXT_PARAGRAPHS = 12
_SCORE_STEP = Decimal("0.1")
_PRAISE = re.compile(r"有效完成|全面完成|圆满完成|全部完成|超额完成|完成情况良好|资金支付与预算相符|达到预期")


def _rate(project: ProjectFacts) -> Decimal | None:
    base = project.adjusted if project.adjusted is not None else project.budget
    if base is None or project.executed is None or base <= 0:
        return None
    return project.executed / base * HUNDRED


def _rates(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        computed, printed = _rate(project), project.execution_rate
        if computed is None or printed is None or project.executed is None:
            continue
        base = project.adjusted if project.adjusted is not None else project.budget
        said = (
            f"{where(project, 'execution_rate')}{shown(project)}执行数{trimmed(project.executed)}万元、"
            f"预算数{trimmed(base or Decimal(0))}万元，执行率写为{trimmed(printed)}%"
        )
        values: Computed = {"rate": percent(computed), "printed": printed}
        decimals = max(0, -int(printed.as_tuple().exponent))
        step = Decimal(1).scaleb(-decimals)
        gap = abs(computed - printed)
        if printed <= _FRACTION and abs(computed / HUNDRED - printed) <= _HALF:
            gap = Decimal(0)  # the rate is printed as a fraction of one
        places = money_places(material, project)
        if gap > step and project.budget and project.adjusted is not None:
            on_initial = project.executed / project.budget * HUNDRED
            if abs(on_initial - printed) <= step / 2 + _HALF:
                message = (
                    f"{said}，系以年初预算{trimmed(project.budget)}万元为分母，以调整后预算计算为{percent(computed)}%。"
                )
                yield found("execution-rate", Severity.INFORMATION, message, places, **values)
                continue
        if gap <= step / 2 + _HALF:
            yield found("execution-rate", Severity.CONFIRMED, f"{said}，计算相符。", places, **values)
        elif gap <= step:
            yield found(
                "execution-rate",
                Severity.INFORMATION,
                f"{said}，计算为{percent(computed)}%，属于四舍五入。",
                places,
                **values,
            )
        else:
            yield found(
                "execution-rate", Severity.ERROR, f"{said}，计算为{percent(computed)}%，请核对。", places, **values
            )


RATES = Check(
    code="execution-rate",
    title="执行率与金额",
    what="执行数除以调整后预算数（没有调整时用年初预算数），与所写执行率比较。",
    example="预算100万元，执行56万元，执行率写为65%。",
    doubt="有的表以年初预算为分母。",
    find=_rates,
)


def _scores(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        rate = _rate(project)
        if rate is None:
            rate = project.execution_rate
        if rate is None:
            continue
        capped = min(rate, HUNDRED)
        if project.execution_weight is not None and project.execution_score is not None:
            yield from _line(material, project, capped)
        elif project.self_score is not None and project.execution_score is None:
            yield from _total(material, project, capped)


def _line(material: Material, project: ProjectFacts, rate: Decimal) -> Iterator[Finding]:
    weight, score = project.execution_weight or Decimal(0), project.execution_score or Decimal(0)
    expected = weight * rate / HUNDRED
    said = f"{where(project, 'execution_score')}{shown(project)}预算执行率{percent(rate)}%，权重{trimmed(weight)}分，得分{trimmed(score)}分"
    values: Computed = {"expected": percent(expected), "score": score}
    places = money_places(material, project)
    if abs(expected - score) <= _SCORE_STEP:
        yield found("execution-score", Severity.CONFIRMED, f"{said}，计算相符。", places, **values)
    elif score > weight:
        yield found("execution-score", Severity.ERROR, f"{said}，超过该项权重，请核对。", places, **values)
    else:
        yield found(
            "execution-score",
            Severity.QUESTION,
            f"{said}，按执行率计算为{percent(expected)}分，请核对。",
            places,
            **values,
        )


def _total(material: Material, project: ProjectFacts, rate: Decimal) -> Iterator[Finding]:
    score = project.self_score or Decimal(0)
    best = HUNDRED - _NOMINAL_WEIGHT + _NOMINAL_WEIGHT * rate / HUNDRED
    said = f"{shown(project)}执行率{percent(rate)}%，评价得分{trimmed(score)}分"
    values: Computed = {"possible": percent(best), "score": score}
    places = money_places(material, project)
    if abs(best - score) <= CENT and rate < HUNDRED:
        message = f"{said}，与90＋10×执行率的计算结果{percent(best)}分相符。"
        yield found("score-over-possible", Severity.CONFIRMED, message, places, **values)
    elif score > best + CENT:
        message = f"{said}；预算执行按10分计时，其余各项满分也只有{percent(best)}分，请说明计分依据。"
        yield found("score-over-possible", Severity.QUESTION, message, places, **values)


SCORES = Check(
    code="execution-score",
    title="执行率与得分",
    what="执行率得分＝权重×执行率（不超过权重）；没有逐项得分时，看项目总分是否超过“90＋10×执行率”（score-over-possible）。",
    example="执行率56%，项目自评97分：其余满分也只有95.6分。",
    doubt="有的地方执行率权重不是10分；因此总分超出只作待核实。",
    find=_scores,
)


def _low(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        rate = _rate(project)
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
    fitting = [name for name, rate in rates.items() if abs(rate - figure.value) <= figure.step / 2 + _HALF]
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
