"""The same change stated twice (同一增减两处不一)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from models.checks.findings import Computed, at, found, number, spoken
from models.checks.growth import sides
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.changes import Change
from models.statements.figures import Kind
from models.statements.labels import core

_NEAR = 3
_WORD = {Kind.RISE: "增加", Kind.FALL: "减少"}
_GENERAL = ("支出", "收入", "经费", "预算", "执行")
_CENTS = Decimal("0.02")


def _same_subject(one: Change, two: Change) -> bool:
    first, second = core(one.subject), core(two.subject)
    if first and second:
        if first in _GENERAL and one.by.sentence.passage is two.by.sentence.passage:
            return False
        return first == second and (one.basis_kind == two.basis_kind or None in (one.basis_kind, two.basis_kind))
    return not first and not second and one.basis_kind == two.basis_kind and one.basis_kind in ("adjusted", "initial")


def _said(change: Change) -> str:
    by = change.by
    basis = {"adjusted": "与调整预算相比", "initial": "与年初预算相比"}.get(change.basis_kind or "", "")
    subject = change.subject if core(change.subject) else basis
    return f"{spoken(by.source)}写明“{subject}{_WORD[by.kind]}{by.printed}”"


def _near(material: Material) -> Iterator[Finding]:
    """The same name and basis within a few paragraphs."""
    order = {id(one): index for index, one in enumerate(material.passages)}
    plain = [one for one in material.changes if _is_plain(one)]
    for index, one in enumerate(plain):
        start = order[id(one.by.sentence.passage)]
        for two in plain[index + 1 :]:
            distance = order[id(two.by.sentence.passage)] - start
            if distance > _NEAR:
                break
            first, second = one.by.amount or Decimal(0), two.by.amount or Decimal(0)
            if first == second or (one.by.sentence is two.by.sentence and one.by.label == two.by.label):
                continue
            if _same_subject(one, two):
                sure = one.by.kind is two.by.kind and distance < _NEAR
                values: Computed = {"first": first, "second": second, "difference": abs(first - second)}
                message = f"{_said(one)}，{_said(two)}，两处相差{number(abs(first - second))}万元，请核对。"
                severity = Severity.ERROR if sure else Severity.QUESTION
                yield found("change-stated-twice", severity, message, at(one.by, two.by), **values)


def _same_sides(material: Material) -> Iterator[Finding]:
    """Equal amounts compared in two places, with changes that differ by a cent or two: larger slips are errors already."""
    groups: dict[tuple[Decimal, Decimal], dict[Decimal, Change]] = {}
    for change in material.changes:
        current, basis = sides(material, change)
        if current is not None and basis is not None and current.amount is not None and basis.amount is not None:
            groups.setdefault((current.amount, basis.amount), {}).setdefault(change.by.amount or Decimal(0), change)
    for compared, changes in groups.items():
        for (first, one), (second, two) in pairwise(changes.items()):
            if abs(first - second) > _CENTS:
                continue
            told = "与".join(number(side) for side in compared)
            message = f"{_said(one)}，{_said(two)}，两处比较的都是{told}万元，增减额却不同，请核对。"
            values: Computed = {"first": first, "second": second, "difference": abs(first - second)}
            yield found("change-stated-twice", Severity.QUESTION, message, at(one.by, two.by), **values)


def _find(material: Material) -> Iterator[Finding]:
    yield from _near(material)
    yield from _same_sides(material)


def _is_plain(change: Change) -> bool:
    return change.by.is_money and not change.by.sentence.passage.in_table


CHECK = Check(
    code="change-stated-twice",
    title="同一增减额前后不一",
    what="同一名目、同一比较基数的增减额在相邻段落写了两次而数值不同；或比较双方金额相同而增减额不同。",
    example="前句“住房支出减少15万元”，后句“住房支出减少5万元”。",
    doubt="未写明比较基数时，两句可能一句比预算、一句比上年。",
    find=_find,
)
