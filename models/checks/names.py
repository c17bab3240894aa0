"""Names that differ (名称不一): a project under two names or missing, an indicator one character off, rows twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.checks.findings import found, place, spoken
from models.checks.indicators import quoted
from models.checks.material import Material
from models.checks.projects import short_name
from models.checks.registry import Check
from models.document import Source
from models.facts import Finding, FindingPlace, IndicatorLine, Severity
from models.statements.naming import bare, is_slip, likeness
from models.statements.text import Passage, clean

_QUOTED = re.compile(r"“([^“”]{3,40})”")
_LISTED = re.compile(
    r"((?:“[^“”]{3,40}”(?:项目)?、?(?:和|及|项目)?){1,12})等?(?:\d+个|\d+项)?(?:专项)?(?:预算)?项目?(?:的)?(?:支出)?(?:绩效目标(?:实际)?完成|(?:支出)?绩效(?:进行了)?(?:自评|评价)|开展了绩效)"
)
_LONG = 7
_MOST_NAMES = 500
_ALIKE = 0.6


def _projects(material: Material) -> Iterator[Finding]:
    known = {short_name(one) for one in material.facts.projects}
    known_bare = {bare(one) for one in known if one}
    if not known_bare:
        return
    for sentence in material.sentences:
        for listed in _LISTED.finditer(sentence.text):
            names = list(_QUOTED.findall(listed.group(1)))
            for name in names:
                yield from _one_name(material, bare(name), name, known_bare, sentence.source, listed.group(0))
            if len(names) >= 2:
                missing = [one for one in known_bare if not any(_close(one, bare(name)) for name in names)]
                if missing and len(names) + len(missing) <= 12:
                    shown = "、".join(f"“{one}”" for one in sorted(missing))
                    message = (
                        f"{spoken(sentence.source)}列举了{len(names)}个项目（{'、'.join(names)}），"
                        f"未列入的{shown}在文中另有绩效内容，请核对项目范围。"
                    )
                    yield found(
                        "project-not-listed", Severity.QUESTION, message, (place(sentence.source, listed.group(0)),)
                    )


def _close(one: str, two: str) -> bool:
    return one == two or one in two or two in one or likeness(one, two) >= _ALIKE


def _one_name(
    material: Material, body: str, name: str, known: set[str], source: Source, quote: str
) -> Iterator[Finding]:
    if body in known:
        return
    near = max(known, key=lambda one: likeness(one, body))
    where = next((one for one in material.facts.projects if bare(short_name(one)) == near), None)
    other = place(where.source, where.name) if where is not None else None
    places: tuple[FindingPlace, ...] = (place(source, quote), other) if other else (place(source, quote),)
    if likeness(near, body) >= _ALIKE:
        message = f"{spoken(source)}写作“{name}”，项目绩效内容中写作“{near}”，请核对是否同一项目并统一名称。"
        yield found("project-two-names", Severity.QUESTION, message, places)
    else:
        message = f"{spoken(source)}列有“{name}”，文中未见该项目的绩效内容，请核对是否漏报。"
        yield found("project-missing", Severity.QUESTION, message, (place(source, quote),))


PROJECTS = Check(
    code="project-names",
    title="项目名称与范围不一",
    what="正文列举的项目与项目绩效内容逐一对应：没有内容的（project-missing）、名称相近而不同的（project-two-names）、有内容而未列举的（project-not-listed）。",
    example="正文“驻外干部补助”，项目表“驻外干部补贴”。",
    doubt="简称与全称可能并用。",
    also={
        "project-missing": "列举的项目没有绩效内容",
        "project-two-names": "同一项目两种名称",
        "project-not-listed": "有绩效内容而未列举的项目",
    },
    find=_projects,
)


def _windows(text: str, name: str) -> Iterator[str]:
    """Stretches of the text that differ from the name in exactly one inner character."""
    half = len(name) // 2
    for part, offset in ((name[:half], 0), (name[half:], half)):
        start = text.find(part)
        while start >= 0:
            begin = start - offset
            window = text[begin : begin + len(name)] if begin >= 0 else ""
            if len(window) == len(name):
                odd = [(a, b) for a, b in zip(name, window, strict=True) if a != b]
                if len(odd) == 1 and is_slip(*odd[0]) and window[0] == name[0] and window[-1] == name[-1]:
                    yield window
            start = text.find(part, start + 1)


def _slips(material: Material) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    known: set[tuple[str, int | None]] = set()
    prose = [one for one in material.passages if not one.in_table]
    cells: dict[int | None, list[Passage]] = {}
    for one in material.passages:
        if one.in_table and len(one.text) >= _LONG:
            cells.setdefault(one.source.table, []).append(one)
    for line in material.facts.indicators:
        name = clean(line.level3 or "")
        if not _LONG <= len(name) <= 20:
            continue
        if (name, line.source.table) in known or len(known) >= _MOST_NAMES:
            continue
        known.add((name, line.source.table))
        for passage in (*prose, *cells.get(line.source.table, ())):
            if name in passage.text or len(passage.text) < len(name):
                continue
            for window in _windows(passage.text, name):
                if (name, window) in told:
                    continue
                told.add((name, window))
                start = passage.text.find(window)
                quote = passage.text[max(0, start - 12) : start + len(window) + 20]
                message = f"{spoken(line.source)}指标写作“{name}”，{spoken(passage.source)}写作“{window}”，一字之差，请核对并统一。"
                yield found(
                    "name-one-character",
                    Severity.QUESTION,
                    message,
                    (*quoted(material, line), place(passage.source, quote)),
                )


SLIPS = Check(
    code="name-one-character",
    title="名称一字之差",
    what="七个字以上的指标名称，在别处出现只差一个字的写法。",
    example="指标“及时入口率”，年度目标“及时入库率”。",
    doubt="一期与二期、增与减这类本来不同的字已排除，仍可能是两个不同的指标。",
    find=_slips,
)


def _told(lines: list[IndicatorLine]) -> str:
    spots = "、".join(spoken(one.places.get("target") or one.source) for one in lines)
    return f"“{clean(lines[0].level3 or '')} {clean(lines[0].target_text or '')}”（{spots}）"


def _repeated(material: Material) -> Iterator[Finding]:
    groups: dict[tuple[str | None, ...], list[IndicatorLine]] = {}
    for line in material.facts.indicators:
        key = (
            line.project,
            line.report if line.project is None else None,
            line.level2,
            clean(line.level3 or ""),
            clean(line.target_text or str(line.target)),
        )
        groups.setdefault(key, []).append(line)
    doubled = [lines for lines in groups.values() if len(lines) > 1 and lines[0].level3]
    owners = {lines[0].project for lines in doubled}
    for owner in sorted(owners, key=str):
        own = [lines for lines in doubled if lines[0].project == owner]
        shown = "；".join(_told(lines) for lines in own)
        places = tuple(spot for lines in own for one in lines for spot in quoted(material, one))
        message = f"同一指标及目标值重复列出：{shown}，请核对。"
        yield found("indicator-twice", Severity.QUESTION, message, places, repeated=str(len(own)))


REPEATED = Check(
    code="indicator-twice",
    title="指标重复",
    what="同一绩效目标表内，名称和目标值都相同的指标出现两次以上。",
    example="“巡逻次数 12次”列了两行。",
    doubt="两个子项目可能碰巧同名同值。",
    find=_repeated,
)
