"""Entering a correction (录入更正): what a person typed, tidied, and why it cannot stand where it does not fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from models.correctable import Fact, ValueKind, catalogue, quantity
from models.document import Frozen
from models.numbers import trimmed

# What is typed where nothing else can say it: an empty cell means "no correction".
BLANK, WITHDRAW = "（空白）", "（撤销）"
NUMBERS = frozenset({ValueKind.POINTS, ValueKind.AMOUNT, ValueKind.PERCENT})
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_YEAR = re.compile(r"20\d\d", re.ASCII)


class Entry(Frozen):
    """One correction as a person entered it (录入的更正). ``value`` None: the report has nothing there."""

    path: str
    value: str | None
    withdrawn: bool = False
    reason: str
    who: str


def entered(kind: ValueKind, text: str) -> tuple[str | None, bool]:
    """What a typed text means (录入值的含义): the value, None for ``（空白）``; True where it says ``（撤销）``."""
    typed = text.strip().replace("(", "（").replace(")", "）")
    if typed in (BLANK, WITHDRAW):
        return None, typed == WITHDRAW
    return tidy(kind, text), False


def tidy(kind: ValueKind, text: str) -> str:
    """A typed value as it is kept (录入值的规范写法): full-width digits and thousands' commas are written plainly."""
    text = text.strip()
    if kind not in NUMBERS and kind is not ValueKind.YEAR:
        return text
    plain = unicodedata.normalize("NFKC", text)
    plain = plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
    fits = _PLAIN.fullmatch(plain) and kind is not ValueKind.YEAR
    return trimmed(Decimal(plain)) if fits else plain


def misfit(fact: Fact, value: str | None, beside: Mapping[str, str | None]) -> str | None:
    """Why a value cannot stand in a fact's place (更正值不符的原因), as a Chinese sentence; None when it fits.

    What the report really says always fits: confirming a value is never refused.
    ``beside`` gives the other values of the report by path, with the corrections made together with this one.
    """
    limits = catalogue().limits
    if value is None:
        return "请填写答复。" if fact.kind is ValueKind.ANSWER else None
    if value == fact.value:
        return None  # confirmed: a report may well claim more than it can have
    if len(value) > limits.longest_text:
        return f"超过{limits.longest_text}字，请缩短。"
    if fact.kind is ValueKind.YEAR and not _YEAR.fullmatch(value):
        return f"“{value[:40]}”不是年度，请填写四位数字的年度，如2025。"
    if fact.kind is ValueKind.QUANTITY:
        read = quantity(value)
        if fact.field == "actual" and read and read[2] and fact.unit and read[2] != fact.unit:
            return f"单位“{read[2]}”与该指标的度量单位“{fact.unit}”不同，请换算后填写。"
    if fact.kind not in NUMBERS:
        return None
    if not _PLAIN.fullmatch(value):
        return f"“{value[:40]}”不是数字，请只填写数字，不带单位。"
    whole, _, decimals = value.lstrip("-").partition(".")
    if len(whole) > limits.most_digits or len(decimals) > limits.most_decimals:
        return f"最多{limits.most_digits}位整数、{limits.most_decimals}位小数。"
    number = Decimal(value)
    if number < 0 and fact.kind is not ValueKind.AMOUNT:
        return f"{value}小于0。"
    return _beyond(fact, number, beside) if fact.kind is ValueKind.POINTS else None


def _beyond(fact: Fact, number: Decimal, beside: Mapping[str, str | None]) -> str | None:
    top = beside.get(fact.within) if fact.within else None
    if top is not None and number > Decimal(top):
        return f"得分{trimmed(number)}分高于分值{trimmed(Decimal(top))}分。"
    held = beside.get(fact.bounds) if fact.bounds else None
    if held is not None and number < Decimal(held):
        return f"分值{trimmed(number)}分低于得分{trimmed(Decimal(held))}分，请一并核对得分。"
    full = catalogue().limits.full_points
    return f"{trimmed(number)}分高于满分{trimmed(full)}分。" if number > full else None


def beside_of(found: Mapping[str, Fact], values: Mapping[str, str | None]) -> dict[str, str | None]:
    """All values by path (各项的现值), those of ``values`` in place of what was read."""
    return {path: fact.value for path, fact in found.items()} | dict(values)


def misfits(
    found: Mapping[str, Fact], values: Mapping[str, str | None], current: Mapping[str, str | None]
) -> dict[str, str]:
    """Which of several values entered together do not fit (不符的更正值): path -> why. All paths must be known.

    ``found`` are the facts as read, ``current`` the values that count before these corrections.
    """
    beside = {**current, **values}
    problems = {path: misfit(found[path], value, beside) for path, value in values.items()}
    return {path: problem for path, problem in problems.items() if problem}
