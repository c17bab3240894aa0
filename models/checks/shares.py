"""Shares of a total (占比)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, at, found, percent, rate_judged, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure, Kind
from models.statements.labels import core
from models.statements.text import Sentence

_OF = re.compile(r"占(.*?)的?(?:比例|比重)?(?:为|达)?$")
_NEAR = 14


def _pairs(material: Material) -> Iterator[tuple[Sentence, Figure, Figure]]:
    """Each share with the amount right before it (占比与其金额)."""
    for before, share in zip(material.figures, material.figures[1:], strict=False):
        same = before.sentence is share.sentence
        stated = (
            share.kind is Kind.SHARE and before.kind is Kind.LEVEL and before.is_money and "分别" not in share.label
        )
        if same and stated and share.start - before.end <= _NEAR + len(share.label):
            yield share.sentence, _outside(material, before, share), share


def _outside(material: Material, before: Figure, share: Figure) -> Figure:
    """The amount a share speaks of: one in brackets only explains the amount before the brackets."""
    text = share.sentence.text
    if not re.search(r"[）)]", text[before.end : share.start]):
        return before
    opened = max(text.rfind(mark, 0, before.start) for mark in "（(")
    owners = [
        one
        for one in material.of_sentence(share.sentence)
        if one.end <= opened and one.kind is Kind.LEVEL and one.is_money
    ]
    return owners[-1] if owners else before


def _wholes(material: Material, part: Figure, share: Figure) -> list[Figure]:
    """What the share may be a share of: the named total, else the amounts before it in its paragraph, nearest first."""
    match = _OF.search(share.label)
    name = core(match.group(1)) if match else ""
    named: list[Figure] = []
    near: list[Figure] = []
    for one in material.levels():
        if not one.amount or one is part or one.year not in (part.year, None):
            continue
        if name and name in core(one.label):
            named.append(one)
        same = one.sentence.passage is part.sentence.passage
        earlier = (one.sentence.start, one.start) < (part.sentence.start, part.start)
        if same and earlier and one.amount >= (part.amount or 0) and not _beside(one, part):
            near.append(one)
    return near[::-1] + named


def _beside(one: Figure, part: Figure) -> bool:
    """Whether both are parts of one list, so that neither is the other's total (是否并列)."""
    start = part.sentence.text.rfind("其中", 0, part.start)
    return one.sentence is part.sentence and 0 <= start < one.start


def _elsewhere(material: Material, part: Figure, share: Figure) -> Iterator[Figure]:
    """Totals of other paragraphs: they may confirm a share, never contradict it."""
    for one in material.levels():
        if _beside(one, part) or one is part or one.year != part.year:
            continue
        if one.amount and one.amount >= (part.amount or 0):
            yield one


def _fits(share: Figure, rate: Decimal) -> bool:
    return rate_judged(share, rate) is Severity.CONFIRMED


def _find(material: Material) -> Iterator[Finding]:
    for sentence, part, share in _pairs(material):
        if part.amount is None:
            continue
        wholes = _wholes(material, part, share)
        said = f"{spoken(part.source)}“{part.label}{part.printed}，{share.label}{share.printed}”"
        rated = [(one, part.amount / (one.amount or Decimal(1)) * HUNDRED) for one in wholes]
        graded = [(rate_judged(share, rate), one, rate) for one, rate in rated]
        right = next((one for one in graded if one[0] is Severity.CONFIRMED), None)
        close = next((one for one in graded if one[0] is Severity.INFORMATION), None)
        if right is None and close is None:
            far = (
                (one, part.amount / (one.amount or Decimal(1)) * HUNDRED) for one in _elsewhere(material, part, share)
            )
            right = next(((Severity.CONFIRMED, one, rate) for one, rate in far if _fits(share, rate)), None)
        hit = right or close
        if hit:
            grade, whole, rate = hit
            word = "计算相符" if grade is Severity.CONFIRMED else f"计算为{percent(rate)}%，属于四舍五入"
            message = f"{said}，以{whole.printed}为总数{word}。"
            yield found("share", grade, message, at(part, whole), share=percent(rate), printed=share.value)
        elif wholes and "其中" in sentence.text[: part.start]:
            whole, rate = rated[0]
            message = f"{said}，以“{whole.label}{whole.printed}”为总数计算为{percent(rate)}%，请核对所用总数。"
            yield found("share", Severity.QUESTION, message, at(part, whole), share=percent(rate), printed=share.value)


CHECK = Check(
    code="share",
    title="占总数的比例",
    what="金额之后“占…%”，按所写总数或同段前文的总数重算。",
    example="基本支出80万元，占支出合计100万元的75%：重算为80%。",
    doubt="总数可能省略；找不到能算出所写百分比的总数时作待核实，不作错误。",
    find=_find,
)
