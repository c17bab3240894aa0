"""From a score card to a result (评价结果): judgements, review, deviation, total and grade."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from models.deviation import Deviation, assess
from models.grading import grade
from models.numbers import trimmed
from models.rules.cards import Outcome, OutcomeLine, ScoreCard, ScoreLine
from models.rules.schema import Rule, RuleSet
from models.rules.verdict import LineStatus


def settle(
    card: ScoreCard,
    *,
    judgements: Mapping[str, Decimal],
    reviewed: Mapping[str, Decimal] | None,
    ruleset: RuleSet,
    remarks: Mapping[str, str] | None = None,
) -> Outcome:
    """The result of one department (结算评价结果).

    ``judgements`` and ``reviewed`` map rule ids to points from 0 to the line's maximum; ``reviewed`` is None where the
    department was not drawn, else it covers every line a department may claim. Per line: reviewed, else judged, else
    computed. ``remarks`` maps rule ids to the reason a person gave; the line's explanation quotes it. Raises ValueError
    for points outside, unknown lines, an incomplete review or another rule set.
    """
    _check_rules(card, ruleset)
    _check_points(judgements, ruleset, "评价人员判定")
    if reviewed is not None:
        _check_points(reviewed, ruleset, "复核")
        _check_review_is_complete(reviewed, ruleset)
    review_score = None if reviewed is None else sum(reviewed.values(), Decimal(0))
    self_score = _self_score(card, ruleset)
    deviation = None
    if review_score is not None and self_score is not None and _deviation_line(card) is not None:
        deviation = assess(self_score, review_score, ruleset.deviation)
    lines = [_settled(line, judgements, reviewed, deviation, (remarks or {}).get(line.rule, "")) for line in card.lines]
    counted = [line for line in lines if reviewed is not None or not _is_deviation(card, line.rule)]
    open_lines = tuple(line.rule for line in counted if line.final is None)
    total, words = _total(counted, card, ruleset, reviewed is not None, bool(open_lines))
    return Outcome(
        department=card.department,
        fiscal_year=card.fiscal_year,
        ruleset_id=card.ruleset_id,
        ruleset_digest=card.ruleset_digest,
        lines=tuple(lines),
        self_score=self_score,
        review_score=review_score,
        deviation=deviation,
        deduction=_deduction(deviation, lines, card, reviewed is not None),
        final_score=total,
        grade=None if total is None else grade(total, ruleset.grade_bands, ruleset.total),
        spot_checked=reviewed is not None,
        open_lines=open_lines,
        total_explanation=words,
    )


def _check_rules(card: ScoreCard, ruleset: RuleSet) -> None:
    if (card.ruleset_id, card.ruleset_digest) != (ruleset.id, ruleset.digest):
        raise ValueError(
            f"评分卡按评价规则“{card.ruleset_id}”（指纹{card.ruleset_digest[:12]}）计算，与现用的“{ruleset.id}”"
            f"（指纹{ruleset.digest[:12]}）不一致。请按现用规则重新评分。"
        )


def _check_points(points: Mapping[str, Decimal], ruleset: RuleSet, who: str) -> None:
    for rule_id, value in points.items():
        rule = ruleset.rule(rule_id)
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise TypeError(f"“{rule.label}”的{who}得分须为精确的十进制数（Decimal），收到的是{type(value).__name__}。")
        if not Decimal(value).is_finite() or value < 0 or (rule.maximum is not None and value > rule.maximum):
            top = "" if rule.maximum is None else f"至{trimmed(rule.maximum)}"
            raise ValueError(f"“{rule.label}”的{who}得分{value}超出范围（0{top}分），请更正。")


def _check_review_is_complete(reviewed: Mapping[str, Decimal], ruleset: RuleSet) -> None:
    missing = [rule.label for rule in ruleset.claimable if rule.id not in reviewed]
    if missing:
        raise ValueError(f"复核得分不得空白，尚缺：{'、'.join(missing)}。请复核人员补全。")
    extra = [ruleset.rule(rule_id).label for rule_id in reviewed if not _claimable(rule_id, ruleset)]
    if extra:
        raise ValueError(f"“{'、'.join(extra)}”由程序按偏离度计算，复核时不填，请删除该项复核得分。")


def _claimable(rule_id: str, ruleset: RuleSet) -> bool:
    return any(rule.id == rule_id for rule in ruleset.claimable)


def _deviation_line(card: ScoreCard) -> ScoreLine | None:
    return next((line for line in card.lines if line.status is LineStatus.AFTER_REVIEW), None)


def _is_deviation(card: ScoreCard, rule_id: str) -> bool:
    line = _deviation_line(card)
    return line is not None and line.rule == rule_id


def _self_score(card: ScoreCard, ruleset: RuleSet) -> Decimal | None:
    return card.claimed_total if ruleset.deviation.self_basis == "claimed_total" else card.sum_of_claims


def _settled(
    line: ScoreLine,
    judgements: Mapping[str, Decimal],
    reviewed: Mapping[str, Decimal] | None,
    deviation: Deviation | None,
    remark: str,
) -> OutcomeLine:
    judged = judgements.get(line.rule)
    told = None if reviewed is None else reviewed.get(line.rule)
    points = deviation.points if deviation is not None and line.status is LineStatus.AFTER_REVIEW else line.computed
    if line.status is LineStatus.AFTER_REVIEW:
        final = None if reviewed is None else (points if deviation is not None else judged)
    else:
        final = told if told is not None else judged if judged is not None else points
    return OutcomeLine(
        rule=line.rule,
        label=line.label,
        maximum=line.maximum,
        self=line.claimed if line.counts else None,
        computed=points,
        judged=judged,
        reviewed=told,
        final=final,
        explanation=_explanation(line, judged, told, deviation, reviewed is not None)
        + (f"理由：{remark.strip().rstrip('。')}。" if remark.strip() else ""),
    )


def _explanation(
    line: ScoreLine, judged: Decimal | None, told: Decimal | None, deviation: Deviation | None, drawn: bool
) -> str:
    parts = []
    if line.status is LineStatus.AFTER_REVIEW:
        parts.append(_deviation_words(judged, deviation, drawn))
    elif line.computed is not None:
        parts.append(f"按规则计算：{line.formula}。")
    elif told is None and judged is None:
        parts.append(f"待人工判定：{line.reason}")
    if judged is not None and line.status is not LineStatus.AFTER_REVIEW:
        parts.append(f"评价人员判定{trimmed(judged)}分。")
    if told is not None:
        claimed = f"，自评{trimmed(line.claimed)}分" if line.claimed is not None and line.counts else ""
        parts.append(f"抽查复核得{trimmed(told)}分{claimed}。")
    if line.claimed is not None and not line.counts:
        parts.append(f"部门自行填写的{trimmed(line.claimed)}分不计入。")
    return "".join(parts)


def _deviation_words(judged: Decimal | None, deviation: Deviation | None, drawn: bool) -> str:
    if deviation is not None:
        return deviation.explanation
    if not drawn:
        return "未抽查，此项不计分。"
    if judged is not None:
        return f"部门没有可比较的自评得分，评价人员判定{trimmed(judged)}分。"
    return "部门没有可比较的自评得分，无法计算偏离度，请评价人员判定。"


def _deduction(deviation: Deviation | None, lines: list[OutcomeLine], card: ScoreCard, drawn: bool) -> Decimal | None:
    if deviation is not None:
        return deviation.deduction
    for line in lines:
        if drawn and _is_deviation(card, line.rule) and line.judged is not None and line.maximum is not None:
            return line.maximum - line.judged
    return None


def _total(
    counted: list[OutcomeLine], card: ScoreCard, ruleset: RuleSet, drawn: bool, unfinished: bool
) -> tuple[Decimal | None, str]:
    if unfinished:
        labels = "、".join(line.label for line in counted if line.final is None)
        return None, f"尚有未判定的指标：{labels}，暂不计算总分。"
    maxima = [line.maximum for line in counted]
    if None in maxima:
        return None, "评价规则中有分值未知的指标，不能计算总分。"
    points = sum((line.final for line in counted if line.final is not None), Decimal(0))
    most = sum((top for top in maxima if top is not None), Decimal(0))
    places = ruleset.rounding.places
    if drawn or most == ruleset.total or ruleset.deviation.undrawn == "raw":
        note = "" if drawn or _deviation_line(card) is None else "未抽查，自评准确不计分；"
        total = rounded_fraction(Fraction(points), places)
        return total, f"{note}各项得分合计{trimmed(total)}分。"
    exact = Fraction(points) * Fraction(ruleset.total) / Fraction(most)
    total = rounded_fraction(exact, places)
    return total, (
        f"未抽查，自评准确不计分；其余各项得{trimmed(points)}分，由{trimmed(most)}分折算为{trimmed(ruleset.total)}分："
        f"{trimmed(points)}×{trimmed(ruleset.total)}÷{trimmed(most)}＝{trimmed(total)}分。"
    )


def rounded_fraction(value: Fraction, places: int) -> Decimal:
    """An exact non-negative number rounded half up (四舍五入), without an inexact quotient and without idle zeros."""
    return Decimal(trimmed(Decimal((value * 10**places * 2 + 1) // 2).scaleb(-places)))


def open_rules(card: ScoreCard, ruleset: RuleSet) -> tuple[Rule, ...]:
    """The rules a person still has to judge (待判定的指标)."""
    return tuple(ruleset.rule(rule_id) for rule_id in card.open_lines)
