"""Execution rates (预算执行率): against the amounts and against the score."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import CENT, HUNDRED, Computed, found, percent
from models.checks.material import Material
from models.checks.projects import money_places, shown, where
from models.checks.registry import Check
from models.facts import Finding, ProjectFacts, Severity
from models.numbers import trimmed

HALF_CENT = Decimal("0.005")
_NOMINAL_WEIGHT = Decimal(10)
_FRACTION = Decimal("1.5")
_SCORE_STEP = Decimal("0.1")


def execution_rate(project: ProjectFacts) -> Decimal | None:
    """The execution rate in percent (预算执行率): executed by adjusted budget, by the initial one where none was adjusted."""
    base = project.adjusted if project.adjusted is not None else project.budget
    if base is None or project.executed is None or base <= 0:
        return None
    return project.executed / base * HUNDRED


def _rates(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        computed, printed = execution_rate(project), project.execution_rate
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
        if printed <= _FRACTION and abs(computed / HUNDRED - printed) <= HALF_CENT:
            gap = Decimal(0)  # the rate is printed as a fraction of one
        places = money_places(material, project)
        if gap > step and project.budget and project.adjusted is not None:
            on_initial = project.executed / project.budget * HUNDRED
            if abs(on_initial - printed) <= step / 2 + HALF_CENT:
                message = (
                    f"{said}，系以年初预算{trimmed(project.budget)}万元为分母，以调整后预算计算为{percent(computed)}%。"
                )
                yield found("execution-rate", Severity.INFORMATION, message, places, **values)
                continue
        if gap <= step / 2 + HALF_CENT:
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
        rate = execution_rate(project)
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
    also={
        "score-over-possible": "总分超过执行率允许的最高分",
    },
    find=_scores,
)
