"""Rubric lines recomputed from the report's own figures (评价指标按文中数据重算)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, at, found, percent, place, spoken
from models.checks.indicators import actual_words, target_words
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.checks.rubric import line_place, rule_text
from models.facts import Finding, FindingPlace, IndicatorLine, RubricLine, Severity
from models.numbers import trimmed
from models.statements.figures import Kind
from models.statements.grids import Row
from models.statements.text import clean

_TENTH = Decimal("0.1")
_CAP = Decimal("1.3")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")


def _lines(material: Material, kind: str) -> list[RubricLine]:
    wanted = re.compile(word_list("rubric")[kind])
    return [
        one
        for one in material.facts.rubric
        if wanted.search(clean(one.level3)) and one.score is not None and one.weight
    ]


def _value(row: Row, header: str) -> Decimal | None:
    text = (row.under(header) or "").replace(",", "").removesuffix("%").removesuffix("万元")
    return Decimal(text) if _NUMBER.match(text) else None


def _overall_budget(material: Material) -> tuple[Row, Decimal, Decimal] | None:
    """The department's budget row: initial budget and adjustment (年初预算与全年调整额)."""
    for row in material.rows:
        initial, whole, middle = _value(row, "^年初预算"), _value(row, "^全年预算"), _value(row, "^调整后?预算")
        if initial and whole:
            return row, initial, abs(whole - initial)
        if initial and middle and initial > 0 and row.under("指标") is None and _is_overall(row, material):
            return row, initial, abs(middle - initial)
    return None


def _is_overall(row: Row, material: Material) -> bool:
    tables = {one.places.get("budget", one.source).table for one in material.facts.projects}
    return row.table not in tables


def _accuracy(material: Material) -> Iterator[Finding]:
    budget = _overall_budget(material)
    if budget is None:
        return
    row, initial, adjusted = budget
    for line in _lines(material, "accuracy"):
        rule = rule_text(material, line)
        if line.score is None or line.weight is None or not re.search(r"调[剂整]", rule):
            continue
        ratio = adjusted / initial
        expected = line.weight * (1 - 10 * ratio) if ratio <= _TENTH else Decimal(0)
        said = (
            f"{spoken(row.source)}年初预算{trimmed(initial)}万元、全年调整{trimmed(adjusted)}万元，按表中公式“{clean(line.level3)}”可得"
            f"{percent(expected)}分，{spoken(line.source)}自评得分{trimmed(line.score)}分"
        )
        places: tuple[FindingPlace, ...] = (
            place(row.source, row.quote),
            line_place(material, line),
            place(line.source, rule),
        )
        values: Computed = {"expected": percent(expected), "score": line.score}
        if abs(expected - line.score) < Decimal("0.05"):
            yield found("rubric-recomputed", Severity.CONFIRMED, f"{said}，计算相符。", places, **values)
        else:
            yield found("rubric-recomputed", Severity.QUESTION, f"{said}，请核对。", places, **values)


def _counted(line: IndicatorLine) -> bool:
    if line.target is None or line.actual is None:
        return False
    if line.operator is not None and line.operator.value in ("≤", "<"):
        return line.actual <= line.target
    return line.target <= line.actual <= line.target * _CAP


def _attainment(material: Material) -> Iterator[Finding]:
    quantities = [
        one
        for one in material.facts.indicators
        if one.project and "数量" in (one.level2 or "") and one.target is not None and one.actual is not None
    ]
    if len(quantities) < 2:
        return
    for line in _lines(material, "attainment"):
        if line.score is None or line.weight is None:
            continue
        counted = [one for one in quantities if _counted(one)]
        expected = line.weight * len(counted) / len(quantities)
        missed = [one for one in quantities if one not in counted]
        listed = "、".join(
            f"“{clean(one.level3 or '')}”目标{target_words(one)}完成{actual_words(one)}" for one in missed
        )
        said = (
            f"项目表中数量指标共{len(quantities)}项，达到预期且不超过30%的{len(counted)}项，按此“{clean(line.level3)}”为{percent(expected)}分，"
            f"{spoken(line.source)}自评得分{trimmed(line.score)}分"
        )
        rows = tuple(
            place(one.source, f"{clean(one.level3 or '')} {target_words(one)} {actual_words(one)}") for one in missed
        )
        places = (line_place(material, line), *rows)
        values: Computed = {
            "expected": percent(expected),
            "score": line.score,
            "met": str(len(counted)),
            "all": str(len(quantities)),
        }
        if abs(expected - line.score) < _TENTH:
            yield found("rubric-recomputed", Severity.CONFIRMED, f"{said}，计算相符。", places, **values)
        elif missed:
            message = f"{said}；{listed}，按规定未达到预期指标或超过预期指标30%以上的不计分，请核对。"
            yield found("rubric-recomputed", Severity.QUESTION, message, places, **values)


def _completion(material: Material) -> Iterator[Finding]:
    row = next(
        (
            one
            for one in material.rows
            if _value(one, "执行率") is not None
            and _is_overall(one, material)
            and _value(one, "年初预算|全年预算") is not None
        ),
        None,
    )
    done = next(
        (one for one in material.figures if one.kind is Kind.DONE and "预算支出决算数" in one.sentence.text), None
    )
    rate = _value(row, "执行率") if row is not None else (done.value if done is not None else None)
    if rate is None:
        return
    for line in _lines(material, "completion"):
        if line.score is None or line.weight is None:
            continue
        expected = line.weight * min(rate, HUNDRED) / HUNDRED
        places: list[FindingPlace] = [line_place(material, line)]
        if row is not None:
            places.append(place(row.source, row.quote))
        if done is not None:
            places.extend(at(done))
        if rule_text(material, line):
            places.append(place(line.source, rule_text(material, line)))
        said = (
            f"文中预算执行率为{trimmed(rate)}%，"
            f"{spoken(line.source)}“{clean(line.level3)}”分值{trimmed(line.weight)}分，自评得分{trimmed(line.score)}分"
        )
        values: Computed = {"expected": percent(expected), "score": line.score, "rate": rate}
        if abs(expected - line.score) < _TENTH:
            yield found("rubric-recomputed", Severity.CONFIRMED, f"{said}，计算相符。", tuple(places), **values)
        else:
            message = f"{said}，按执行率计算为{percent(expected)}分，请核对两处口径。"
            yield found("rubric-recomputed", Severity.QUESTION, message, tuple(places), **values)


def _publicity(material: Material) -> Iterator[Finding]:
    told = [
        one for one in material.sentences if re.search(r"公开", one.text) and re.search(r"20\d{2}年\d{1,2}月", one.text)
    ]
    spoke = [
        one
        for one in material.sentences
        if re.search(r"(?:自评|评价)(?:结果|报告|情况)[^。]{0,12}公开|随(?:同)?(?:部门)?决算[^。]{0,8}公开", one.text)
        and not one.passage.in_table
    ]
    evidence = [one for one in told if re.search(r"预算|绩效目标", one.text) and not re.search(r"自评|决算", one.text)]
    if not evidence or [one for one in spoke if re.search(r"20\d{2}年\d{1,2}月|http|网址", one.text)]:
        return
    for line in _lines(material, "publicity"):
        if line.score is None or line.weight is None or line.score < line.weight:
            continue
        message = (
            f"{spoken(line.source)}“{clean(line.level3)}”自评得分{trimmed(line.score)}分（满分），而{spoken(evidence[0].source)}所列公开事项为"
            "预算编制情况和绩效目标，未见自评结果随同决算公开的时间和网址，请补充佐证。"
        )
        places = (line_place(material, line), *at(*evidence[:2]))
        yield found("publicity-evidence", Severity.QUESTION, message, places, score=line.score)


def _find(material: Material) -> Iterator[Finding]:
    yield from _accuracy(material)
    yield from _attainment(material)
    yield from _completion(material)
    yield from _publicity(material)


CHECK = Check(
    code="rubric-recomputed",
    title="评价指标按文中数据重算",
    what="“编制准确”“目标实现”“预算完成”用文中数据按表中公式重算；“自评公开”满分而只有预算公开的佐证时提问（publicity-evidence）。",
    example="执行率100%，预算完成10分只填6分；年初预算有调整而编制准确满分。",
    doubt="调剂金额有净额、总额两种口径，12月执行进度与决算口径也可能不同，因此只作待核实。",
    also={
        "publicity-evidence": "自评公开的佐证",
    },
    find=_find,
)
