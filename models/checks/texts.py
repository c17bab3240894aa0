"""Text cut off or written twice (文字残缺与重复)."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator

from models.checks.findings import found, place, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, Severity
from models.statements.text import Passage, clean

_LONG_CELL = 18
_ENDED = re.compile(r"[。；！？…）)”》.%]$|\d$|[万元个人次项年月日套台条份座件]$")
_DANGLING = re.compile(
    r"(?:破获|包括|以及|专用|用于|其中|按照|根据|为了|由于|将|(?<!参)与|(?<![温祥调])和|(?<![普涉波顾])及|(?<!合)并)$|[，、（(：:]$"
)
_CONTINUES = 12
_CLAUSE = 14
_ORDINAL = re.compile(r"(?<![第十百\d])([一二三四五六七八九十]{1,2})(是|要)(?=[\u4e00-\u9fff])")
# 支出支出决算 is a label followed by a heading, not a slip.
_DOUBLED = re.compile(
    r"(?!支出支出|收入收入|决算决算|预算预算)((?:(?![一二三四五六七八九十每逐])[\u4e00-\u9fff]){2,4})\1"
)
_DIGITS = {word: index for index, word in enumerate("一二三四五六七八九十", start=1)}


def _cut(material: Material) -> Iterator[Finding]:
    cells = [one for one in material.passages if one.in_table]
    places: list[FindingPlace] = []
    named: list[str] = []
    for cell in cells:
        if not _is_cut(cell, cells):
            continue
        tail = cell.text[-18:]
        places.append(place(cell.source, cell.text))
        named.append(f"{spoken(cell.source)}“…{tail}”")
    if places:
        message = f"以下单元格文字似未写完：{'；'.join(named)}，请补充完整。"
        yield found("text-cut-off", Severity.QUESTION, message, tuple(places), cells=str(len(places)))


def _is_cut(cell: Passage, cells: list[Passage]) -> bool:
    """A long cell without an end, and a reason to think it goes on: a dangling word or a longer copy elsewhere."""
    text = cell.text
    if len(text) < _LONG_CELL or _ENDED.search(text) or not re.search(r"[，。；]", text):
        return False
    if _DANGLING.search(text):
        return True
    tail = text[-_CONTINUES:]
    for other in cells:
        start = other.text.find(tail) if other is not cell else -1
        following = other.text[start + _CONTINUES : start + _CONTINUES + 1] if start >= 0 else ""
        if following and following not in "，。；、！）":
            return True
    return False


CUT = Check(
    code="text-cut-off",
    title="文字残缺",
    what="较长的单元格没有句末标点，且以动词、连词结尾，或别处有同样开头而更完整的文字。",
    example="“按需要购置专用”就此结束。",
    doubt="短语式的填写本来没有标点；只看较长而且悬空的文字。",
    find=_cut,
)


def _clauses(text: str) -> list[str]:
    parts = re.split(r"[。；;\n]", text)
    return [
        re.sub(
            r"^[：:，]?(?:[一二三四五六七八九十]+[是要]|[（(]?\d+[)）、.．]|[一二三四五六七八九十]、)", "", one
        ).strip("，： ")
        for one in parts
    ]


def _twice(material: Material) -> Iterator[Finding]:
    told: set[str] = set()
    for passage in material.passages:
        counts = Counter(one for one in _clauses(passage.text) if len(one) >= _CLAUSE)
        repeated = [one for one, count in counts.items() if count > 1]
        held = list(counts)
        for one in held:
            repeated.extend(
                other
                for other in held
                if other != one
                and other in one
                and one.count(other) == 1
                and len(other) >= _CLAUSE
                and f"{other}，" in one
                and other not in repeated
            )
        for clause in repeated:
            if clause in told:
                continue
            told.add(clause)
            message = f"{spoken(passage.source)}同一段内“{clause}”出现两次，请核对是否重复或有遗漏。"
            first = passage.text.find(clause)
            quote = passage.text[max(0, first - 6) : first + 2 * len(clause) + 24]
            yield found("text-twice", Severity.QUESTION, message, (place(passage.source, quote),))


def _words_twice(material: Material) -> Iterator[Finding]:
    for passage in material.passages:
        for match in _DOUBLED.finditer(passage.text):
            around = passage.text[max(0, match.start() - 10) : match.end() + 10]
            message = f"{spoken(passage.source)}“{around}”中“{match.group(1)}”连写了两次，请核对。"
            yield found("word-twice", Severity.QUESTION, message, (place(passage.source, around),))


WORDS = Check(
    code="word-twice",
    title="词语连写两次",
    what="两到四个字的词紧接着重复。",
    example="“台式台式电脑”。",
    doubt="极少数叠词（如“一个一个”）本来如此，已排除数字开头的。",
    find=_words_twice,
)


TWICE = Check(
    code="text-twice",
    title="同段重复",
    what="同一段或同一格内，十四字以上的分句重复出现。",
    example="“一是研判信息100条；二是研判信息100条”。",
    doubt="强调或对照的写法偶有重复。",
    find=_twice,
)


def _ordinals(material: Material) -> Iterator[Finding]:
    for passage in material.passages:
        marks = [(match.group(1), match.group(2), match.start()) for match in _ORDINAL.finditer(passage.text)]
        for (first, kind, start), (second, other, place_at) in itertools.pairwise(marks):
            if kind == other and first == second and first in _DIGITS and first != "一":
                one = re.split(r"[，。；]", passage.text[start : start + 40])[0]
                two = re.split(r"[，。；]", passage.text[place_at : place_at + 40])[0]
                message = f"{spoken(passage.source)}序号“{first}{kind}”连续用了两次（“{one}”“{two}”），请核对序号。"
                places = (place(passage.source, one), place(passage.source, two))
                yield found("ordinal-twice", Severity.QUESTION, message, places)


ORDINALS = Check(
    code="ordinal-twice",
    title="序号重复",
    what="同一段内“二要……二要……”之类相邻序号重复。",
    example="“一要…；二要…；二要…”。",
    doubt="两层列举紧挨着时可能误认。",
    find=_ordinals,
)


def _near_spellings(material: Material) -> Iterator[Finding]:
    """The same sentence in two places with one or two characters changed."""
    pairs: dict[str, tuple[Passage, str]] = {}
    for passage in material.passages:
        for clause in re.split(r"[。；，]", passage.text):
            if 8 <= len(clause) <= 30 and not re.search(r"\d", clause):
                pairs.setdefault(clean(clause), (passage, clause))
    by_shape: dict[str, list[str]] = {}
    for clause in pairs:
        for cut in (clause[: len(clause) // 2], clause[len(clause) // 2 :]):
            by_shape.setdefault(f"{len(clause)}|{cut}", []).append(clause)
    told: set[frozenset[str]] = set()
    for group in by_shape.values():
        for one, two in itertools.pairwise(group):
            odd = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
            key = frozenset((one, two))
            if len(odd) != 1 or key in told or (odd[0] not in _CONFUSED and odd[0][::-1] not in _CONFUSED):
                continue
            told.add(key)
            first, second = pairs[one][0], pairs[two][0]
            message = f"{spoken(first.source)}写作“{one}”，{spoken(second.source)}写作“{two}”，用字不同，请统一。"
            yield found(
                "spelling", Severity.INFORMATION, message, (place(first.source, one), place(second.source, two))
            )


# Pairs that are confused when typing or recognising Chinese official prose.
_CONFUSED = {
    ("慑", "摄"),
    ("慑", "镊"),
    ("账", "帐"),
    ("象", "像"),
    ("钟", "种"),
    ("既", "即"),
    ("制", "治"),
    ("做", "作"),
}

SPELLINGS = Check(
    code="spelling",
    title="用字不一",
    what="同一句话在两处只差一个易混字（如震慑与震摄），只作提示。",
    example="“震慑犯罪”与“震摄犯罪”。",
    doubt="仅提示，不影响评价。",
    find=_near_spellings,
)
