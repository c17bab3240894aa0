"""Expenditure items by function and their class (功能分类项级与类级)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import at, found, judged, number, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure, Kind

_ITEM = re.compile(
    r"^\d*[.、．]?\s*([\u4e00-\u9fff]{3,14}?)(?:支出)?(?:[（(]类[)）]|[—\-－:：](?=.{2,40}[:：])).{2,60}?支出决算数?为"
)


def _class_total(material: Material, name: str) -> list[Figure]:
    wanted = re.compile(rf"^(?:其中)?{re.escape(name)}(?:[（(]类[)）])?支?出?(?:支出)?(?:为)?$")
    kept: dict[Decimal, Figure] = {}
    for one in material.levels():
        if one.amount and one.year in (material.year, None) and wanted.search(one.label.removesuffix("[image]")):
            kept.setdefault(one.amount, one)
            continue
        before = one.sentence.text[max(0, one.start - 24) : one.start]
        if (
            one.amount
            and one.year in (material.year, None)
            and re.search(rf"{re.escape(name)}（类）(?:支出)?$", before)
        ):
            kept.setdefault(one.amount, one)
    return list(kept.values())


def _find(material: Material) -> Iterator[Finding]:
    groups: dict[str, list[Figure]] = {}
    for passage in material.passages:
        match = _ITEM.match(passage.text)
        if match is None or passage.in_table:
            continue
        amounts = [one for one in material.figures if one.sentence.passage is passage and one.is_money]
        if amounts and amounts[0].kind is Kind.LEVEL:
            groups.setdefault(match.group(1), []).append(amounts[0])
    for name, items in groups.items():
        totals = _class_total(material, name)
        if len(items) < 2 or len(totals) != 1:
            continue
        whole = totals[0].amount or Decimal(0)
        parts = sum((one.amount or Decimal(0) for one in items), Decimal(0))
        grade = judged(parts - whole, len(items) + 1)
        listed = "、".join(one.printed for one in items)
        said = f"{name}：{spoken(totals[0].source)}写明{totals[0].printed}，逐项列出的{len(items)}项为{listed}"
        computed = {"sum": parts, "total": whole, "difference": parts - whole}
        if grade is Severity.CONFIRMED:
            message = f"{said}，合计相符。"
        elif grade is Severity.INFORMATION:
            message = f"{said}，合计{number(parts)}万元，差额属于四舍五入。"
        else:
            message = f"{said}，合计{number(parts)}万元，相差{number(parts - whole)}万元，请核对。"
            grade = Severity.ERROR if parts > whole else Severity.QUESTION
        yield found("function-items", grade, message, at(totals[0], *items), **computed)


CHECK = Check(
    code="function-items",
    title="项级支出与类级支出",
    what="逐项说明的功能分类支出（项级），按类相加后与该类合计比较；每加一项允许末位相差1。",
    example="甲类支出合计30万元，所列三项为10、10、12万元。",
    doubt="项级可能没有列全；合计小于类级时只作待核实。",
    find=_find,
)
