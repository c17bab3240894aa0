"""Names of projects and indicators that mean the same (名称是否相同): folded, without brackets, one slip apart at most."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from models.statements.text import clean

# What makes two names different things however alike they look: 一期 and 二期, 增 and 减.
_PLURAL = re.compile(r"[一二三四五六七八九十\d]")
_OPPOSITE = {
    frozenset(pair)
    for pair in (
        "增减",
        "升降",
        "上下",
        "前后",
        "内外",
        "男女",
        "新旧",
        "大小",
        "多少",
        "省市",
        "市县",
        "县区",
        "省县",
        "甲乙",
        "城乡",
        "正副",
    )
}
_CODE = re.compile(r"^[0-9A-Z]{10,}[-—]?")
NEAR = 0.8


def bare(name: str) -> str:
    """A name without quotation marks, brackets and the word 项目 behind it (名称主体)."""
    return re.sub(r"[“”\"'\s]|项目$|（.*?）|\(.*?\)", "", clean(name))


def likeness(one: str, two: str) -> float:
    """How alike two names are, 0 to 1 (名称相似度)."""
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def is_slip(one: str, two: str) -> bool:
    """Whether one character for another is a slip of the pen rather than another thing (是否笔误)."""
    cjk = "\u4e00" <= one <= "\u9fff" and "\u4e00" <= two <= "\u9fff"
    return cjk and not _PLURAL.search(one + two) and frozenset((one, two)) not in _OPPOSITE


def uncoded(name: str) -> str:
    """A project's name without the code before it (不带编码的项目名称)."""
    return bare(_CODE.sub("", clean(name)))


def near(one: str, two: str) -> bool:
    """Whether two bare names probably mean the same (名称相近): alike, and what differs tells no two things apart."""
    if likeness(one, two) < NEAR:
        return False
    odd_one, odd_two = _rest(one, two), _rest(two, one)
    opposite = any(frozenset((a, b)) in _OPPOSITE for a in odd_one for b in odd_two)
    return not _PLURAL.search(odd_one + odd_two) and not opposite


def _rest(one: str, two: str) -> str:
    """The characters of the first that the second does not have in the same order."""
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    kept = {place for block in blocks for place in range(block.a, block.a + block.size)}
    return "".join(character for place, character in enumerate(one) if place not in kept)


def nearest(name: str, others: Iterable[str]) -> str | None:
    """The one name that is probably meant (最相近的名称); None where there is none, or several."""
    alike = [other for other in others if near(name, other)]
    return alike[0] if len(alike) == 1 else None
