"""What the report says about itself against its own figures and scores (自述与数据、得分相矛盾)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, at, found, percent, place, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.projects import money_places, short_name, shown
from models.checks.registry import Check
from models.checks.rubric import line_place
from models.facts import Finding, ProjectFacts, Severity
from models.numbers import trimmed
from models.statements.figures import Kind
from models.statements.text import Sentence, clean

_HIGH = Decimal(95)
_LOW_EXECUTION = re.compile(
    r"(?:预算)?(?:完成率|执行率|到位率)(?:、[^，。]{1,8}率)?(?:较|偏|不)?(?:低|不高)|执行(?:进度|率)不高|"
    r"年初预算与[^，。；]{0,8}决算[^，。；]{0,4}(?:偏差|差异)"
)
_DELAY = re.compile(r"(?:延后|推迟)开工|工期(?:拉长|延长|滞后)|(?:延迟|推迟|逾期)完工|进度滞后|未按期完成")
_SOUND = re.compile(r"(?:管理|财务|内控|内部控制)?制度(?:健全|完善)(?![^，。]{0,6}(?:有待|需))")
_LACKING = re.compile(r"(?:没有|未|尚未|未有|缺乏)(?:出台|制定|建立|形成|有)?[^，。；]{0,8}(?:管理办法|管理制度)")
_UNPAID = re.compile(r"(人员|公用|基本)(?:经费|支出)[^，。；]{0,4}(?:未(?:支付|执行|支出|使用)完|尚未支付|未全部支付)")
_BASIC_DONE = Decimal(99)
_ALL_LOCAL = re.compile(
    r"(?:资金)?全部(?:由|为|来自|来源于)(?:县|市|区|本)(?:级)?财政[^，。；]{0,6}(?:拨款|拨付|安排|资金)"
)
_ACCURATE = re.compile(r"预算编制(?:基本|较为?|比较)?(?:准确|科学|合理|精准)(?:合理|准确|科学)?")
_LARGE_CHANGE = Decimal(20)
_TRANSFER = re.compile(r"(?:中央|省级|上级)[^，。；]{0,14}转移支付资金?")


def _admitted(material: Material) -> Iterator[Finding]:
    """Full marks for a rubric line beside an admission of the opposite."""
    for entry in word_list("rubric")["admissions"]:
        wanted = re.compile("|".join(entry["words"]))
        said = next((one for one in material.sentences if wanted.search(one.text)), None)
        if said is None:
            continue
        for line in material.facts.rubric:
            if (
                not re.search(entry["line"], clean(line.level3))
                or line.weight is None
                or line.score is None
                or line.score < line.weight
            ):
                continue
            match = wanted.search(said.text)
            words = match.group() if match else ""
            message = (
                f"{spoken(line.source)}“{clean(line.level3)}”自评得分{trimmed(line.score)}分为满分，"
                f"而{spoken(said.source)}自述“{words}”，请核对。"
            )
            yield found(
                "full-marks-admission",
                Severity.QUESTION,
                message,
                (place(said.source, said.text), line_place(material, line)),
                score=line.score,
            )


def _rate_of(project: ProjectFacts) -> Decimal | None:
    if project.execution_rate is not None:
        return project.execution_rate
    base = project.adjusted or project.budget
    return project.executed / base * HUNDRED if project.executed is not None and base else None


def _owner(material: Material, sentence: Sentence) -> ProjectFacts | None:
    """The project a sentence of an annex speaks of: the one named last before it in the same part."""
    part = [
        one for one in material.passages if one.part == sentence.passage.part and one.order <= sentence.passage.order
    ]
    for passage in reversed(part):
        if sentence.passage.in_table and passage.source.table != sentence.passage.source.table:
            break
        named = [
            one
            for one in material.facts.projects
            if short_name(one) and short_name(one) in passage.text.replace("“", "").replace("”", "")
        ]
        if len(named) == 1:
            return named[0]
    return None


def _low_claim(material: Material) -> Iterator[Finding]:
    overall = next(
        (
            one
            for one in material.figures
            if one.kind is Kind.DONE and one.value >= _HIGH and re.search(r"完成预算|执行(?:进度|率)", one.label)
        ),
        None,
    )
    overall_row = next((row for row in material.rows if (row.under("执行率") or "").startswith("100")), None)
    for sentence in material.sentences:
        match = _LOW_EXECUTION.search(sentence.text)
        if match is None:
            continue
        project = _owner(material, sentence) if sentence.passage.part else None
        rate = _rate_of(project) if project is not None else None
        if project is not None and rate is not None:
            if rate >= _HIGH:
                message = f"{spoken(sentence.source)}写明“{match.group()}”，而{shown(project)}的执行率为{percent(rate)}%，请核对。"
                places = (place(sentence.source, sentence.text), *money_places(material, project))
                yield found("low-claim-high-rate", Severity.QUESTION, message, places, rate=percent(rate))
            continue
        if overall is not None:
            message = (
                f"{spoken(sentence.source)}写明“{match.group()}”，"
                f"而{spoken(overall.source)}“{overall.label}{overall.printed}”，请核对。"
            )
            row = (place(overall_row.source, overall_row.quote),) if overall_row is not None else ()
            yield found(
                "low-claim-high-rate",
                Severity.QUESTION,
                message,
                (place(sentence.source, sentence.text), *at(overall), *row),
                rate=overall.value,
            )


def _delayed(material: Material) -> Iterator[Finding]:
    """Work said to be late beside a progress of 100 % in the same part of the report."""
    for sentence in material.sentences:
        match = _DELAY.search(sentence.text)
        if match is None or sentence.passage.in_table:
            continue
        for figure in material.figures:
            same = figure.sentence.passage.part == sentence.passage.part
            if (
                same
                and figure.unit == "%"
                and figure.value == HUNDRED
                and re.search(r"完成进度|计划进度|按期完成率", figure.label)
            ):
                message = (
                    f"{spoken(sentence.source)}写明“{match.group()}”，"
                    f"而{spoken(figure.source)}写明“{figure.label}{figure.printed}”，请核对。"
                )
                yield found(
                    "delay-full-progress",
                    Severity.QUESTION,
                    message,
                    (place(sentence.source, sentence.text), *at(figure)),
                )
                break


def _systems(material: Material) -> Iterator[Finding]:
    """Rules called complete beside the admission that some are missing."""
    sound = next(((one, match) for one in material.sentences if (match := _SOUND.search(one.text))), None)
    lacking = [(one, match) for one in material.sentences if (match := _LACKING.search(one.text))]
    if sound is None or not lacking:
        return
    first, words = sound
    told = "、".join(f"{spoken(one.source)}又写明“{match.group()}”" for one, match in lacking[:3])
    message = f"{spoken(first.source)}写明“{words.group()}”，{told}，请核对。"
    yield found("systems-claim", Severity.QUESTION, message, at(first, *(one for one, _ in lacking[:3])))


def _unpaid(material: Material) -> Iterator[Finding]:
    amounts: dict[str, Decimal] = {}
    for fact in material.facts.money:
        if fact.year in (material.year, None):
            amounts.setdefault(fact.key, fact.value)
    top, bottom = amounts.get("basic"), amounts.get("revenue_basic") or amounts.get("budget_basic")
    if top is None or not bottom:
        return
    rate = top / bottom * HUNDRED
    if not _BASIC_DONE <= rate <= HUNDRED:
        return
    for sentence in material.sentences:
        match = _UNPAID.search(sentence.text)
        if match:
            message = (
                f"{spoken(sentence.source)}“{sentence.text.rstrip('。')}”，"
                f"而基本支出{trimmed(top)}万元为基本收入{trimmed(bottom)}万元的{percent(rate)}%，请核对。"
            )
            yield found(
                "reason-against-figures",
                Severity.QUESTION,
                message,
                (place(sentence.source, sentence.text),),
                rate=percent(rate),
            )


def _funding(material: Material) -> Iterator[Finding]:
    local = next((one for one in material.sentences if _ALL_LOCAL.search(one.text)), None)
    transfer = next(
        (one for one in material.sentences if _TRANSFER.search(one.text) and not _ALL_LOCAL.search(one.text)), None
    )
    if local is None or transfer is None:
        return
    first, second = _ALL_LOCAL.search(local.text), _TRANSFER.search(transfer.text)
    if first and second:
        message = f"{spoken(local.source)}写明“{first.group()}”，{spoken(transfer.source)}又写到“{second.group()}”，请核对资金来源。"
        yield found("funding-source", Severity.QUESTION, message, at(local, transfer))


def _accuracy_claim(material: Material) -> Iterator[Finding]:
    """A budget called accurate beside a large gap between the initial budget and what was spent."""
    amounts: dict[str, Decimal] = {}
    for fact in material.facts.money:
        if fact.year in (material.year, None):
            amounts.setdefault(fact.key, fact.value)
    initial, spent = amounts.get("budget_initial"), amounts.get("expenditure_total")
    said = next(((one, match) for one in material.sentences if (match := _ACCURATE.search(one.text))), None)
    if not initial or spent is None or said is None:
        return
    change = (spent - initial) / initial * HUNDRED
    if abs(change) < _LARGE_CHANGE:
        return
    sentence, match = said
    sides = [
        one
        for value in (initial, spent)
        if (one := next((level for level in material.levels() if level.amount == value), None))
    ]
    message = (
        f"{spoken(sentence.source)}写明“{match.group()}”，而年初预算{trimmed(initial)}万元、"
        f"实际支出{trimmed(spent)}万元，相差{percent(change)}%，请说明原因。"
    )
    yield found(
        "accuracy-claim",
        Severity.QUESTION,
        message,
        (place(sentence.source, sentence.text), *at(*sides)),
        change_percent=percent(change),
    )


def _procurement(material: Material) -> Iterator[Finding]:
    """Procurement said to serve construction beside a construction amount of zero."""
    for figure in material.levels():
        if figure.amount != 0 or not figure.label.startswith("政府采购工程"):
            continue
        rest = figure.sentence.passage.text[figure.sentence.start + figure.end :]
        match = re.search(r"主要用于[^。]{0,40}工程", rest)
        if match:
            message = (
                f"{spoken(figure.source)}写明“{figure.label}{figure.printed}”，又写“{match.group()}”，请核对采购用途。"
            )
            yield found(
                "procurement-use",
                Severity.QUESTION,
                message,
                (place(figure.source, figure.quote), place(figure.source, match.group())),
            )


def _find(material: Material) -> Iterator[Finding]:
    yield from _accuracy_claim(material)
    yield from _procurement(material)
    yield from _admitted(material)
    yield from _low_claim(material)
    yield from _delayed(material)
    yield from _systems(material)
    yield from _unpaid(material)
    yield from _funding(material)


CHECK = Check(
    code="claims",
    title="自述与数据、得分相矛盾",
    what="自述的不足（预算变动频繁、执行率低等）与同一事项的满分或高执行率并存；原因说明、资金来源与文中数据不符。",
    example="写明“预算变动较频繁”，而“编制准确”得满分。",
    doubt="自述可能指个别项目或个别时段，因此只作待核实。",
    also={
        "full-marks-admission": "自述不足而得满分",
        "low-claim-high-rate": "自述执行率低而数据很高",
        "delay-full-progress": "自述延误而进度100%",
        "systems-claim": "制度健全与制度缺失并存",
        "reason-against-figures": "原因说明与数据不符",
        "funding-source": "资金来源前后不一",
        "accuracy-claim": "编制准确与偏差很大并存",
        "procurement-use": "采购用途与金额不符",
    },
    find=_find,
)
