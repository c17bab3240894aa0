"""Unit price times quantity (单价×数量)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.checks.findings import CENT, Computed, found, number, place, spoken
from models.checks.indicators import name_of, quoted, row_quote, target_words, where
from models.checks.material import Material
from models.checks.projects import money_places
from models.checks.registry import Check
from models.document import Source
from models.facts import Finding, FindingPlace, IndicatorLine, Severity
from models.numbers import trimmed
from models.statements.labels import longest_common
from models.statements.text import clean

_CLASSIFIER = "人|个点位|点位|个|套|次|名|辆|台|条|座|户|份|件"
_PRICES = (
    re.compile(
        rf"每(?P<of>{_CLASSIFIER})(?P<month>每月|每年)?(?:预计|约|需)?(?P<price>\d+(?:\.\d+)?)(?P<unit>万元|元)(?P<per>/月|每月)?"
    ),
    re.compile(
        r"(?P<month>每月|月均)?(?:人均|单价)(?:预计|约)?(?P<price>\d+(?:\.\d+)?)(?P<unit>万元|元)(?P<of>)(?P<per>/月|每月)?"
    ),
    re.compile(rf"(?P<price>\d+(?:\.\d+)?)(?P<unit>万元|元)(?:每|/)(?P<of>{_CLASSIFIER})(?P<month>)(?P<per>/月|每月)?"),
)
_TOTAL = re.compile(r"(?:[（(]|共计|总计|合计|共需|计)(?P<total>\d+(?:\.\d+)?)(?P<unit>万元|元)")
_QUANTITY = re.compile(rf"(?P<count>\d+(?:\.\d+)?)(?P<of>{_CLASSIFIER})")
_MONTHS = Decimal(12)
_NAME_SHARED = 3
_NEAR = Decimal("0.1")
_ABOUT = "左右|约|预计"


@dataclass(frozen=True, slots=True)
class Priced:
    """A unit price with its total (单价与总额), in 元."""

    text: str
    source: Source
    price: Decimal
    of: str
    months: Decimal
    total: Decimal | None
    rest: str
    name: str


def _yuan(value: str, unit: str) -> Decimal:
    return Decimal(value) * (10000 if unit == "万元" else 1)


def _months(text: str) -> Decimal:
    stated = re.search(r"(\d{1,2})个月", text)
    return Decimal(stated.group(1)) if stated else _MONTHS


def _priced(text: str, source: Source, name: str) -> Priced | None:
    for pattern in _PRICES:
        match = pattern.search(text)
        if match is None:
            continue
        monthly = "月" in (match.group("month") or "") or "月" in (match.group("per") or "")
        rest = text[: match.start()] + text[match.end() :]
        total = _TOTAL.search(text[match.end() :])
        return Priced(
            text=text,
            source=source,
            price=_yuan(match.group("price"), match.group("unit")),
            of=match.group("of").removeprefix("个") or "人",
            months=_months(text) if monthly else Decimal(1),
            total=_yuan(total.group("total"), total.group("unit")) if total else None,
            rest=rest,
            name=name,
        )
    return None


def _all(material: Material) -> Iterator[Priced]:
    for line in material.facts.indicators:
        text = clean(f"{line.level3 or ''}{line.target_text or ''}")
        made = _priced(
            clean(line.target_text or ""), line.places.get("target") or line.source, clean(line.level3 or "")
        )
        if made is not None:
            yield Priced(**{**{name: getattr(made, name) for name in made.__slots__}, "text": text, "rest": text})
    covered = {clean(line.target_text or "") for line in material.facts.indicators}
    for sentence in material.sentences:
        if sentence.passage.text in covered:
            continue
        made = _priced(sentence.text, sentence.source, row_quote(material, sentence.source) or "")
        if made is not None:
            yield made


def _own_quantity(priced: Priced) -> Decimal | None:
    counts = [one for one in _QUANTITY.finditer(priced.rest) if one.group("of").removeprefix("个") == priced.of]
    return Decimal(counts[0].group("count")) if counts else None


def _listed_quantity(material: Material, priced: Priced) -> IndicatorLine | None:
    """Another indicator with the same name that states how many (同名数量指标)."""
    best: tuple[int, IndicatorLine] | None = None
    for line in material.facts.indicators:
        name = clean(line.level3 or "")
        if line.target is None or (line.unit or "") != priced.of or name == priced.text:
            continue
        shared = longest_common(re.sub(r"[及和、]", "", name), re.sub(r"[及和、]", "", priced.name))
        if len(shared) >= _NAME_SHARED and (best is None or len(shared) > best[0]):
            best = (len(shared), line)
    return best[1] if best else None


def _check(material: Material, priced: Priced) -> Iterator[Finding]:
    if priced.price <= 0:
        return
    times = f"×{trimmed(priced.months)}个月" if priced.months != 1 else ""
    quantity, other = _own_quantity(priced), None
    if priced.total is None:
        return
    if quantity is None:
        other = _listed_quantity(material, priced)
        quantity = other.target if other is not None else None
    implied = priced.total / priced.price / priced.months
    here = place(priced.source, row_quote(material, priced.source) or priced.text)
    said = f"{spoken(priced.source)}写明“{priced.text}”"
    if quantity is None:
        if implied != implied.to_integral_value() and not re.search(_ABOUT, priced.text):
            message = (
                f"{said}，总额除以单价{times and '和月数'}为{number(implied, CENT)}，不是整数，请核对单价、数量与总额。"
            )
            yield found("unit-price", Severity.QUESTION, message, (here,), implied_quantity=number(implied, CENT))
        return
    computed = priced.price * quantity * priced.months
    places: tuple[FindingPlace, ...] = (here,)
    count = f"{trimmed(quantity)}{priced.of}"
    if other is not None:
        count = f"{where(other, 'target')}“{clean(other.level3 or '')}”{target_words(other)}"
        places = (here, *quoted(material, other))
    values: Computed = {"computed": computed, "printed": priced.total, "implied_quantity": number(implied, CENT)}
    if computed != priced.total and other is None and _prices(priced.text) > 1:
        return  # several prices share one total
    if computed == priced.total:
        yield found("unit-price", Severity.CONFIRMED, f"{said}，单价×数量{times}计算相符。", places, **values)
    else:
        message = (
            f"{said}，数量为{count}，单价×数量{times}为{number(computed)}元，"
            f"与所写{number(priced.total)}元不同（折合数量{number(implied, CENT)}），请核对。"
        )
        severity = Severity.ERROR if other is None and _is_plain(priced, computed) else Severity.QUESTION
        yield found("unit-price", severity, message, places, **values)


def _prices(text: str) -> int:
    return sum(len(list(pattern.finditer(text))) for pattern in _PRICES)


def _is_plain(priced: Priced, computed: Decimal) -> bool:
    """One price, one quantity, one total, and no further factor such as days or trips that could explain the total."""
    text = priced.text
    prices = _prices(text)
    totals = len(list(_TOTAL.finditer(text)))
    quantities = len(list(_QUANTITY.finditer(priced.rest)))
    factor = priced.total / computed if priced.total is not None and computed else Decimal(0)
    whole = factor > 1 and factor == factor.to_integral_value()
    return prices == totals == quantities == 1 and not whole and not re.search(_ABOUT, text)


def _other_amount(material: Material, priced: Priced) -> Iterator[Finding]:
    """An amount for the same thing elsewhere that answers to another quantity."""
    quantity = _own_quantity(priced)
    if quantity is None:
        return
    expected = priced.price * quantity * priced.months
    for line in material.facts.indicators:
        text = clean(f"{line.level3 or ''}{line.target_text or ''}")
        if "成本" not in (line.level2 or "") or text == priced.text or re.search(r"每|人均|单价", text):
            continue
        amount = _line_yuan(line)
        label = clean(line.level3 or "")
        same = len(label) >= _NAME_SHARED and label in priced.text
        close = (
            amount is not None
            and abs(amount - expected) <= expected * _NEAR
            and len(longest_common(text, priced.name + priced.text)) >= _NAME_SHARED
        )
        if amount is None or amount == expected or not (close or (same and priced.total is None)):
            continue
        implied = amount / priced.price / priced.months
        if close and implied != implied.to_integral_value():
            continue
        message = (
            f"{spoken(priced.source)}写明“{priced.text}”，按单价×数量为{number(expected)}元；"
            f"{where(line, 'target')}“{label}”为{target_words(line)}"
            f"（折合数量{number(implied, CENT)}），请核对。"
        )
        here = place(priced.source, row_quote(material, priced.source) or priced.text)
        values: Computed = {"computed": expected, "printed": amount, "implied_quantity": number(implied, CENT)}
        yield found("unit-price", Severity.QUESTION, message, (here, *quoted(material, line)), **values)


def _line_yuan(line: IndicatorLine) -> Decimal | None:
    match = re.search(r"(\d+(?:\.\d+)?)(万元|元)", target_words(line))
    return _yuan(match.group(1), match.group(2)) if match else None


def _monthly(material: Material) -> Iterator[Finding]:
    for line in material.facts.indicators:
        project = next((one for one in material.facts.projects if one.name == line.project), None)
        price = line.actual if line.actual is not None else line.target
        if (
            project is None
            or project.executed is None
            or price is None
            or "每月" not in (line.level3 or "")
            or (line.unit or "") not in ("万元", "元")
        ):
            continue
        yearly = price * _MONTHS * (1 if line.unit == "万元" else Decimal("0.0001"))
        known = [one for one in (project.executed, project.adjusted, project.budget) if one is not None]
        said = f"{where(line)}{name_of(line)}为{target_words(line)}、完成{trimmed(price)}{line.unit}，12个月合计{trimmed(yearly)}万元"
        amounts = f"年初预算{trimmed(project.budget)}万元、" if project.budget is not None else ""
        places = (*quoted(material, line), *money_places(material, project))
        values: Computed = {"yearly": yearly, "executed": project.executed}
        if any(abs(yearly - one) <= CENT for one in known):
            yield found("monthly-price", Severity.CONFIRMED, f"{said}，与项目金额相符。", places, **values)
        else:
            message = f"{said}，而该项目{amounts}执行数{trimmed(project.executed)}万元，请核对。"
            yield found("monthly-price", Severity.QUESTION, message, places, **values)


def _find(material: Material) -> Iterator[Finding]:
    for priced in _all(material):
        yield from _check(material, priced)
        yield from _other_amount(material, priced)
    yield from _monthly(material)


CHECK = Check(
    code="unit-price",
    title="单价×数量与总额",
    what="写明单价、数量和总额的，按单价×数量（每月的乘12个月）重算；数量取自同一句或同名数量指标；每月单价与项目执行数比较（monthly-price）。",
    example="每人每月375元，45人，写明337500元：应为202500元。",
    doubt="服务期可能不是12个月，不同标准的单价可能合并填写；跨行取数的只作待核实。",
    also={
        "monthly-price": "每月单价与项目金额",
    },
    find=_find,
)
