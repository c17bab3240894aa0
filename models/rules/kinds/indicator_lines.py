"""Formulas of project indicator lines (项目绩效指标计分): w weight, t target, a actual, all exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from models.facts import Operator
from models.numbers import trimmed
from models.rules.project_policy import ProjectPolicy
from models.rules.verdict import Verdict, computed, needs_person


def execution(weight: Decimal, executed: Decimal, budget: Decimal) -> Verdict:
    """预算执行率：得分＝权重×执行数÷调整后预算数，超支也不超过权重。A budget of 0 or less needs a person."""
    if budget <= 0 or executed < 0:
        return needs_person(f"预算数为{trimmed(budget)}、执行数为{trimmed(executed)}，无法计算执行率，请评价人员判定。")
    share = Fraction(executed) / Fraction(budget)
    if share >= 1:
        shown = f"执行数{trimmed(executed)}不少于预算数{trimmed(budget)}，不超过权重"
        return computed(Fraction(weight), shown, (), stated=True)
    return computed(Fraction(weight) * share, f"{trimmed(weight)}×{trimmed(executed)}÷{trimmed(budget)}", ())


def indicator(
    operator: Operator | None,
    weight: Decimal,
    target: Decimal,
    actual: Decimal,
    reason: str | None,
    policy: ProjectPolicy,
) -> Verdict:
    """一条定量指标的得分，按指标性质选用算式。Words and scales are not for this function; see ``qualitative``."""
    match operator:
        case Operator.AT_MOST | Operator.LESS:
            return _at_most(operator, weight, target, actual, policy)
        case None if policy.no_operator == "person":
            return needs_person("没有写明指标性质（≥、≤或=），请评价人员判定。")
        case Operator.AT_LEAST | Operator.MORE | Operator.EQUAL | None:
            return _at_least(operator, weight, target, actual, reason, policy)
        case Operator.TEXT:
            return needs_person("指标值是文字，请评价人员判定。")


def _at_least(
    operator: Operator | None,
    weight: Decimal,
    target: Decimal,
    actual: Decimal,
    reason: str | None,
    policy: ProjectPolicy,
) -> Verdict:
    """≥、=：达到指标值得全部权重，未达到的按完成值÷指标值折算；=0的指标只有完成值为0才得分。"""
    w, t, a = Fraction(weight), Fraction(target), Fraction(actual)
    if operator is Operator.EQUAL and t == 0:
        return computed(w if a == 0 else Fraction(0), f"指标值为0，完成值为{trimmed(actual)}", (), stated=True)
    if operator is Operator.MORE and a == t:
        return needs_person(f"指标要求大于{trimmed(target)}，完成值恰好等于{trimmed(actual)}，请评价人员判定。")
    if a >= t:
        return _reached(operator, w, t, a, target, actual, reason, policy)
    if t <= 0:
        return needs_person(f"指标值为{trimmed(target)}，不能按比例折算，请评价人员判定。")
    if a < 0:
        return computed(Fraction(0), f"完成值{trimmed(actual)}为负数", (), stated=True)
    return computed(w * a / t, f"{trimmed(weight)}×{trimmed(actual)}÷{trimmed(target)}", ())


def _reached(
    operator: Operator | None,
    w: Fraction,
    t: Fraction,
    a: Fraction,
    target: Decimal,
    actual: Decimal,
    reason: str | None,
    policy: ProjectPolicy,
) -> Verdict:
    """达到指标值；超过指标值30%以上的按口径处理。"""
    limit = trimmed(policy.overshoot_percent)
    over = t > 0 and a > t * (100 + Fraction(policy.overshoot_percent)) / 100
    if over and policy.overshoot == "not_counted":
        return computed(
            Fraction(0), f"完成值{trimmed(actual)}超过指标值{trimmed(target)}的{limit}%以上", (), stated=True
        )
    if over and policy.overshoot == "reason_required" and not reason:
        return needs_person(
            f"完成值{trimmed(actual)}超过指标值{trimmed(target)}的{limit}%以上，但没有说明原因，请评价人员判定。"
        )
    sign = "" if operator is None else operator.value
    return computed(w, f"完成值{trimmed(actual)}达到指标值{sign}{trimmed(target)}", (), stated=True)


def _at_most(operator: Operator, weight: Decimal, target: Decimal, actual: Decimal, policy: ProjectPolicy) -> Verdict:
    """≤：不超过指标值得全部权重；超过的线性降到两倍指标值时为0（linear），或权重×指标值÷完成值（inverse）。"""
    w, t, a = Fraction(weight), Fraction(target), Fraction(actual)
    if operator is Operator.LESS and a == t:
        return needs_person(f"指标要求小于{trimmed(target)}，完成值恰好等于{trimmed(actual)}，请评价人员判定。")
    if a <= t:
        return computed(w, f"完成值{trimmed(actual)}未超过指标值{operator.value}{trimmed(target)}", (), stated=True)
    if t < 0:
        return needs_person(f"指标值为{trimmed(target)}，不能按比例折算，请评价人员判定。")
    if t == 0:
        return computed(Fraction(0), f"指标值为0，完成值为{trimmed(actual)}", (), stated=True)
    if policy.at_most == "inverse":
        return computed(w * t / a, f"{trimmed(weight)}×{trimmed(target)}÷{trimmed(actual)}", ())
    points = max(Fraction(0), w * (2 * t - a) / t)
    formula = f"{trimmed(weight)}×（2×{trimmed(target)}－{trimmed(actual)}）÷{trimmed(target)}"
    return computed(
        points, formula if points else f"完成值{trimmed(actual)}达到指标值的两倍以上", (), stated=not points
    )
