"""Balances (结转结余): income less expenditure, and rows that show a balance beside a full execution rate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import CENT, HUNDRED, Computed, at, found, number, percent, place, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.numbers import trimmed
from models.statements.figures import Figure

_CARRY = re.compile(r"结转|结余")
_CARRIED_IN = re.compile(r"(?:上年|年初)(?:度)?(?:财政拨款)?结转")
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?)(亿元|万元|元)?$")
_STEP = Decimal("0.05")


def _total(material: Material, key: str) -> Decimal | None:
    values = {one.value for one in material.facts.money if one.key == key and one.year in (material.year, None)}
    return max(values) if values else None


def _sentence_with(material: Material, value: Decimal, word: str) -> Figure | None:
    for one in material.levels():
        if one.amount == value and word in one.label:
            return one
    return None


def _overall(material: Material) -> Iterator[Finding]:
    income, outlay = _total(material, "revenue_total"), _total(material, "expenditure_total")
    if income is None or outlay is None:
        return
    carries = [
        one
        for one in material.levels()
        if _CARRY.search(one.label) and one.amount is not None and not one.sentence.passage.in_table
    ]
    carried_in = sum({one.amount or Decimal(0) for one in carries if _CARRIED_IN.search(one.label)}, Decimal(0))
    for carry in carries:
        if _CARRIED_IN.search(carry.label) or carry.year not in (material.year, None) or carry.amount is None:
            continue
        expected = {income - outlay, income + carried_in - outlay}
        known = [
            one for one in (_sentence_with(material, income, "收入"), _sentence_with(material, outlay, "支出")) if one
        ]
        said = f"{spoken(carry.source)}写明“{carry.label}{carry.printed}”"
        totals = f"收入{trimmed(income)}万元、支出{trimmed(outlay)}万元"
        values: Computed = {"difference": income - outlay, "carry_over": carry.amount}
        places = at(carry, *known)
        if any(abs(carry.amount - one) <= CENT for one in expected):
            yield found("carry-over", Severity.CONFIRMED, f"{said}，与{totals}的差额相符。", places, **values)
        else:
            message = f"{said}，而{totals}，收支相减为{number(income - outlay)}万元，请核对结转结余的口径。"
            yield found("carry-over", Severity.QUESTION, message, places, **values)


OVERALL = Check(
    code="carry-over",
    title="结转结余与收支差额",
    what="收入总额减支出总额（有上年结转的加上）与年末结转结余比较。",
    example="收入3300万元，支出3260万元，年末结转结余0.6万元。",
    doubt="收入总额可能已含结余分配或以前年度结转。",
    find=_overall,
)


def _amount(text: str | None) -> Decimal | None:
    match = _MONEY.match((text or "").replace(",", ""))
    if match is None:
        return None
    factor = {"亿元": Decimal(10000), "元": Decimal("0.0001")}.get(match.group(2) or "", Decimal(1))
    return Decimal(match.group(1)) * factor


def _rows(material: Material) -> Iterator[Finding]:
    for row in material.rows:
        spent = _amount(row.under("^项目金额|^支出金额|^执行数|^实际支出"))
        rate_text, left = row.under("执行率"), _amount(row.under("结余"))
        if spent is None or left is None or not rate_text or not rate_text.endswith("%"):
            continue
        bare = rate_text.removesuffix("%")
        if not re.fullmatch(r"\d+(?:\.\d+)?", bare) or spent + left <= 0:
            continue
        printed = Decimal(bare)
        rate = spent / (spent + left) * HUNDRED
        name = row.under("项目名称") or row.texts[0]
        said = f"{spoken(row.source)}“{name}”金额{trimmed(spent)}万元、结余{trimmed(left)}万元，执行率写为{rate_text}"
        places = (place(row.source, row.quote),)
        values: Computed = {"rate": percent(rate), "printed": printed}
        step = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
        gap = abs(rate - printed)
        if gap <= step / 2:
            yield found(
                "rate-with-balance", Severity.CONFIRMED, f"{said}，按金额÷（金额＋结余）计算相符。", places, **values
            )
        elif gap <= max(step * 2, _STEP):
            yield found(
                "rate-with-balance",
                Severity.INFORMATION,
                f"{said}，计算为{percent(rate)}%，属于四舍五入。",
                places,
                **values,
            )
        else:
            score = row.under("自评结果|得分")
            held = f"、自评{score}" if score else ""
            message = f"{said}{held}，按金额÷（金额＋结余）计算为{percent(rate)}%，请核对。"
            yield found("rate-with-balance", Severity.QUESTION, message, places, **values)


ROWS = Check(
    code="rate-with-balance",
    title="有结余而执行率不符",
    what="同一行有金额、结余和执行率时，按金额÷（金额＋结余）重算执行率。",
    example="金额36万元，结余31万元，执行率100%。",
    doubt="“项目金额”可能是预算数；此时按同表其他行的口径判断。",
    find=_rows,
)
