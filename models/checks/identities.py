"""Amounts that belong together by definition (科目勾稽): their parts are looked for wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from models.checks.findings import at, found, judged, number, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure

_IN_AND_OUT = re.compile(r"收、?支(?:出)?(?:决算)?(?:总计|合计|总额)(?:均|各)?为?$|收入支出总计(?:均)?为?$")
_INCOME = re.compile(r"(?:本年|年度)?收入(?:合计|总计|总额|决算数?)为?$")
_OUTLAY = re.compile(r"(?:本年|年度)?支出(?:合计|总计|总额|决算数?)为?$")


def _stated(material: Material, pattern: str) -> list[Figure]:
    """The current year's amounts whose label ends as described, one for each value (按名目取金额)."""
    wanted = re.compile(rf"(?:^|[^及和与])(?:{pattern})$")
    kept: dict[Decimal, Figure] = {}
    for one in material.levels():
        if one.year in (material.year, None) and wanted.search(one.label) and not one.sentence.passage.in_table:
            kept.setdefault(one.amount or Decimal(0), one)
    return list(kept.values())


def _identity(material: Material, name: str, total: str, parts: list[str]) -> Iterator[Finding]:
    totals = _stated(material, total)
    stated = [_stated(material, part) for part in parts]
    if len(totals) != 1 or any(not one for one in stated):
        return
    whole = totals[0]
    if all(part.sentence.passage is whole.sentence.passage for one in stated for part in one):
        return  # one paragraph: the sum of its parts is checked where they are listed
    best: tuple[Decimal, tuple[Figure, ...]] | None = None
    for chosen in product(*stated):
        gap = sum((one.amount or Decimal(0) for one in chosen), Decimal(0)) - (whole.amount or Decimal(0))
        if best is None or abs(gap) < abs(best[0]):
            best = (gap, chosen)
    if best is None:
        return
    gap, chosen = best
    listed = "、".join(f"{one.label}{one.printed}（{spoken(one.source)}）" for one in chosen)
    computed = {"sum": (whole.amount or Decimal(0)) + gap, "total": whole.amount or Decimal(0), "difference": gap}
    grade = judged(gap, len(chosen) + 1)
    said = f"{name}：{spoken(whole.source)}写明{whole.printed}，分项{listed}"
    if grade is Severity.CONFIRMED:
        yield found("account-identity", grade, f"{said}，合计相符。", at(whole, *chosen), **computed)
    elif grade is Severity.INFORMATION:
        yield found("account-identity", grade, f"{said}，差额属于四舍五入。", at(whole, *chosen), **computed)
    else:
        sure = gap > 0 and all(len(one) == 1 for one in stated)
        message = f"{said}，合计为{number(computed['sum'])}万元，相差{number(gap)}万元，请核对。"
        severity = Severity.ERROR if sure else Severity.QUESTION
        yield found("account-identity", severity, message, at(whole, *chosen), **computed)


def _find(material: Material) -> Iterator[Finding]:
    for one in word_list("identities"):
        yield from _identity(material, one["name"], one["total"], one["parts"])


CHECK = Check(
    code="account-identity",
    title="科目勾稽关系",
    what="按口径应当相加的科目（如公务用车购置及运行维护费＝购置费＋运行维护费），不论写在何处都相加核对。",
    example="车辆费合计30万元，购置20万元，运行维护30万元：两项之和50万元。",
    doubt="同名科目在文中可能有不同口径；分项之和小于总数或某项有多个数值时只作待核实。",
    find=_find,
)


def _both_sides(material: Material) -> Iterator[Finding]:
    current = [one for one in material.levels() if one.year in (material.year, None)]
    incomes = [one for one in current if _INCOME.search(one.label) and not _IN_AND_OUT.search(one.label)]
    outlays = [one for one in current if _OUTLAY.search(one.label) and not _IN_AND_OUT.search(one.label)]
    for one in current:
        if not one.amount:
            continue
        # 收、支总计 is cut by the enumeration comma, so the words before the label are looked at too.
        before = one.sentence.text[max(0, one.start - 16) : one.start]
        if not _IN_AND_OUT.search(before):
            continue
        for income, outlay in product(incomes, outlays):
            if income.amount and income.amount + (outlay.amount or 0) == one.amount:
                message = (
                    f"{spoken(one.source)}写明收、支总计均为{one.printed}，而{spoken(income.source)}“{income.label}{income.printed}”、"
                    f"{spoken(outlay.source)}“{outlay.label}{outlay.printed}”，总计恰为收入与支出相加之和，请核对口径。"
                )
                computed = {
                    "sum_of_both_sides": one.amount,
                    "income": income.amount,
                    "outlay": outlay.amount or Decimal(0),
                }
                yield found("both-sides-added", Severity.ERROR, message, at(one, income, outlay), **computed)
                break


BOTH_SIDES = Check(
    code="both-sides-added",
    title="收、支总计把收入和支出相加",
    what="“收、支总计均为”后的金额，若恰等于本年收入合计与本年支出合计之和，则两处不能同时成立。",
    example="收、支总计均为200万元，本年收入100万元，本年支出100万元。",
    doubt="上年结转与本年收入恰好相等时也会出现两倍关系，实务中极少。",
    find=_both_sides,
)
