"""Achievement of quantity targets (目标实现): how many of them were met, none overshot."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from models.document import Frozen
from models.facts import IndicatorLine, Operator, ReportFacts
from models.figures import BureauFigures
from models.numbers import Number, trimmed
from models.rules.schema import Rule
from models.rules.text import category, folded
from models.rules.verdict import Kind, ScoreInput, Verdict, bureau_text, computed, full, needs_person, words


class Params(Frozen):
    """``scope``: quantity targets of the projects, of the department as a whole, or both.

    ``overshoot_percent``: an actual up to this much above the target, inclusive, still counts.
    ``no_operator``: a number without a sign counts ``as_at_least`` or goes to a ``person``.
    """

    scope: Literal["projects", "department", "both"] = "projects"
    level2: str = "数量指标"
    overshoot_percent: Number = Decimal(30)
    no_operator: Literal["as_at_least", "person"] = "as_at_least"


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """得分＝满分×达到预期值的数量指标个数÷全部数量指标个数；未达到、或超过预期值30%以上的不计（恰好30%计入）。

    ≤ counts when a ≤ t; = and an unsigned number count as ≥ with the same cap. Blank or worded figures need a person.
    """
    lines, missing = _selected(params, facts, figures)
    inputs = [_shown(line) for line in lines]
    chosen = figures.text("selected_projects")
    if chosen:
        inputs.append(bureau_text(figures, "selected_projects"))
    if missing:
        return needs_person(f"选取的项目在报告中没有数量指标或没有找到：{'、'.join(missing)}，请核对项目名称。", inputs)
    if not lines:
        return needs_person(
            f"报告中没有读到可用于计算的{params.level2}，个数为0，无法计算比例，请评价人员判定。", inputs
        )
    verdicts = [(line, meets(line, params)) for line in lines]
    open_lines = [f"“{_name(line)}”{outcome}" for line, outcome in verdicts if isinstance(outcome, str)]
    met = sum(outcome is True for _, outcome in verdicts)
    if open_lines:
        known = len(lines) - len(open_lines)
        reason = f"{len(lines)}个{params.level2}中有{len(open_lines)}个无法自动判定：{'；'.join(open_lines[:6])}。"
        return needs_person(f"{reason}其余{known}个中达标{met}个。", inputs)
    points = full(rule) * Fraction(met, len(lines))
    return computed(points, f"{words(full(rule))}×{met}÷{len(lines)}（达到预期值的{params.level2}÷全部）", inputs)


def meets(line: IndicatorLine, params: Params) -> bool | str:
    """Whether one quantity target counts as met (是否达到预期值), or in words why a person must say."""
    t, a = line.target, line.actual
    if t is None or line.operator is Operator.TEXT:
        return "的指标值不是数字" if line.target_text else "没有指标值"
    if a is None:
        return f"的完成值“{line.actual_text}”不是数字" if line.actual_text else "的完成值为空白"
    match line.operator:
        case Operator.AT_MOST:
            return a <= t
        case Operator.LESS:
            return a < t
        case None if params.no_operator == "person":
            return "没有写明指标性质（≥、≤或=）"
        case Operator.AT_LEAST | Operator.MORE | Operator.EQUAL | None:
            return _within(line.operator, t, a, params)


def _within(operator: Operator | None, t: Decimal, a: Decimal, params: Params) -> bool | str:
    if t < 0 or (t == 0 and a > 0 and operator in (Operator.AT_LEAST, Operator.MORE, None)):
        return f"的指标值为{trimmed(t)}，无法计算超出比例"
    cap = Fraction(t) * (100 + Fraction(params.overshoot_percent)) / 100
    reached = a > t if operator is Operator.MORE else a >= t
    return reached and Fraction(a) <= cap


def _selected(params: Params, facts: ReportFacts, figures: BureauFigures) -> tuple[list[IndicatorLine], list[str]]:
    quantity = [line for line in facts.indicators if category(line.level2 or "") == category(params.level2)]
    lines = [line for line in quantity if line.project is None] if params.scope != "projects" else []
    if params.scope == "department":
        return lines, []
    of_projects = [line for line in quantity if line.project is not None]
    wanted = _split(figures.text("selected_projects") or "")
    if wanted:
        of_projects = [line for line in of_projects if folded(line.project or "") in {folded(name) for name in wanted}]
    present = {folded(line.project or "") for line in of_projects}
    return lines + of_projects, [name for name in wanted if folded(name) not in present]


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.replace("；", ";").replace("\n", ";").split(";") if name.strip()]


def _name(line: IndicatorLine) -> str:
    return f"{line.project}：{line.level3 or '（未写名称）'}" if line.project else line.level3 or "（未写名称）"


def _shown(line: IndicatorLine) -> ScoreInput:
    sign = line.operator.value if line.operator and line.operator is not Operator.TEXT else ""
    target = line.target_text or (f"{sign}{trimmed(line.target)}" if line.target is not None else "空白")
    if sign and sign not in target:
        target = sign + target
    actual = line.actual_text or (trimmed(line.actual) if line.actual is not None else "空白")
    return ScoreInput(
        name="indicator",
        label=_name(line),
        value=line.actual,
        text=f"指标值{target}，完成值{actual}",
        unit=line.unit,
        origin="report",
        source=line.places.get("actual", line.source),
    )


def _no_overshoot(rule: Rule, params: Params) -> str | None:
    return "超出比例不能为负数" if params.overshoot_percent < 0 else None


def indicator_names(lines: Iterable[IndicatorLine]) -> tuple[str, ...]:
    """The indicators' names with their projects (指标名称), for messages."""
    return tuple(_name(line) for line in lines)


KIND = Kind("target-achievement", "数量指标达标个数比例", Params, decide, check=_no_overshoot)
