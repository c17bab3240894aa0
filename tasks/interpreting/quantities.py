"""Numbers as printed and as meant (数值解析): ``≥95%``, ``不低于 95 %``, ``＝2023年``, ``$\\geq 97\\%.$``, ``1,200.50万元``.

Text is not a number and blank is not zero: what is not wholly a number with sign and unit stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from models.facts import Operator
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.text import folded, half_width, squeezed

NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
UNKNOWN_UNIT = 0.8


@dataclass(frozen=True)
class Quantity:
    """A number with its sign and unit (数量). ``sure`` is below 1 where the unit is a guess."""

    value: Decimal
    operator: Operator | None = None
    unit: str | None = None
    sure: float = 1.0


def plain_signs(text: str) -> str:
    """LaTeX and full-width signs as ordinary ones (符号归一), white space folded; the rest as printed."""
    for code, sign in lexicon().quantities["latex"].items():
        text = text.replace(code + " ", sign).replace(code, sign)
    if "$" in text:
        text = re.sub(r"\$\s*([^$]*?)\s*\$", r"\1", text)
    return folded(re.sub(r"(?<=[≥≤])\s+(?=\d)", "", text.replace("≧", "≥").replace("≦", "≤").replace("％", "%")))


def decimal_of(text: str | None) -> Decimal | None:
    """A bare number, with or without 分, %, 万元 after it (单独的数), or None; ``/``, blank and words are None."""
    found = re.fullmatch(rf"\(?({NUMBER})(?:分|%|‰|万元|元|亿元)?\)?", squeezed(plain_signs(text or "")))
    return Decimal(found[1].replace(",", "")) if found else None


def is_not_applicable(text: str) -> bool:
    """Whether a dash, a stroke or 无 stands there (不适用)."""
    return squeezed(text).rstrip("。.") in {squeezed(one) for one in lexicon().quantities["not_applicable"]}


@lru_cache(maxsize=1)
def _grammar() -> tuple[re.Pattern[str], dict[str, Operator], dict[str, Operator]]:
    words = lexicon().quantities
    signs = {half_width(word): Operator(sign) for sign, group in words["signs"].items() for word in group}
    suffixes = {half_width(word): Operator(sign) for sign, group in words["suffixes"].items() for word in group}

    def longest_first(options: dict[str, Operator]) -> str:
        return "|".join(re.escape(one) for one in sorted(options, key=len, reverse=True))

    pattern = re.compile(
        rf"(?:{'|'.join(words['fillers'])})?(?P<sign>{longest_first(signs)})?(?P<number>{NUMBER})(?P<unit>[^\d≥≤<>=,;:。；，：]*?)"
        rf"(?P<suffix>{longest_first(suffixes)})?[.。;]?"
    )
    return pattern, signs, suffixes


@lru_cache(maxsize=1)
def _units() -> frozenset[str]:
    words = lexicon().quantities
    return frozenset(half_width(u) + half_width(t) for u in words["units"] for t in ["", *words["unit_tails"]])


def is_known_unit(text: str) -> bool:
    """Whether the word is a unit of the list (已知计量单位)."""
    return squeezed(text) in _units()


def quantity(text: str, *, strict_unit: bool = False) -> Quantity | None:
    """The quantity a cell holds, or None where it holds words, a range, several numbers or nothing (单元格数值).

    A number followed by a remark in brackets (``20万（办公用品）``) counts; one led by words (``总计3万元``) does not.
    ``strict_unit`` accepts only units of the list, for text that may end in a number by accident.
    """
    plain = squeezed(plain_signs(text))
    remark = re.fullmatch(r"([^()]*\d[^()]*)\([^()]*\)[.。]?", plain)
    for candidate in (plain, remark[1] if remark else None):
        found = _one_quantity(candidate, strict_unit) if candidate else None
        if found is not None:
            return found
    return None


def _one_quantity(plain: str, strict_unit: bool) -> Quantity | None:
    pattern, signs, suffixes = _grammar()
    found = pattern.fullmatch(plain)
    if found is None:
        return None
    unit, sure = found["unit"], 1.0
    if unit == "年" and len(found["number"]) == 4 and found["suffix"]:
        return None  # 2024年以内 is a date, not a span of years
    if unit and unit not in _units():
        strange = set(unit) & set(lexicon().quantities["not_in_units"])
        if strict_unit or strange or len(unit) > 3 or not re.fullmatch(r"[\u4e00-\u9fffA-Za-z]+", unit):
            return None
        sure = UNKNOWN_UNIT
    operator = signs.get(found["sign"] or "") or suffixes.get(found["suffix"] or "")
    return Quantity(Decimal(found["number"].replace(",", "")), operator, unit or None, sure)


def named_quantity(text: str) -> tuple[str, str, Quantity] | None:
    """A name and the quantity behind it (名称+数值): ``运维费用≤77.96万元``; returns name, printed target, quantity."""
    plain = plain_signs(text).rstrip("。.；; ")
    pattern, *_ = _grammar()
    for start in range(2, len(plain)):
        rest = plain[start:].strip()
        if not rest or plain[start].isspace() or not pattern.fullmatch(squeezed(rest)):
            continue
        if plain[start].isdigit() and (plain[start - 1].isdigit() or plain[start - 1] in ".,-"):
            continue
        value = quantity(rest, strict_unit=True)
        if value is not None:
            return folded(plain[:start]).rstrip(":：.．为达到 "), rest, value
    return None


def operator_of(text: str) -> tuple[Operator | None, bool]:
    """The sign a cell of the column 指标性质 names (指标性质), and whether the word is known."""
    words = lexicon().quantities
    plain = squeezed(plain_signs(text))
    if plain in words["text_signs"]:
        return Operator.TEXT, True
    if not plain or plain in words["no_signs"]:
        return None, True
    sign = _grammar()[1].get(plain)
    return sign, sign is not None


def in_ten_thousands(text: str, unit: str | None) -> Decimal | None:
    """An amount in 万元 (折算为万元) from its digits and its printed unit; None where the unit is no money."""
    factor = lexicon().quantities["money_units"].get(unit or "万元")
    if factor is None:
        return None
    value = Decimal(text.replace(",", ""))
    # 500000元 is 50, not 50.0000; amounts printed in 万元 keep the decimals they were printed with.
    return value if Decimal(factor) == 1 else (value * Decimal(factor)).normalize() + Decimal(0)
