"""Indicators told in prose (文字叙述的指标): ``数量指标：甲≥70个；乙12个月`` with their results, and targets in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from models.document import Paragraph, Source
from models.facts import IndicatorLine, Operator
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import named_quantity, plain_signs, quantity
from tasks.interpreting.text import folded, likeness, squeezed, without_enumerator

ALIKE = 0.6


@dataclass(frozen=True)
class Told:
    """One part of an enumeration under an indicator type (一项目标或完成情况)."""

    kind: str
    text: str
    paragraph: Paragraph

    @property
    def name(self) -> str:
        """What stands before its number; the whole text where it has none."""
        named = named_quantity(self.text)
        return named[0] if named else self.text

    @property
    def place(self) -> Source:
        """Where it stands."""
        return self.paragraph.place.model_copy(update={"quote": folded(self.text)})


@lru_cache(maxsize=1)
def _types() -> re.Pattern[str]:
    words = lexicon().prose
    names = "|".join(re.escape(one) for one in sorted(words["indicator_types"], key=len, reverse=True))
    return re.compile(rf"({names})({words['results']})?")


def indicator_type(label: str) -> tuple[str, bool] | None:
    """The indicator type a label names, and whether it announces results (指标类型、是否完成情况)."""
    match = _types().fullmatch(label)
    return (match[1], bool(match[2])) if match else None


def paired(project: str, report: str, goals: list[Told], results: list[Told]) -> list[IndicatorLine]:
    """Goals with their results (目标与完成配对): of the same type, by name first, then by position."""
    left = list(results)
    lines = []
    for number, goal in enumerate(goals):
        position = sum(1 for one in goals[:number] if one.kind == goal.kind)
        of_kind = [one for one in results if one.kind == goal.kind]
        partner = _partner(goal, position, of_kind, left)
        if partner is not None:
            left.remove(partner)
        lines.append(_line(project, report, goal, partner))
    return lines


def _partner(goal: Told, position: int, of_kind: list[Told], left: list[Told]) -> Told | None:
    free = [one for one in of_kind if one in left]
    best = max(free, key=lambda one: likeness(goal.name, one.name), default=None)
    if best is not None and likeness(goal.name, best.name) >= ALIKE:
        return best
    same_place = of_kind[position] if position < len(of_kind) else None
    return same_place if same_place in free else None


def _line(project: str, report: str, goal: Told, result: Told | None) -> IndicatorLine:
    named = named_quantity(goal.text)
    printed = named[1] if named else plain_signs(goal.text)
    value = named[2] if named else None
    done = named_quantity(result.text) if result is not None and named else None
    places = {"target": goal.place}
    actual_text = None
    if result is not None:
        places["actual"] = result.place
        actual_text = done[1] if done else plain_signs(result.text)
    return IndicatorLine(
        project=project,
        report=report,
        level2=goal.kind,
        level3=named[0] if named else printed,
        operator=value.operator if value else Operator.TEXT,
        target=value.value if value else None,
        unit=value.unit if value else None,
        target_text=printed,
        actual=done[2].value if done else None,
        actual_text=actual_text,
        source=goal.place,
        places=places,
    )


def bracketed_targets(paragraph: Paragraph, report: str) -> list[IndicatorLine]:
    """``产出指标：包括甲（设定目标值为≥300起）、乙（…）``: targets in brackets behind their names (括注目标值)."""
    label, _, body = paragraph.full_text.replace("：", ":").partition(":")
    label = squeezed(without_enumerator(label))
    if not label.endswith("指标") or len(label) > 12 or not body:
        return []
    rules = lexicon().prose
    is_type = label in rules["indicator_types"] and label not in rules["first_levels"]
    lines = []
    for match in re.finditer(rules["bracketed_target"], body):
        printed = plain_signs(match["target"])
        value = quantity(printed)
        place = paragraph.place.model_copy(update={"quote": folded(match[0])})
        lines.append(
            IndicatorLine(
                report=report,
                level1=None if is_type else label,
                level2=label if is_type else None,
                level3=re.sub(rules["bracketed_lead"], "", match["name"].strip()),
                operator=value.operator if value else Operator.TEXT,
                target=value.value if value else None,
                unit=value.unit if value else None,
                target_text=printed,
                source=place,
                places={"target": place},
            )
        )
    return lines
