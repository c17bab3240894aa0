"""Checks across submissions (跨部门、跨年度核对): copied passages, identical figures, and last year's figures."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from models.checks.findings import Computed, found, number, place, spoken
from models.checks.material import Material, gather
from models.document import Document
from models.facts import Finding, MoneyFact, ReportFacts, Severity
from models.numbers import trimmed
from models.statements.text import Passage

_SHINGLE = 12
_COPIED_SHARE = Decimal("0.6")
_COPIED_LENGTH = 60
_COMMON_TO = 3
_PROJECTS_NEEDED = 3
_FIGURES_NEEDED = 4
# The glossary at the end of final accounts is the same everywhere.
_GLOSSARY = re.compile(r"[：:](?:是?指|反映)")
_GLOSSARY_HEAD = 60
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FULL = Decimal(100)
_CENT = Decimal("0.01")


TITLES_ACROSS = {
    "copied-passage": "与其他部门文字雷同",
    "all-projects-full": "全部项目自评满分",
    "identical-figures": "与其他部门金额相同",
    "last-year-figure": "上年数与上年报告",
}


@dataclass(frozen=True)
class Submission:
    """One report among several (一份报送材料). ``id`` is the caller's key, ``name`` the department as staff know it."""

    id: str
    name: str
    facts: ReportFacts
    document: Document


@dataclass(frozen=True)
class SubmissionFinding:
    """A finding that concerns several submissions (跨材料疑点); ``ids`` are the submissions, in the order of the places."""

    ids: tuple[str, ...]
    finding: Finding


def compare_submissions(items: Sequence[Submission]) -> tuple[SubmissionFinding, ...]:
    """Compare the reports of one year with each other, and each with the same department's report of the year before.

    Submissions of the same name and consecutive fiscal years are compared across years; those of different names and
    equal years across departments. Pure; the order of the items only decides the order of the findings.
    """
    materials = {one.id: gather(one.facts, one.document) for one in items}
    made: list[SubmissionFinding] = []
    made.extend(_copied(items, materials))
    for one in items:
        made.extend(_all_full(one))
    for one, two in combinations(items, 2):
        if one.name != two.name and one.facts.fiscal_year == two.facts.fiscal_year:
            made.extend(_identical(one, two))
        elif one.name == two.name:
            made.extend(_years(one, two))
            made.extend(_years(two, one))
    return tuple(made)


def _shingles(text: str) -> set[str]:
    bare = _NUMBER.sub("#", re.sub(r"[^\w\u4e00-\u9fff]", "", text))
    return {bare[index : index + _SHINGLE] for index in range(max(0, len(bare) - _SHINGLE + 1))}


@dataclass(frozen=True, slots=True)
class _Held:
    """A longer passage of one submission with its shingles (一段文字及其片段)."""

    item: Submission
    passage: Passage
    shingles: set[str]


def _prepared(items: Sequence[Submission], materials: dict[str, Material]) -> list[_Held]:
    return [
        _Held(item, one, _shingles(one.text))
        for item in items
        for one in materials[item.id].passages
        if len(one.text) >= _COPIED_LENGTH and not _GLOSSARY.search(one.text[:_GLOSSARY_HEAD])
    ]


def _copied(items: Sequence[Submission], materials: dict[str, Material]) -> Iterator[SubmissionFinding]:
    """Passages that stand almost alike in the reports of two departments (雷同段落).

    What stands in the reports of ``_COMMON_TO`` or more departments is the bureau's own form or a legal phrase, not a copy.
    """
    held = _prepared(items, materials)
    where: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(held):
        for shingle in one.shingles:
            where[shingle].append(index)
    rare = {
        shingle: places
        for shingle, places in where.items()
        if 1 < len({held[spot].item.name for spot in places}) < _COMMON_TO
    }
    for index, one in enumerate(held):
        shared = Counter(other for shingle in one.shingles for other in rare.get(shingle, ()) if other > index)
        best: dict[str, tuple[int, int]] = {}
        for other, count in shared.items():
            two = held[other]
            years = one.item.facts.fiscal_year, two.item.facts.fiscal_year
            if years[0] == years[1] and two.item.name != one.item.name and count > best.get(two.item.id, (0, 0))[0]:
                best[two.item.id] = (count, other)
        for count, other in best.values():
            if count >= len(one.shingles) * _COPIED_SHARE:
                yield _copy(one, held[other], Decimal(count * 100) / len(one.shingles))


def _copy(one: _Held, two: _Held, share: Decimal) -> SubmissionFinding:
    message = (
        f"“{one.item.name}”{spoken(one.passage.source)}与“{two.item.name}”{spoken(two.passage.source)}的文字约{share:.0f}%相同，"
        "请核对是否沿用了其他单位的内容。"
    )
    # Word for word the same at the same place is still two places, one in each report.
    places = tuple(place(side.passage.source, side.passage.text) for side in (one, two))
    finding = found("copied-passage", Severity.QUESTION, message, places, share=f"{share:.0f}")
    return SubmissionFinding((one.item.id, two.item.id), finding)


def _all_full(item: Submission) -> Iterator[SubmissionFinding]:
    scored = [one for one in item.facts.projects if one.self_score is not None]
    full = [one for one in scored if one.self_score == _FULL]
    if len(scored) >= _PROJECTS_NEEDED and len(full) == len(scored):
        places = tuple(place(one.places.get("self_score") or one.source, f"{one.name} 100分") for one in full)
        message = f"“{item.name}”的{len(full)}个项目自评得分全部为100分，建议抽查时重点核实。"
        yield SubmissionFinding(
            (item.id,), found("all-projects-full", Severity.QUESTION, message, places, projects=str(len(full)))
        )


def _telling(facts: ReportFacts) -> dict[Decimal, MoneyFact]:
    """Amounts that are unlikely to agree by chance: two decimals and at least 10 万元 (不易偶合的金额)."""
    return {
        one.value: one
        for one in facts.money
        if one.value >= 10 and one.value != one.value.to_integral_value() and one.year in (facts.fiscal_year, None)
    }


def _identical(one: Submission, two: Submission) -> Iterator[SubmissionFinding]:
    first, second = _telling(one.facts), _telling(two.facts)
    shared = sorted(set(first) & set(second))
    if len(shared) >= _FIGURES_NEEDED:
        listed = "、".join(trimmed(value) for value in shared[:8])
        places = tuple(
            place(side[value].source, side[value].source.quote or trimmed(value))
            for value in shared[:4]
            for side in (first, second)
        )
        message = f"“{one.name}”与“{two.name}”有{len(shared)}个金额完全相同（{listed}万元），请核对是否误用了对方数据。"
        yield SubmissionFinding(
            (one.id, two.id), found("identical-figures", Severity.QUESTION, message, places, shared=str(len(shared)))
        )


def _is_next(earlier: ReportFacts, later: ReportFacts) -> bool:
    years = earlier.fiscal_year, later.fiscal_year
    return all(year is not None and year.isdigit() for year in years) and int(years[1] or 0) - int(years[0] or 0) == 1


def _years(earlier: Submission, later: Submission) -> Iterator[SubmissionFinding]:
    """This year's "last year" figure against last year's own figure (上年数前后不一)."""
    if not _is_next(earlier.facts, later.facts):
        return
    own: dict[str, list[MoneyFact]] = defaultdict(list)
    for fact in earlier.facts.money:
        if fact.year in (earlier.facts.fiscal_year, None):
            own[fact.key].append(fact)
    for fact in later.facts.money:
        known = own.get(fact.key, [])
        if fact.year != earlier.facts.fiscal_year or not known:
            continue
        nearest = min(known, key=lambda one: abs(one.value - fact.value))
        gap = abs(nearest.value - fact.value)
        said = (
            f"“{later.name}”{later.facts.fiscal_year}年度报告{spoken(fact.source)}所列上年数为{trimmed(fact.value)}万元，"
            f"{earlier.facts.fiscal_year}年度报告{spoken(nearest.source)}为{trimmed(nearest.value)}万元"
        )
        places = tuple(place(one.source, one.source.quote or trimmed(one.value)) for one in (fact, nearest))
        values: Computed = {"this_report": fact.value, "last_report": nearest.value, "difference": gap}
        if gap == 0:
            made = found("last-year-figure", Severity.CONFIRMED, f"{said}，两者相符。", places, **values)
        elif gap <= _CENT:
            made = found("last-year-figure", Severity.INFORMATION, f"{said}，差额属于四舍五入。", places, **values)
        else:
            made = found(
                "last-year-figure", Severity.ERROR, f"{said}，相差{number(gap)}万元，请核对。", places, **values
            )
        yield SubmissionFinding((later.id, earlier.id), made)
