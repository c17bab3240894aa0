"""A second, independent review (双人复核): who gets one, and how two reviews become one settled score. Pure.

Two reviewers score the same lines without seeing each other's workbook. Where they agree a stated policy decides; where
they differ, a third person (定案人) does, with a reason. Nothing of the two originals is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from models.document import Frozen
from models.numbers import Number, rounded, trimmed


class SecondReviewPolicy(Frozen):
    """Which of the drawn departments get a second reviewer (双人复核办法), and what becomes of differences.

    ``choose``: ``none``; ``all``; ``share``, a share of the drawn, chosen by the draw's seed; ``size``, budgets from ``above``
    in 万元 on. ``tolerance``: points by which the two scores of a line may differ without a third entry. ``within``: which
    score counts where they differ by no more than that. The default tolerance of 0 lets only equal scores stand.
    ``settle_working_days``: how long who settles has at least.
    """

    choose: Literal["none", "share", "size", "all"] = "none"
    share: Number = Field(default=Decimal("0.2"), gt=0, le=1)
    above: Number | None = Field(default=None, gt=0)
    tolerance: Number = Field(default=Decimal(0), ge=0)
    within: Literal["first", "mean", "lower"] = "first"
    settle_working_days: int = Field(default=3, ge=1, le=30)

    @model_validator(mode="after")
    def _size_has_a_limit(self) -> Self:
        if self.choose == "size" and self.above is None:
            raise ValueError("按规模安排双人复核的，须写明 above（万元）。")
        return self


class Entry(NamedTuple):
    """What one reviewer says about a line (复核意见): points, and for a deduction reason and criterion."""

    score: Decimal
    reason: str | None = None
    criterion: str | None = None


class SettledLine(NamedTuple):
    """What counts for a line (核定的复核得分) and why: ``first``/``second``/``third`` are the three entries' scores.

    ``third`` None: nobody had to decide. ``basis`` in words; empty where both gave the same score.
    """

    rule: str
    score: Decimal
    reason: str | None
    criterion: str | None
    first: Decimal
    second: Decimal
    third: Decimal | None
    basis: str


class Settlement(NamedTuple):
    """The settled review of a department (复核核定): the lines that are settled, and those a third person must decide."""

    lines: tuple[SettledLine, ...]
    open: tuple[str, ...]

    @property
    def decided(self) -> int:
        """How many lines the third person decided (定案项数)."""
        return sum(line.third is not None for line in self.lines)


def chosen(drawn: Mapping[str, Decimal], policy: SecondReviewPolicy, seed: str) -> tuple[str, ...]:
    """The codes of the drawn departments that get a second reviewer (安排双人复核的部门), in order of code.

    ``drawn``: code -> budget in 万元. A share is rounded up and taken in the order of ``sha256("seed|second|code")``: whoever
    has the draw record can repeat it.
    """
    codes = sorted(drawn, key=str.encode)
    if policy.choose == "all":
        return tuple(codes)
    if policy.choose == "size" and policy.above is not None:
        return tuple(code for code in codes if drawn[code] >= policy.above)
    if policy.choose == "share":
        wanted = -(-Fraction(policy.share) * len(codes) // 1)
        order = sorted(codes, key=lambda code: sha256(f"{seed}|second|{code}".encode()).hexdigest())
        return tuple(sorted(order[: int(wanted)], key=str.encode))
    return ()


def differing(first: Mapping[str, Entry], second: Mapping[str, Entry], policy: SecondReviewPolicy) -> tuple[str, ...]:
    """The lines a third person must decide (须定案的指标), in the first reviewer's order.

    Raises ValueError when the two did not score the same lines.
    """
    if set(first) != set(second):
        raise ValueError(f"两份复核工作簿的指标不一致：{'、'.join(sorted(set(first) ^ set(second)))}。")
    return tuple(rule for rule in first if abs(first[rule].score - second[rule].score) > policy.tolerance)


def settle_reviews(
    first: Mapping[str, Entry], second: Mapping[str, Entry], third: Mapping[str, Entry], policy: SecondReviewPolicy
) -> Settlement:
    """What counts of two reviews and the third entries (核定复核得分). A third entry decides even where none was needed."""
    wanted = differing(first, second, policy)
    lines: list[SettledLine] = []
    for rule, one in first.items():
        other, decided = second[rule], third.get(rule)
        if decided is not None:
            lines.append(_line(rule, one, other, decided, decided.score, _third_words(one, other, decided)))
        elif rule not in wanted:
            score = _within(one.score, other.score, policy)
            kept = other if score == other.score != one.score else one
            lines.append(_line(rule, one, other, kept, score, _within_words(one, other, score, policy)))
    return Settlement(tuple(lines), tuple(rule for rule in wanted if rule not in third))


def _line(rule: str, one: Entry, other: Entry, kept: Entry, score: Decimal, basis: str) -> SettledLine:
    third = kept.score if kept is not one and kept is not other else None
    return SettledLine(rule, score, kept.reason, kept.criterion, one.score, other.score, third, basis)


def _within(one: Decimal, other: Decimal, policy: SecondReviewPolicy) -> Decimal:
    if policy.within == "first" or one == other:
        return one
    return min(one, other) if policy.within == "lower" else rounded((one + other) / 2)


def _third_words(one: Entry, other: Entry, decided: Entry) -> str:
    return f"两名复核人员分别评{trimmed(one.score)}分和{trimmed(other.score)}分，经定案核定为{trimmed(decided.score)}分"


_WITHIN_WORDS = {"first": "取第一复核人的评分", "mean": "取平均", "lower": "取较低的"}


def _within_words(one: Entry, other: Entry, score: Decimal, policy: SecondReviewPolicy) -> str:
    if one.score == other.score:
        return ""
    return (
        f"两名复核人员分别评{trimmed(one.score)}分和{trimmed(other.score)}分，相差不超过{trimmed(policy.tolerance)}分，"
        f"按评价办法{_WITHIN_WORDS[policy.within]}，为{trimmed(score)}分"
    )


def told(settlement: Settlement) -> str:
    """How the review came about, in a sentence for the department (双人复核说明)."""
    equal = sum(line.first == line.second for line in settlement.lines)
    near = len(settlement.lines) - equal - settlement.decided
    parts = [f"{equal}项评分相同"]
    parts += [f"{near}项相差在允许范围内，按评价办法取分"] if near else []
    parts += [f"{settlement.decided}项由定案人核定"] if settlement.decided else []
    return f"复核由两名复核人员分别独立进行，共{len(settlement.lines)}项，{'，'.join(parts)}。"
