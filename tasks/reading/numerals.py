"""Automatic list numbers as Word prints them (自动编号的数字格式)."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def counting(number: int, digits: str = _DIGITS, units: tuple[str, ...] = ("", "十", "百", "千")) -> str:
    """A Chinese counting number (中文数字), 1 to 9999: 10 十, 21 二十一, 105 一百零五."""
    if not 0 < number < 10_000:
        return str(number)
    out = ""
    for power in range(len(units) - 1, -1, -1):
        digit = number // 10**power % 10
        if digit:
            out += digits[digit] + units[power]
        elif out and number % 10**power and not out.endswith(digits[0]):
            out += digits[0]
    return out[1:] if out.startswith(digits[1] + "十") else out


def roman(number: int) -> str:
    """A lower-case Roman numeral (罗马数字), 1 to 3999."""
    if not 0 < number < 4000:
        return str(number)
    out = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        out += letters * count
    return out


def letters(number: int) -> str:
    """a, b, ... z, aa, bb as Word counts (字母编号)."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1000 else str(number)


def _from(first: str, most: int, number: int) -> str:
    return chr(ord(first) + number - 1) if 0 < number <= most else str(number)


def _cycle(names: str, number: int) -> str:
    return names[(number - 1) % len(names)] if number > 0 else str(number)


def formatted(number: int, form: str) -> str:
    """``number`` in a Word number format (w:numFmt) such as ``chineseCounting``; unknown formats come out decimal."""
    match form:
        case "chineseCounting" | "chineseCountingThousand" | "japaneseCounting" | "taiwaneseCounting":
            return counting(number)
        case "taiwaneseCountingThousand" | "koreanCounting" | "ideographDigital" | "japaneseDigitalTenThousand":
            return counting(number)
        case "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal":
            return counting(number, _LEGAL, ("", "拾", "佰", "仟"))
        case "ideographTraditional":
            return _cycle(_STEMS, number)
        case "ideographZodiac":
            return _cycle(_BRANCHES, number)
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese":
            return _from("①", 20, number)
        case "decimalEnclosedParen":
            return _from("⑴", 20, number)
        case "decimalEnclosedFullstop":
            return _from("⒈", 20, number)
        case "decimalFullWidth" | "decimalFullWidth2":
            return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
        case "decimalZero":
            return f"{number:02d}"
        case "upperRoman":
            return roman(number).upper()
        case "lowerRoman":
            return roman(number)
        case "upperLetter":
            return letters(number).upper()
        case "lowerLetter":
            return letters(number)
        case _:
            return str(number)
