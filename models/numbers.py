"""Decimal numbers as they travel: plain decimal strings in JSON, never floats, never exponents (数值)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import PlainSerializer


def plain(value: Decimal) -> str:
    """Write a number in plain decimal (数值的普通写法): ``Decimal("9E+1")`` becomes ``"90"``."""
    return format(value, "f")


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Round half up (四舍五入) to ``places`` decimals, as every official table does."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def trimmed(value: Decimal) -> str:
    """Write a number for people (去掉末尾的零): ``82.50`` becomes ``"82.5"``, ``90.00`` becomes ``"90"``."""
    text = plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


Number = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
