"""One submitted indicator held against the approved one (一项指标与批复的比较): sign, target, unit, weight."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from models.approved import ApprovedIndicator
from models.checks.findings import HUNDRED, percent
from models.checks.indicators import target_words
from models.facts import IndicatorLine, Operator, Severity
from models.numbers import trimmed
from models.statements.text import clean

# Units of one kind, by how many of the smallest they are.
_SCALES: tuple[dict[str, Decimal], ...] = (
    {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)},
    {"米": Decimal(1), "公里": Decimal(1000), "千米": Decimal(1000)},
    {"人": Decimal(1), "万人": Decimal(10_000)},
    {"人次": Decimal(1), "万人次": Decimal(10_000)},
    {"平方米": Decimal(1), "万平方米": Decimal(10_000)},
    {"千克": Decimal(1), "公斤": Decimal(1), "吨": Decimal(1000)},
)
_SAME_UNITS = {"百分比": "%", "百分数": "%", "％": "%", "㎡": "平方米", "km": "公里", "千瓦时": "度"}
_UPWARD = (Operator.AT_LEAST, Operator.MORE, Operator.EQUAL)
_DOWNWARD = (Operator.AT_MOST, Operator.LESS)
_CERTAIN = Decimal("0.8")


@dataclass(frozen=True)
class LineDifference:
    """How a submitted line differs (指标差异): the words for it, how grave it is, and what was computed."""

    words: str
    severity: Severity
    computed: dict[str, Decimal | str]


def difference(plan: ApprovedIndicator, line: IndicatorLine, *, sure: bool = True) -> LineDifference | None:
    """How sign, target or unit of a line differ from the approval (与批复的差异); None where they agree or cannot be told.

    A target that was made easier, read with certainty, is an error; everything else is asked. ``sure``: the names are the
    same, not merely alike.
    """
    if plan.operator is Operator.TEXT or line.operator is Operator.TEXT or line.target is None:
        return _wordy(plan, line)
    parts: list[str] = []
    computed: dict[str, Decimal | str] = {}
    easier = False
    if line.operator is not None and line.operator is not plan.operator:
        parts.append(f"指标性质批复为“{plan.sign}”、所报为“{line.operator.value}”")
        easier = (line.operator in _DOWNWARD) != (plan.operator in _DOWNWARD)
    factor = _factor(line.unit, plan.unit)
    approved = plan.number or Decimal(0)
    submitted = line.target if factor is None else line.target * factor
    if submitted != approved:
        computed = {"approved": approved, "submitted": submitted, "difference": submitted - approved}
        parts.append(f"指标值批复为{plan.words}、所报为{target_words(line)}{_gap(approved, submitted, factor)}")
        easier = easier or (factor is not None and _easier(plan.operator, approved, submitted))
    if factor is None:
        parts.append(f"度量单位批复为“{plan.unit}”、所报为“{line.unit}”")
    if not parts:
        return None
    certain = sure and factor is not None and (line.confidence is None or line.confidence >= _CERTAIN)
    return LineDifference("，".join(parts), Severity.ERROR if easier and certain else Severity.QUESTION, computed)


def is_compared(line: IndicatorLine) -> bool:
    """Whether the line has a target that could be compared (是否有可核对的指标值)."""
    return line.target is not None or bool(line.target_text)


def _wordy(plan: ApprovedIndicator, line: IndicatorLine) -> LineDifference | None:
    """Targets in words: told apart only where both sides are there and neither contains the other."""
    approved = clean(plan.target)
    submitted = clean(line.target_text or (trimmed(line.target) if line.target is not None else ""))
    if not submitted or approved in submitted or submitted in approved:
        return None
    words = f"指标值批复为{plan.words}、所报为“{submitted}”"
    return LineDifference(words, Severity.QUESTION, {})


def _easier(operator: Operator, approved: Decimal, submitted: Decimal) -> bool:
    return submitted < approved if operator in _UPWARD else submitted > approved


def _gap(approved: Decimal, submitted: Decimal, factor: Decimal | None) -> str:
    if approved <= 0 or factor is None:
        return ""
    change = (submitted / approved - 1) * HUNDRED
    return f"（{'高' if change > 0 else '低'}{percent(abs(change))}%）"


def _unit(text: str | None) -> str:
    unit = clean(text or "").strip("（）()")
    return _SAME_UNITS.get(unit, unit)


def _factor(submitted: str | None, approved: str) -> Decimal | None:
    """What turns a submitted value into the approved unit (单位换算): 1 where either is not given, None where they differ."""
    one, two = _unit(submitted), _unit(approved)
    if not one or not two or one == two:
        return Decimal(1)
    for scale in _SCALES:
        if one in scale and two in scale:
            return scale[one] / scale[two]
    return None
