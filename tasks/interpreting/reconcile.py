"""Facts said more than once brought together (归并): projects under two names, repeated amounts, contradictions asked."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TypeVar

from models.facts import FunctionLine, IndicatorLine, MoneyFact, Passage
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.text import BRACKETED, squeezed

Owned = TypeVar("Owned", Passage, IndicatorLine)
FIRST_HAND = ("form", "list", "block")
# A report states each of these once a year; two values are a question.
STATED_ONCE = ("revenue_total", "expenditure_total", "basic", "project", "carry_over", "budget_initial")
FIELD_NAMES = {
    "budget": "预算数", "adjusted": "调整预算数", "executed": "执行数", "execution_rate": "执行率",
    "execution_weight": "执行率权重", "execution_score": "执行率得分", "self_score": "自评得分",
}  # fmt: skip


def plain_name(name: str) -> str:
    """A project's name without quotes and brackets (项目名称归一)."""
    return re.sub(r"[“”\"'‘’《》]", "", squeezed(name))


def stem(name: str) -> str:
    """The name without the words that vary between two mentions (项目名称词干): 经费, 补助, 项目 …"""
    text = re.sub(r"^20\d\d年度?", "", BRACKETED.sub("", plain_name(name)))
    previous = ""
    while previous != text:
        previous = text
        for ending in lexicon().prose["projects"]["endings"]:
            if text.endswith(ending) and len(text) - len(ending) >= 2:
                text = text.removesuffix(ending)
    return text


def merged_projects(found: Found) -> list[ProjectDraft]:
    """The projects of a file, each once (项目归并): forms and lists first, prose fills what they leave open.

    Two rows of forms with one name stay two projects where their figures differ. Passages and indicator lines follow
    the name that remains.
    """
    kept: list[ProjectDraft] = []
    by_name: defaultdict[str, list[ProjectDraft]] = defaultdict(list)
    by_stem: defaultdict[str, list[ProjectDraft]] = defaultdict(list)
    renamed: dict[str, str] = {}
    for draft in sorted(found.projects, key=lambda one: one.origin not in FIRST_HAND):
        same = [one for one in by_name[plain_name(draft.name)] if not _stay_apart(one, draft)]
        alike = by_stem[stem(draft.name)] if draft.origin not in FIRST_HAND else []
        twin = same[0] if same else alike[0] if len(alike) == 1 else None
        if twin is None:
            kept.append(draft)
            by_name[plain_name(draft.name)].append(draft)
            by_stem[stem(draft.name)].append(draft)
            continue
        renamed[draft.name] = twin.name
        _fill(twin, draft, found)
    found.problems = [_renamed(one, renamed) for one in found.problems]
    found.measures = [_renamed(one, renamed) for one in found.measures]
    found.indicators = [_renamed(one, renamed) for one in found.indicators]
    return kept


def _renamed(row: Owned, names: dict[str, str]) -> Owned:
    """A passage or an indicator line under the name its project has kept."""
    return row.model_copy(update={"project": names[row.project]}) if row.project in names else row


def _stay_apart(left: ProjectDraft, right: ProjectDraft) -> bool:
    """Two forms, or two rows of one list, that carry one name and different figures are two projects."""
    same_list = left.origin == right.origin == "list" and left.source.table == right.source.table
    if not same_list and not left.origin == right.origin == "form":
        return False
    return any(left.values[name] != right.values[name] for name in left.values.keys() & right.values.keys())


def _fill(kept: ProjectDraft, other: ProjectDraft, found: Found) -> None:
    for name, value in other.values.items():
        if name not in kept.values:
            kept.put(name, value, other.places[name])
        elif kept.values[name] != value:
            found.ask(
                f"projects.{name}",
                f"项目“{kept.name}”的{FIELD_NAMES.get(name, name)}有两种说法：{kept.values[name]}和{value}，已取前者，请确认。",
                other.places[name],
            )
    kept.code = kept.code or other.code


def unique_money(found: Found, years: dict[str, str | None]) -> tuple[MoneyFact, ...]:
    """Amounts, each once a report (金额去重); two values of one total are kept both and asked about."""
    kept: dict[tuple[str | None, str, str | None, Decimal], MoneyFact] = {}
    values: dict[tuple[str | None, str, str | None], MoneyFact] = {}
    for fact in found.money:
        whole = fact if fact.year else fact.model_copy(update={"year": years.get(fact.report or "")})
        key = (whole.report, whole.key, whole.year, whole.value.normalize())
        before = kept.get(key)
        if before is None or _surer(whole, before):
            kept[key] = whole
        first = values.setdefault(key[:3], whole)
        if whole.key in STATED_ONCE and first.value != whole.value and before is None:
            found.ask(
                f"money.{whole.key}",
                f"同一份报告里{whole.year or ''}年的这项金额有两个数：{first.value}和{whole.value}万元，请确认。",
                whole.source,
            )
    return tuple(kept.values())


def _surer(new: MoneyFact, old: MoneyFact) -> bool:
    return old.confidence is not None and (new.confidence is None or new.confidence > old.confidence)


def unique_functions(lines: list[FunctionLine]) -> tuple[FunctionLine, ...]:
    """Expenditure by function, each class and figure once (功能分类去重); a line with its budget goes before one without."""
    kept: dict[tuple[str, Decimal | None], FunctionLine] = {}
    for line in lines:
        key = (line.name, line.actual)
        if key not in kept or (kept[key].budget is None and line.budget is not None):
            kept[key] = line
    return tuple(kept.values())
