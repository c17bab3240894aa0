"""From a project's card to its result (项目评价结果): totals, judgements and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from models.numbers import trimmed
from models.rules.project_cards import ProjectCard, ProjectLine, ProjectOutcome, ProjectOutcomeLine
from models.rules.schema import RuleSet
from models.rules.settling import rounded_fraction


def settle_project(
    card: ProjectCard,
    *,
    judgements: Mapping[str, Decimal],
    reviewed: Mapping[str, Decimal] | None,
    ruleset: RuleSet,
) -> ProjectOutcome:
    """The result of one project (结算项目得分): per line reviewed, else judged, else computed.

    Keys are line ids. Raises ValueError for unknown lines and points outside a line's range or weight.
    """
    if (card.ruleset_id, card.ruleset_digest) != (ruleset.id, ruleset.digest):
        raise ValueError(f"项目评分卡按“{card.ruleset_id}”计算，与现用规则“{ruleset.id}”不一致，请重新评分。")
    known = {line.id: line for line in card.lines if line.applicable}
    for who, points in (("评价人员判定", judgements), ("复核", reviewed or {})):
        for key, value in points.items():
            _check_points(known, key, value, who, ranged=who == "评价人员判定")
    missing = [line.label for key, line in known.items() if reviewed is not None and key not in reviewed]
    if missing:
        raise ValueError(f"复核得分不得空白，尚缺：{'、'.join(missing)}。请复核人员补全。")
    told = reviewed or {}
    finals = {line.id: told.get(line.id, judgements.get(line.id, line.computed)) for line in card.lines}
    total, words = total_of(card.lines, finals, ruleset)
    return ProjectOutcome(
        project=card.project,
        ruleset_id=card.ruleset_id,
        ruleset_digest=card.ruleset_digest,
        lines=tuple(
            ProjectOutcomeLine(
                id=line.id,
                label=line.label,
                weight=line.weight,
                self=line.claimed,
                computed=line.computed,
                judged=judgements.get(line.id),
                reviewed=told.get(line.id),
                final=finals[line.id],
            )
            for line in card.lines
        ),
        self_score=card.claimed_total,
        final_score=total,
        total_explanation=words,
        open_lines=tuple(line.id for line in card.lines if line.applicable and finals[line.id] is None),
    )


def total_of(
    lines: Sequence[ProjectLine], finals: Mapping[str, Decimal | None], ruleset: RuleSet
) -> tuple[Decimal | None, str]:
    """The total of the lines that apply, rescaled where some do not (项目总分), with its sentence; None while open."""
    kept = [line for line in lines if line.applicable]
    points = summed(finals[line.id] for line in kept)
    if points is None:
        labels = "、".join(line.label for line in kept if finals[line.id] is None)
        return None, f"尚有未判定的指标：{labels}，暂不计算总分。" if labels else "没有可以计分的指标。"
    dropped = summed(line.weight for line in lines if not line.applicable)
    if len(kept) == len(lines):
        total = rounded_fraction(Fraction(points), ruleset.rounding.places)
        return total, f"各项得分合计{trimmed(total)}分。"
    weights = summed(line.weight for line in kept)
    if dropped is None or weights is None or weights == 0:
        return None, "剔除不适用的指标后没有可用的权重，请评价人员判定总分。"
    everything = weights + dropped
    total = rounded_fraction(Fraction(points) * Fraction(everything) / Fraction(weights), ruleset.rounding.places)
    return total, (
        f"剔除不适用的指标（权重{trimmed(dropped)}）后，其余得{trimmed(points)}分，"
        f"由{trimmed(weights)}分折算为{trimmed(everything)}分：得{trimmed(total)}分。"
    )


def summed(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, or None where a value is missing or there is none: blank is not zero."""
    everything = list(values)
    known = [value for value in everything if value is not None]
    return sum(known, Decimal(0)) if everything and len(known) == len(everything) else None


def _check_points(known: Mapping[str, ProjectLine], key: str, value: Decimal, who: str, *, ranged: bool) -> None:
    if key not in known:
        raise ValueError(f"项目评分卡中没有编号为“{key}”的可评分指标。")
    line = known[key]
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"“{line.label}”的{who}得分须为精确的十进制数（Decimal）。")
    low = line.low if ranged and line.low is not None else Decimal(0)
    high = line.high if ranged and line.high is not None else line.weight
    if not Decimal(value).is_finite() or value < low or (high is not None and value > high):
        top = "" if high is None else f"至{trimmed(high)}"
        raise ValueError(f"“{line.label}”的{who}得分{value}超出范围（{trimmed(low)}{top}分），请更正。")
