"""The rubric as a table prints it (评价指标表): one row a line, levels in words with their points."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from models.document import Frozen
from models.numbers import Number, trimmed

if TYPE_CHECKING:
    from models.rules.schema import RuleSet


class RubricRow(Frozen):
    """One line of the rubric (评价指标). ``level1`` and ``level2`` carry their points, e.g. ``部门预算管理（80分）``."""

    rule: str
    level1: str
    level2: str
    label: str
    maximum: Number | None
    criterion: str
    claimed: bool = True
    citation: str = ""


def rubric_rows(ruleset: RuleSet) -> tuple[RubricRow, ...]:
    """The lines of a rule set as table rows (规则转为表格行), in the order of the rule set."""
    level1_points: dict[str, list[Decimal | None]] = {}
    level2_points: dict[tuple[str, str], list[Decimal | None]] = {}
    for rule in ruleset.rules:
        level1_points.setdefault(rule.level1, []).append(rule.maximum)
        level2_points.setdefault((rule.level1, rule.level2), []).append(rule.maximum)
    return tuple(
        RubricRow(
            rule=rule.id,
            level1=_with_points(rule.level1, level1_points[rule.level1]),
            level2=_with_points(rule.level2, level2_points[rule.level1, rule.level2]),
            label=rule.label,
            maximum=rule.maximum,
            criterion=rule.criterion,
            claimed=rule.claimed_by_department,
            citation=rule.citation.spoken(),
        )
        for rule in ruleset.rules
    )


def _with_points(label: str, maxima: list[Decimal | None]) -> str:
    if "分）" in label or "分)" in label or None in maxima:
        return label
    return f"{label}（{trimmed(sum((m for m in maxima if m is not None), Decimal(0)))}分）"
