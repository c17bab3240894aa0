"""How completions are given (完成值的填写): missing, as a range, as words, or copied from the targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import at, found, spoken
from models.checks.indicators import actual_words, is_full, name_of, quoted, target_words, where
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, IndicatorLine, Severity
from models.numbers import trimmed
from models.statements.text import clean

_RANGE = re.compile(
    r"^(?:[≥≤><]|不(?:少于|低于|超过|高于)|大于等于|小于等于)|^\d[\d.]*%?(?:[个次人件项])?(?:以上|以下|以内|及以上|及以下)$"
)
_WEAK = re.compile(r"^(?:基本(?:达到|完成|实现)|未(?:达到|完成|实现)|部分(?:完成|达到|实现))")
_COPIED_SHARE = Decimal("0.75")
_COPIED_MINIMUM = 8
_SHOWN = 4
_CALENDAR_YEARS = 100
_HIGH_SCORE = Decimal(95)


def _by_owner(lines: list[IndicatorLine]) -> dict[tuple[str | None, str | None], list[IndicatorLine]]:
    groups: dict[tuple[str | None, str | None], list[IndicatorLine]] = {}
    for line in lines:
        groups.setdefault((line.report if line.project is None else None, line.project), []).append(line)
    return groups


def _owner(project: str | None) -> str:
    return f"项目“{clean(project)}”" if project else "部门整体绩效目标"


def _all_places(material: Material, lines: list[IndicatorLine]) -> tuple[FindingPlace, ...]:
    made: dict[tuple[str, str], FindingPlace] = {}
    for line in lines:
        for one in quoted(material, line):
            made.setdefault((one.quote, one.source.spoken()), one)
    return tuple(made.values())


def _blank(line: IndicatorLine) -> bool:
    return line.actual is None and not (line.actual_text or "").strip(" /—-")


def _missing(material: Material) -> Iterator[Finding]:
    targeted = [one for one in material.facts.indicators if one.target is not None or one.target_text]
    for (_, project), lines in _by_owner(targeted).items():
        blank = [one for one in lines if _blank(one)]
        if not blank:
            continue
        if len(blank) == len(lines):
            first, last = lines[0], lines[-1]
            places = _all_places(material, [first, last] if first is not last else [first])
            message = (
                f"{_owner(project)}共列{len(lines)}项指标（从{where(first, 'target')}“{clean(first.level3 or '')}”至"
                f"{where(last, 'target')}“{clean(last.level3 or '')}{target_words(last)}”），只有指标值而没有完成值，无法核对完成情况。"
            )
            yield found("completion-missing", Severity.QUESTION, message, places, lines=str(len(lines)))
            continue
        full = [one for one in blank if is_full(one)]
        sure = len(blank) * 2 <= len(lines)
        for line in full:
            message = f"{where(line)}{name_of(line)}的完成值为空白，而得分为满分{trimmed(line.score or Decimal(0))}分，请补充完成值。"
            yield found(
                "blank-full-marks",
                Severity.ERROR if sure else Severity.QUESTION,
                message,
                quoted(material, line),
                score=line.score or Decimal(0),
            )
        rest = [one for one in blank if not is_full(one)]
        if rest:
            names = "、".join(f"“{clean(one.level3 or '')}”" for one in rest[:_SHOWN])
            message = f"{_owner(project)}有{len(rest)}项指标没有完成值（{names}{'等' if len(rest) > _SHOWN else ''}），请补充。"
            yield found(
                "completion-missing",
                Severity.QUESTION,
                message,
                _all_places(material, rest[:_SHOWN]),
                lines=str(len(rest)),
            )


MISSING = Check(
    code="completion-missing",
    title="没有完成值",
    what="有目标值而没有完成值；完成值空白却得满分的单独列为错误（blank-full-marks）。",
    example="18项年度指标只有“指标值”一列。",
    doubt="完成情况可能写在正文别处。",
    also={
        "blank-full-marks": "完成值空白而得满分",
    },
    find=_missing,
)


def _ranges(material: Material) -> Iterator[Finding]:
    lines = [one for one in material.facts.indicators if _RANGE.match(clean(one.actual_text or ""))]
    for (_, project), own in _by_owner(lines).items():
        names = "；".join(f"“{clean(one.level3 or '')}”完成“{actual_words(one)}”" for one in own)
        message = f"{_owner(project)}有{len(own)}项指标的完成值写成范围而不是实际数值：{names}，请填写实际完成数。"
        yield found("completion-as-range", Severity.QUESTION, message, _all_places(material, own), lines=str(len(own)))


RANGES = Check(
    code="completion-as-range",
    title="完成值写成范围",
    what="完成值带≥、≤或“以上”“以内”，多为照抄目标值，无法核对。",
    example="目标≤24小时，完成值也写≤24小时。",
    doubt="统计口径只能给出界限时确有可能。",
    find=_ranges,
)


def _weak(material: Material) -> Iterator[Finding]:
    lines = [one for one in material.facts.indicators if _WEAK.match(clean(one.actual_text or ""))]
    for (_, project), own in _by_owner(lines).items():
        known = next((one for one in material.facts.projects if one.name == project), None)
        missed = [one for one in own if clean(one.actual_text or "").startswith("未")]
        numeric = [one for one in own if re.search(r"\d", target_words(one))]
        high = known is not None and known.self_score is not None and known.self_score >= _HIGH_SCORE
        if not missed and not numeric and not high:
            continue
        shown = (missed + [one for one in numeric if one not in missed])[:6] or own[:6]
        names = "；".join(
            f"“{clean(one.level3 or '').lstrip(':：')}”目标“{target_words(one)}”，完成“{actual_words(one)}”"
            for one in shown
        )
        score = f"，而项目自评得分为{trimmed(known.self_score)}分" if known and known.self_score is not None else ""
        message = f"{_owner(project)}有{len(own)}项指标的完成值为“基本达到”“未达到”一类文字：{names}{score}，请补充实际数值和未完成原因。"
        yield found(
            "completion-in-words", Severity.QUESTION, message, _all_places(material, shown), lines=str(len(own))
        )


WEAK = Check(
    code="completion-in-words",
    title="以“基本达到”代替完成值",
    what="量化目标的完成值写成“基本达到”“未达到”等文字，或与很高的自评得分并存。",
    example="目标30万元，完成值“基本达到”。",
    doubt="定性指标可以用文字，但应按规定的等级填写。",
    find=_weak,
)


def _copied(material: Material) -> Iterator[Finding]:
    numeric = [one for one in material.facts.indicators if one.target is not None and one.actual is not None]
    equal = [one for one in numeric if one.target == one.actual]
    if len(numeric) < _COPIED_MINIMUM or len(equal) < len(numeric) * _COPIED_SHARE:
        return
    message = f"{len(numeric)}项有数值的指标中，{len(equal)}项的完成值与目标值完全相同，请核对完成值是否为实际统计数。"
    yield found(
        "target-copied",
        Severity.QUESTION,
        message,
        _all_places(material, equal[:_SHOWN]),
        equal=str(len(equal)),
        lines=str(len(numeric)),
    )


COPIED = Check(
    code="target-copied",
    title="完成值与目标值大量相同",
    what="八项以上数值指标中，至少四分之三的完成值与目标值完全相同。",
    example="12项指标中11项完成值等于目标值。",
    doubt="“＝”类指标（数量固定、服务期一年）本应相等。",
    find=_copied,
)


def _level_absent(material: Material) -> Iterator[Finding]:
    for (_, project), lines in _by_owner(list(material.facts.indicators)).items():
        levels = "".join((one.level1 or "") + (one.level2 or "") for one in lines)
        names = "".join(one.level3 or "" for one in lines)
        if len(lines) < _SHOWN or "效益" not in levels or "满意" in levels + names:
            continue
        last = lines[-1]
        message = (
            f"{_owner(project)}列有产出、效益等{len(lines)}项指标，至{where(last, 'target')}“{last.level2 or ''}{clean(last.level3 or '')}"
            f"{target_words(last)}”为止，没有满意度指标，请核对是否漏列。"
        )
        told = next((one for one in material.figures if one.unit == "%" and "满意" in one.label), None)
        if told is not None:
            message = f"{message[:-1]}；{spoken(told.source)}写有“{told.label}{told.printed}”，但没有设定目标值。"
        places = (*_all_places(material, [last]), *(at(told) if told is not None else ()))
        yield found("satisfaction-missing", Severity.QUESTION, message, places)


def _many_years(material: Material) -> Iterator[Finding]:
    """A term of several years reported as completed within the year under evaluation."""
    for line in material.facts.indicators:
        years = line.target if line.unit == "年" else None
        if years is None or not 1 < years < _CALENDAR_YEARS or line.actual != years:
            continue
        message = (
            f"{where(line)}{name_of(line)}目标{target_words(line)}，完成{actual_words(line)}；评价年度为{material.year or '一'}年，"
            "多年期的目标请填写本年度应完成和已完成的情况。"
        )
        yield found("term-completed", Severity.QUESTION, message, quoted(material, line), years=years)


TERMS = Check(
    code="term-completed",
    title="多年期目标一年完成",
    what="目标值为“N年”（N大于1）而完成值写同样的年数。",
    example="服务期目标6年，当年完成值6年。",
    doubt="服务期可能正好在本年届满。",
    find=_many_years,
)


SATISFACTION = Check(
    code="satisfaction-missing",
    title="没有满意度指标",
    what="列有效益指标的绩效目标中没有任何满意度指标。",
    example="产出、成本、效益三类指标齐全，没有满意度指标。",
    doubt="个别项目确无服务对象，规定允许不设。",
    find=_level_absent,
)
