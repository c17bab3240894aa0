"""Numbers as a workbook shows them (单元格显示格式): 1 in the format ``0.00%`` is the text 100.00%."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from models.numbers import plain

GENERAL = "General"
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKET = re.compile(
    r"\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\s*\d+|[<>=]+[^\]]*|\$[^\]]*|DBNum\d)\]", re.I
)
_PATTERN = re.compile(r"[#0?,]*[#0?],*(?:\.[#0?]+)?|\.[#0?]+")
_DATE = re.compile(r"[ymdhs年月日]", re.IGNORECASE)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - workbook times have no zone
_GENERAL_DIGITS = 10


def is_date(form: str) -> bool:
    """Whether a number format shows a date or time (日期格式)."""
    bare = _QUOTED.sub("", re.sub(r"\[[^\]]*\]", "", form.split(";")[0]))
    return bare.lower() != "general" and not re.search(r"[#0?]", bare) and _DATE.search(bare) is not None


def shown(value: object, form: str = GENERAL, *, from_1904: bool = False) -> str:
    """A cell value as text (显示文字). ``form`` is its Excel number format."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case datetime():
            return _date_text(value)
        case date():
            return f"{value.year}年{value.month}月{value.day}日"
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            return str(value)
        case int() | float() | Decimal():
            number = Decimal(str(value))
            if not number.is_finite():
                return str(value)
            if is_date(form) and 0 <= number < 2_958_466:
                return _date_text((_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=float(number)))
            return _number(number, form)
        case _:
            return str(value)


def _date_text(moment: datetime) -> str:
    day = f"{moment.year}年{moment.month}月{moment.day}日"
    return day if (moment.hour, moment.minute) == (0, 0) else f"{day} {moment:%H:%M}"


def _general(number: Decimal) -> str:
    """As Excel writes a number without a format (常规格式): no float dust, no exponent, no trailing zeros."""
    short = (
        number.quantize(Decimal(1).scaleb(-_GENERAL_DIGITS), rounding=ROUND_HALF_UP) if abs(number) < 10**15 else number
    )
    text = plain(short)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(number: Decimal, form: str) -> str:
    sections = form.split(";")
    section = sections[0]
    is_negative_section = number < 0 and len(sections) > 1 and bool(sections[1].strip())
    if is_negative_section:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    section = _BRACKET.sub("", section)
    if "general" in section.lower() or "@" in section or re.search(r"[eE][+-]|/", section):
        return _general(number)
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        text = match[1] if match[1] is not None else match[2] or ""
        literals.append(text)
        return "\ue000" if text else ""

    bare = _QUOTED.sub(keep, section)
    pattern = _PATTERN.search(bare)
    if pattern is None:
        return _restore(bare, literals) if bare.strip() or literals else ""
    body = pattern[0]
    scale = bare.count("%")
    number *= 100**scale
    whole, _, fraction = body.partition(".")
    thousands = len(whole) - len(whole.rstrip(","))  # a comma at the end divides by a thousand
    number /= 1000**thousands
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    text = format(rounded, ",f") if "," in whole.rstrip(",") else format(rounded, "f")
    digits_before, _, rest = text.partition(".")
    least = whole.count("0")
    if len(digits_before.lstrip("-")) < least:
        sign = "-" if digits_before.startswith("-") else ""
        text = sign + digits_before.lstrip("-").zfill(least) + (f".{rest}" if rest else "")
    optional = len(fraction) - len(fraction.rstrip("#?"))
    if optional and "." in text:
        digits = text.rstrip("0")
        keep_to = len(text) - optional
        text = text[: max(len(digits), keep_to)].rstrip(".")
    if rounded == 0:
        text = text.lstrip("-")
    shown_text = bare[: pattern.start()] + text + bare[pattern.end() :]
    return _restore(shown_text, literals).strip()


def _restore(text: str, literals: list[str]) -> str:
    kept = iter([literal for literal in literals if literal])
    return re.sub("\ue000", lambda _: next(kept, ""), text)
