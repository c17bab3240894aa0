"""Announced numbers against the lists that follow (所列名单与数目)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import Computed, found, place, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.document import Source
from models.facts import Finding, Severity

_ANNOUNCED = re.compile(r"(?<!\d)(\d{1,2})[个家所项名]([\u4e00-\u9fff]{2,10})[，,：:]?(?:分别(?:为|是)|包括)[：:]?")
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
_QUOTED_LIST = re.compile(r"((?:“[^“”]{2,40}”(?:项目)?[、和及]?){2,12})等?(\d{1,2})个项目")
_FEWEST = 2


def _items(rest: str) -> list[str]:
    bare = _BRACKETS.sub("", rest)
    listed = re.split(r"[。；;]", bare)[0]
    return [one for one in re.split(r"、|，和|以及", listed) if one.strip()]


def _find(material: Material) -> Iterator[Finding]:
    for passage in material.passages:
        if passage.in_table:
            continue
        for match in _ANNOUNCED.finditer(passage.text):
            items = _items(passage.text[match.end() :])
            if len(items) < _FEWEST or any(re.search(r"[，,]|\d", one) for one in items):
                continue
            if items[-1].endswith("等") and Decimal(match.group(1)) > len(items):
                continue  # the list says itself that it is not complete
            yield _judge(
                passage.source,
                match.group(),
                Decimal(match.group(1)),
                items,
                passage.text[match.start() : match.end() + 60],
            )
        for match in _QUOTED_LIST.finditer(passage.text):
            items = re.findall(r"“[^“”]{2,40}”", match.group(1))
            yield _judge(passage.source, f"等{match.group(2)}个项目", Decimal(match.group(2)), items, match.group())


def _judge(source: Source, words: str, announced: Decimal, items: list[str], quote: str) -> Finding:
    values: Computed = {"announced": announced, "listed": str(len(items))}
    if announced == len(items):
        message = f"{spoken(source)}“{words}”与所列{len(items)}项相符。"
        return found("list-count", Severity.CONFIRMED, message, (place(source, quote),), **values)
    message = f"{spoken(source)}写明“{words}”，实际列出{len(items)}项，请核对。"
    return found("list-count", Severity.QUESTION, message, (place(source, quote),), **values)


CHECK = Check(
    code="list-count",
    title="所列名单与数目",
    what="“N个……分别为甲、乙、丙”或“甲”“乙”等N个项目，数一数实际列出几项。",
    example="“4个大队，分别为甲大队、乙大队、丙大队”。",
    doubt="名单中的顿号可能在名称内部；括号内的不计。",
    find=_find,
)
