"""What the indicator checks share (指标核对的共用规则): how a line is named, quoted, and when a target is met."""

from __future__ import annotations

import re
from decimal import Decimal

from models.checks.findings import place, spoken
from models.checks.material import Material
from models.document import Source
from models.facts import FindingPlace, IndicatorLine, Operator, ProjectFacts
from models.numbers import trimmed
from models.statements.text import clean

_SIGNS = {Operator.AT_LEAST: "≥", Operator.AT_MOST: "≤", Operator.EQUAL: "=", Operator.MORE: ">", Operator.LESS: "<"}
_RANK = re.compile(r"排名|名次|位次")


def is_rank(line: IndicatorLine) -> bool:
    """Whether the indicator is a rank, where a smaller number is better (是否名次)."""
    return bool(_RANK.search(line.level3 or ""))


def met(line: IndicatorLine) -> bool | None:
    """Whether the completion reaches the target as its sign says (是否达到目标); None where that cannot be told."""
    if line.target is None or line.actual is None:
        return None
    if line.operator is Operator.AT_MOST:
        return line.actual <= line.target
    if line.operator is Operator.LESS:
        return line.actual < line.target
    if line.operator is Operator.MORE:
        return line.actual > line.target
    if line.operator in (Operator.AT_LEAST, Operator.EQUAL):
        return line.actual >= line.target
    return None if line.operator is Operator.TEXT else line.actual >= line.target


def target_words(line: IndicatorLine) -> str:
    """The target as printed (目标值写法)."""
    if line.target_text:
        text = clean(line.target_text)
        sign = _SIGNS.get(line.operator) if line.operator else None
        return text if not sign or text[:1] in "≥≤=><" else f"{sign}{text}{line.unit or ''}"
    if line.target is None:
        return "未写"
    sign = _SIGNS.get(line.operator, "") if line.operator else ""
    return f"{sign}{trimmed(line.target)}{line.unit or ''}"


def actual_words(line: IndicatorLine) -> str:
    """The completion as printed (完成值写法)."""
    if line.actual_text:
        return clean(line.actual_text)
    return "空白" if line.actual is None else f"{trimmed(line.actual)}{line.unit or ''}"


def name_of(line: IndicatorLine) -> str:
    """The indicator as a letter names it (指标名称)."""
    owner = f"项目“{clean(line.project)}”" if line.project else "部门整体"
    return f"{owner}{line.level2 or ''}“{clean(line.level3 or '')}”"


def where(line: IndicatorLine, field: str = "actual") -> str:
    """The place of a value in words (指标出处)."""
    return spoken(line.places.get(field) or line.source)


def quoted(material: Material, line: IndicatorLine) -> tuple[FindingPlace, ...]:
    """The places of a line (指标行出处): its table row as a whole, or its two sentences."""
    row = row_quote(material, line.source)
    if row:
        return (place(line.source, row),)
    made: dict[str, FindingPlace] = {}
    fallback = f"{clean(line.level3 or '')}{target_words(line)}；完成{actual_words(line)}"
    for source in (line.places.get("target"), line.places.get("actual"), line.source):
        if source is not None:
            one = place(source, source.quote or fallback)
            made.setdefault(one.quote, one)
    return tuple(made.values())


def row_quote(material: Material, source: Source) -> str | None:
    """The whole table row at a place (整行文字), None outside tables."""
    row = material.row_at(source)
    return row.quote if row is not None else None


def project_of(material: Material, line: IndicatorLine) -> ProjectFacts | None:
    """The project a line belongs to (所属项目)."""
    return next((one for one in material.facts.projects if one.name == line.project), None)


def is_full(line: IndicatorLine) -> bool:
    """Whether the line holds full marks (是否满分)."""
    return line.weight is not None and line.score is not None and line.weight > 0 and line.score >= line.weight


def points(value: Decimal | None) -> str:
    """Points in words (分值写法)."""
    return "空白" if value is None else f"{trimmed(value)}分"
