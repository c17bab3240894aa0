"""What changed between two versions of a report (版本差异), field by field, for the receipt letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from models.document import Frozen
from models.facts import IndicatorLine, ProjectFacts, Read, ReportFacts, RubricLine
from models.numbers import trimmed

R = TypeVar("R", bound=Read)

PROJECT_FIELDS = {
    "budget": "年初预算数",
    "adjusted": "调整后预算数",
    "executed": "预算执行数",
    "execution_rate": "预算执行率",
    "execution_score": "预算执行得分",
    "self_score": "自评得分",
}
INDICATOR_FIELDS = {"target_text": "指标值", "actual_text": "完成值", "weight": "权重", "score": "得分"}
RUBRIC_FIELDS = {"weight": "分值", "score": "自评得分"}


class Difference(Frozen):
    """One change (变化): the item in words, before, after; None = absent or blank."""

    item: str
    before: str | None
    after: str | None


def differences(old: ReportFacts, new: ReportFacts) -> tuple[Difference, ...]:
    """What changed from ``old`` to ``new`` (版本差异), in the order of the report; equal numbers are equal however printed."""
    return tuple(_all(old, new))


def _all(old: ReportFacts, new: ReportFacts) -> Iterator[Difference]:
    for field, label in (("department", "部门名称"), ("fiscal_year", "评价年度"), ("self_score", "自评总得分")):
        yield from _field(label, getattr(old, field), getattr(new, field))
    yield from _rows(old.rubric, new.rubric, _rubric_name, RUBRIC_FIELDS)
    yield from _rows(old.projects, new.projects, _project_name, PROJECT_FIELDS)
    yield from _rows(old.indicators, new.indicators, _indicator_name, INDICATOR_FIELDS)


def _rubric_name(line: RubricLine) -> str:
    return f"指标“{line.level3}”"


def _project_name(project: ProjectFacts) -> str:
    return f"项目“{project.name}”"


def _indicator_name(line: IndicatorLine) -> str:
    return f"{line.project or '部门整体'}的“{line.level3 or line.level2 or '指标'}”"


def _rows(old: Sequence[R], new: Sequence[R], name: Callable[[R], str], fields: dict[str, str]) -> Iterator[Difference]:
    before, after = _named(old, name), _named(new, name)
    for key in dict.fromkeys([*before, *after]):
        if key not in after:
            yield Difference(item=key, before="有", after=None)
        elif key not in before:
            yield Difference(item=key, before=None, after="有")
        else:
            for field, label in fields.items():
                yield from _field(f"{key} {label}", getattr(before[key], field), getattr(after[key], field))


def _named(rows: Iterable[R], name: Callable[[R], str]) -> dict[str, R]:
    """Rows by name; the second of two alike gets a number, so that none hides the other."""
    found: dict[str, R] = {}
    for row in rows:
        key, number = name(row), 2
        while key in found:
            key, number = f"{name(row)}（{number}）", number + 1
        found[key] = row
    return found


def _field(label: str, before: Decimal | str | None, after: Decimal | str | None) -> Iterator[Difference]:
    if before != after:
        yield Difference(item=label, before=_shown(before), after=_shown(after))


def _shown(value: Decimal | str | None) -> str | None:
    return trimmed(value) if isinstance(value, Decimal) else value
