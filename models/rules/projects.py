"""Scoring a project's self-evaluation line by line (项目支出绩效自评评分)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from models.facts import IndicatorLine, Operator, ProjectFacts, ReportFacts
from models.numbers import trimmed
from models.rules.kinds import indicator_lines
from models.rules.project_cards import ProjectCard, ProjectLine
from models.rules.project_policy import ProjectPolicy
from models.rules.project_settling import summed, total_of
from models.rules.schema import RuleSet
from models.rules.settling import rounded_fraction
from models.rules.text import folded
from models.rules.verdict import LineStatus, ScoreInput, Verdict, computed, needs_person

EXECUTION = "execution"


def score_projects(facts: ReportFacts, ruleset: RuleSet) -> tuple[ProjectCard, ...]:
    """The cards of all projects of a report (全部项目评分卡), in printed order; a project's lines stand in its own report.

    A project that one place only lists and another gives indicators for has one card: the one with indicators.
    """
    cards = []
    for project in facts.projects:
        own = [one for one in facts.indicators if one.project == project.name and one.report == project.report]
        cards.append(score_project(project, own, ruleset))
    detailed = {card.project for card in cards if _has_indicators(card)}
    return tuple(card for card in cards if _has_indicators(card) or card.project not in detailed)


def _has_indicators(card: ProjectCard) -> bool:
    return any(line.id != EXECUTION for line in card.lines)


def score_project(project: ProjectFacts, indicators: Sequence[IndicatorLine], ruleset: RuleSet) -> ProjectCard:
    """The score card of one project (项目评分卡) under ``ruleset.project``; weights are those the table prints.

    ``indicators`` are the project's own lines. A blank weight, target or actual needs a person, never counts as zero.
    """
    lines = [line for line in (_execution(project, ruleset),) if line is not None]
    lines += [_indicator(line, number, ruleset) for number, line in enumerate(indicators, start=1)]
    finals = {line.id: line.computed for line in lines}
    total, words = total_of(lines, finals, ruleset)
    weights = summed(line.weight for line in lines)
    return ProjectCard(
        project=project.name,
        ruleset_id=ruleset.id,
        ruleset_digest=ruleset.digest,
        lines=tuple(lines),
        weights=weights,
        claimed_total=project.self_score,
        sum_of_claims=summed(line.claimed for line in lines if line.applicable),
        computed_total=total,
        total_explanation=words,
        open_lines=tuple(line.id for line in lines if line.status is LineStatus.NEEDS_PERSON),
        notes=tuple(_notes(weights, ruleset)),
    )


def _execution(project: ProjectFacts, ruleset: RuleSet) -> ProjectLine | None:
    """The execution line, or None where the table has none."""
    weight = project.execution_weight
    if all(value is None for value in (weight, project.executed, project.execution_rate, project.execution_score)):
        return None
    verdict = _execution_verdict(project)
    names = (
        ("budget", "年初预算数"),
        ("adjusted", "调整后预算数"),
        ("executed", "执行数"),
        ("execution_rate", "预算执行率"),
    )
    inputs = tuple(
        ScoreInput(
            name=name,
            label=label,
            value=value,
            unit="%" if name == "execution_rate" else "万元",
            origin="report",
            source=project.places.get(name, project.source),
        )
        for name, label in names
        if (value := getattr(project, name)) is not None
    )
    points = None if verdict.points is None else rounded_fraction(verdict.points, ruleset.rounding.places)
    return ProjectLine(
        id=EXECUTION,
        label="预算执行率",
        level1="预算执行情况",
        level2=None,
        weight=weight,
        claimed=project.execution_score,
        computed=points,
        status=verdict.status,
        reason=verdict.reason,
        formula=_sentence(verdict, points),
        inputs=inputs,
        source=project.places.get("execution_score", project.source),
    )


def _execution_verdict(project: ProjectFacts) -> Verdict:
    weight = project.execution_weight
    if weight is None or weight < 0:
        return needs_person("预算执行率没有写权重，请核对表格。")
    budget = project.adjusted if project.adjusted is not None else project.budget
    if project.executed is not None and budget is not None:
        return indicator_lines.execution(weight, project.executed, budget)
    rate = project.execution_rate
    if rate is not None and rate >= 0:
        share = min(Fraction(1), Fraction(rate) / 100)
        formula = f"{trimmed(weight)}×{trimmed(rate)}%（表中只有执行率，没有完整的预算数和执行数；最高不超过权重）"
        return computed(Fraction(weight) * share, formula, ())
    return needs_person("没有读到预算数或执行数，无法计算执行率，请核对表格。")


def _indicator(line: IndicatorLine, number: int, ruleset: RuleSet) -> ProjectLine:
    policy = ruleset.project
    dropped = folded(line.actual_text or "") in {folded(word) for word in policy.not_applicable}
    low: Decimal | None = None
    high: Decimal | None = None
    if dropped:
        verdict = Verdict(LineStatus.COMPUTED, formula="不适用，剔除后其余指标折算", stated=True)
    else:
        verdict = _indicator_verdict(line, policy)
        low, high = _range(line, verdict, policy, ruleset.rounding.places)
    points = None if verdict.points is None else rounded_fraction(verdict.points, ruleset.rounding.places)
    return ProjectLine(
        id=f"indicator-{number}",
        label=line.level3 or "（未写名称）",
        level1=line.level1,
        level2=line.level2,
        weight=line.weight,
        claimed=line.score,
        computed=points,
        status=verdict.status,
        reason=verdict.reason,
        formula=verdict.formula if dropped else _sentence(verdict, points),
        low=low,
        high=high,
        applicable=not dropped,
        inputs=tuple(_inputs(line)),
        source=line.source,
    )


def _indicator_verdict(line: IndicatorLine, policy: ProjectPolicy) -> Verdict:
    if line.weight is None or line.weight < 0:
        return needs_person("没有写权重，请核对表格。")
    if line.operator is Operator.TEXT or line.target is None:
        return _qualitative(line, policy)
    if line.actual is None:
        told = f"完成值“{line.actual_text}”不是数字" if line.actual_text else "完成值为空白"
        return needs_person(f"{told}，请评价人员判定。")
    return indicator_lines.indicator(line.operator, line.weight, line.target, line.actual, line.reason, policy)


def _qualitative(line: IndicatorLine, policy: ProjectPolicy) -> Verdict:
    """定性指标分档评分：档次由完成值决定，档内分数由评价人员选择。"""
    if not line.target_text:
        return needs_person("没有指标值，请评价人员判定。")
    told = folded(line.actual_text or "")
    if not told:
        return needs_person("完成值为空白，请评价人员判定。")
    for tier in policy.tiers:
        if told == folded(tier.grade):
            span = f"{trimmed(tier.low)}%至{trimmed(tier.high)}%"
            return needs_person(f"定性指标，完成值为“{tier.grade}”，由评价人员在权重的{span}之间评分。")
    return needs_person("定性指标，完成值不是规定的等级，请评价人员对照佐证材料判定。")


def _range(
    line: IndicatorLine, verdict: Verdict, policy: ProjectPolicy, places: int
) -> tuple[Decimal | None, Decimal | None]:
    if verdict.status is not LineStatus.NEEDS_PERSON or line.weight is None or line.weight < 0:
        return None, None
    if line.operator is Operator.TEXT or line.target is None:
        told = folded(line.actual_text or "")
        for tier in policy.tiers:
            if told == folded(tier.grade):
                w = Fraction(line.weight) / 100
                return rounded_fraction(w * Fraction(tier.low), places), rounded_fraction(
                    w * Fraction(tier.high), places
                )
    return Decimal(0), line.weight


def _inputs(line: IndicatorLine) -> Iterable[ScoreInput]:
    texts = (("target", "指标值", line.target, line.target_text), ("actual", "完成值", line.actual, line.actual_text))
    for name, label, value, text in texts:
        place = line.places.get(name, line.source)
        yield ScoreInput(name=name, label=label, value=value, text=text, unit=line.unit, origin="report", source=place)


def _sentence(verdict: Verdict, points: Decimal | None) -> str | None:
    if points is None or verdict.points is None:
        return verdict.formula
    if verdict.stated:
        return f"{verdict.formula}，得{trimmed(points)}分"
    return f"{verdict.formula}{'＝' if verdict.points == Fraction(points) else '≈'}{trimmed(points)}分"


def _notes(weights: Decimal | None, ruleset: RuleSet) -> Iterable[str]:
    if weights is None:
        yield "有指标没有写权重，无法核对权重合计。"
    elif weights != ruleset.project.total:
        yield f"各项权重合计{trimmed(weights)}，与满分{trimmed(ruleset.project.total)}不一致，请核对表格。"
