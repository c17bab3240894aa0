"""Numbers of things stated twice (同一数量前后不一)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.checks.findings import Computed, found, place, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.document import Source
from models.facts import Finding, Severity
from models.numbers import trimmed
from models.statements.labels import longest_common
from models.statements.text import clean, shortened

_THINGS = "台|辆|套|张|条|座|处|所|份|部|架|间|栋|次|起"
_PHYSICAL = {"台", "辆", "套", "张", "条", "座", "处", "所", "部", "架", "间", "栋"}
_BEFORE = re.compile(rf"(?<![\d.])(\d{{1,6}})(?:余)?({_THINGS}|个)(?!月)([\u4e00-\u9fffA-Za-z0-9（）()]{{2,24}})")
_AFTER = re.compile(rf"([\u4e00-\u9fff]{{3,20}})(\d{{1,6}})({_THINGS})(?![\u4e00-\u9fff]{{0,1}}车)")
_SHARE = Decimal("0.6")
_SHORTEST = 5
_STEM = 3
_MOST_ALIKE = 60
_CLOSE_UP = 24


@dataclass(frozen=True, slots=True)
class Count:
    """How many of what (数量与名称)."""

    noun: str
    value: Decimal
    unit: str
    source: Source
    quote: str
    is_target: bool
    project: str | None


def _plain(noun: str) -> str:
    words = word_list("counts")
    for pattern, replacement in words["same"].items():
        noun = re.sub(pattern, replacement, noun)
    noun = re.sub("|".join(words["filler"]), "", noun)
    return re.split(r"[（(）)，、；。：]", noun)[0]


def _prose(material: Material) -> Iterator[Count]:
    seen: set[tuple[str, Decimal]] = set()
    for sentence in material.sentences:
        for match in _BEFORE.finditer(sentence.text):
            noun = _plain(match.group(3))
            key = (noun, Decimal(match.group(1)))
            if noun and key not in seen:
                seen.add(key)
                yield Count(noun, key[1], match.group(2), sentence.source, _clip(sentence.text, match), False, None)
        for match in _AFTER.finditer(sentence.text):
            noun = _plain(match.group(1))
            key = (noun, Decimal(match.group(2)))
            if noun and key not in seen:
                seen.add(key)
                yield Count(noun, key[1], match.group(3), sentence.source, _clip(sentence.text, match), False, None)


def _clip(text: str, match: re.Match[str]) -> str:
    return shortened(text[max(0, match.start() - 6) : match.end() + _CLOSE_UP])


def _targets(material: Material) -> Iterator[Count]:
    for line in material.facts.indicators:
        name, told = clean(line.level3 or ""), clean(line.target_text or "")
        source = line.places.get("target") or line.source
        if line.target is not None and line.unit and re.fullmatch(rf"{_THINGS}|个", line.unit):
            yield Count(_plain(name), line.target, line.unit, source, f"{name} {told}", True, line.project)
        for match in _BEFORE.finditer(name):
            yield Count(
                _plain(match.group(3)),
                Decimal(match.group(1)),
                match.group(2),
                source,
                f"{name} {told}",
                True,
                line.project,
            )
        for match in re.finditer(rf"全年(?:共计|共)?(\d{{1,6}})({_THINGS})", told):
            yield Count(
                _plain(name), Decimal(match.group(1)), match.group(2), source, f"{name} {told}", True, line.project
            )
        trailing = re.search(rf"([\u4e00-\u9fff]{{3,12}})(\d{{1,6}})({_THINGS})$", name)
        if trailing:
            yield Count(
                _plain(trailing.group(1)),
                Decimal(trailing.group(2)),
                trailing.group(3),
                source,
                f"{name} {told}",
                True,
                line.project,
            )


def _same_thing(one: Count, two: Count) -> bool:
    if one.project and two.project and one.project != two.project:
        return False
    if one.unit != two.unit or one.value == two.value or _together(one, two):
        return False
    if not (one.is_target and two.is_target) and one.unit not in _PHYSICAL and one.unit != "个":
        return False
    if one.noun == two.noun and len(one.noun) >= 3:
        return (one.is_target or two.is_target or one.unit in _PHYSICAL or len(one.noun) >= 3) and _specific(one.noun)
    if one.unit == "个":
        return False
    shared = longest_common(one.noun, two.noun)
    shorter = min(len(one.noun), len(two.noun))
    bought = "购" in one.noun or "购" in two.noun
    if bought and "购" not in shared:
        return False
    if not one.noun.startswith(shared) and not two.noun.startswith(shared):
        return False
    floor = 4 if one.is_target and two.is_target else _SHORTEST
    return len(shared) >= floor and len(shared) >= shorter * _SHARE and _specific(shared)


def _together(one: Count, two: Count) -> bool:
    """Whether both stand in the same paragraph, cell or table row: then they are listed side by side, not repeated."""
    first, second = one.source, two.source
    if first.table is not None or second.table is not None:
        return (first.table, first.row) == (second.table, second.row)
    return first.paragraph == second.paragraph


def _spot(one: Count) -> tuple[object, ...]:
    source = one.source
    return (source.table, source.row) if source.table is not None else (source.paragraph, source.page)


def _pairs(everything: list[Count]) -> Iterator[tuple[Count, Count]]:
    """Pairs of one unit whose names share their beginning with a stretch of the other (可能同名的两个数量)."""
    holders: dict[tuple[str, str], list[int]] = {}
    for index, one in enumerate(everything):
        for start in range(len(one.noun) - _STEM + 1):
            holders.setdefault((one.unit, one.noun[start : start + _STEM]), []).append(index)
    for index, one in enumerate(everything):
        alike = holders.get((one.unit, one.noun[:_STEM]), [])[:_MOST_ALIKE]
        for other in sorted({held for held in alike if held != index}):
            # Each pair once: the reverse pair is left to the other name only if that finds this one as well.
            back = holders.get((one.unit, everything[other].noun[:_STEM]), [])[:_MOST_ALIKE]
            if other > index or index not in back:
                first, second = sorted((index, other))
                yield everything[first], everything[second]


def _specific(noun: str) -> bool:
    return not re.fullmatch("|".join(word_list("counts")["vague"]), noun)


def _find(material: Material) -> Iterator[Finding]:
    everything = [*_targets(material), *_prose(material)]
    beside: dict[tuple[object, ...], dict[str, set[tuple[str, Decimal]]]] = {}
    for one in everything:
        beside.setdefault(_spot(one), {}).setdefault(one.unit, set()).add((one.noun, one.value))
    told: set[frozenset[tuple[str, Decimal]]] = set()
    for one, two in _pairs(everything):
        if one.quote == two.quote or not _same_thing(one, two):
            continue
        # Numbers listed side by side may add up to the other figure: then both are right.
        sums = [sum((value for _, value in beside[_spot(side)][side.unit]), Decimal(0)) for side in (one, two)]
        if sums[0] == two.value or sums[1] == one.value:
            continue
        key = frozenset({(one.unit, one.value), (two.unit, two.value)})
        if key in told:
            continue
        told.add(key)
        message = (
            f"{spoken(one.source)}“{shortened(one.quote, 60)}”为{trimmed(one.value)}{one.unit}，"
            f"{spoken(two.source)}“{shortened(two.quote, 60)}”为{trimmed(two.value)}{two.unit}，所指似为同一事项，请核对。"
        )
        values: Computed = {"first": one.value, "second": two.value}
        yield found(
            "count-stated-twice",
            Severity.QUESTION,
            message,
            (place(one.source, one.quote), place(two.source, two.quote)),
            **values,
        )


CHECK = Check(
    code="count-stated-twice",
    title="同一数量前后不一",
    what="名称和量词相同的数量在不同地方写了不同的数；名称至少有五个字相同（指标之间四个字）才比较。",
    example="指标“北斗卡8张”，项目说明“11张北斗卡”。",
    doubt="同名的事物可能分属不同项目或不同时间，因此只作待核实。",
    find=_find,
)
