"""Parts and totals in running text (分项与合计): what follows 其中 must add up to what stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from models.checks.findings import at, found, judged, number, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure, Kind
from models.statements.text import Passage, Sentence

_LEAD = re.compile(
    r"主要用于以下(?:几个)?方面[：:]|其中[：:，,]?|（包括[：:]?|[，,]包括[：:]?|(?<=元)（(?=[^（）]*元[^（）]*元)"
)
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
_FUNDS = re.compile(r"一般公共预算|政府性基金预算|国有资本经营预算|社会保险基金预算")
_NEARLY_ALL = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A total with its parts (总数与分项)."""

    total: Figure
    parts: tuple[Figure, ...]

    @property
    def is_money(self) -> bool:
        return self.total.is_money

    @property
    def unit(self) -> str:
        """The unit that sizes are in (计量单位)."""
        return "万元" if self.is_money else self.total.unit

    def size(self, figure: Figure) -> Decimal:
        """The part in the unit of the total (分项数值)."""
        return figure.amount if figure.amount is not None else figure.value


def _depth(text: str) -> int:
    return sum(text.count(mark) for mark in "（(") - sum(text.count(mark) for mark in "）)")


def _parts(total: Figure, following: list[Figure], start: int, inside: bool) -> tuple[Figure, ...]:
    taken: list[Figure] = []
    for one in following:
        between = one.sentence.text[
            (taken[-1].end if taken and taken[-1].sentence is one.sentence else start) : one.start
        ]
        if _depth(one.sentence.text[start : one.start]) < 0:
            break  # the bracket that holds this list is closed
        if taken and "其中" in _BRACKETS.sub("", between):
            break
        if one.kind is Kind.BASIS and one.label.startswith("相比20"):
            break
        if one.kind is not Kind.LEVEL or one.is_money != total.is_money:
            continue
        if not inside and _depth(one.sentence.text[start : one.start]) > 0:
            continue
        if not one.is_money and one.unit != total.unit:
            continue
        if taken and one.year != taken[0].year:
            break
        taken.append(one)
    return tuple(taken)


def _breakdowns(passage: Passage, here: list[Figure]) -> Iterator[Breakdown]:
    ordered = sorted(here, key=lambda one: (one.sentence.start, one.start))
    texts = {one.sentence.start: one.sentence for one in ordered}
    for sentence in texts.values():
        own = [one for one in ordered if one.sentence is sentence]
        for lead in _LEAD.finditer(sentence.text):
            inside = "（" in lead.group()
            before = [one for one in own if one.end <= lead.start() and one.kind is Kind.LEVEL]
            if inside:
                before = [one for one in before if lead.start() - one.end <= 1]
            elif not before and lead.start() == 0:
                before = _earlier_totals(ordered, sentence)
                if len(before) > 1:
                    following = [one for one in own if one.start >= lead.end()]
                    whole = sum(
                        (one.amount or one.value for one in _parts(before[0], following, lead.end(), inside)),
                        Decimal(0),
                    )
                    before = [one for one in before if (one.amount or one.value) == whole]
            elif before:
                before = _heads(before, lead.start())
            if before:
                total = before[-1]
                following = [one for one in own if one.start >= lead.end()]
                yield Breakdown(total=total, parts=_alike(total, _parts(total, following, lead.end(), inside)))


def _earlier_totals(ordered: list[Figure], sentence: Sentence) -> list[Figure]:
    """The amounts of the sentence right before one that begins with 其中; of several, only a fitting one is the total."""
    earlier = [one for one in ordered if one.sentence.start < sentence.start]
    last = earlier[-1].sentence if earlier else None
    if last is None or last.start + len(last.text) != sentence.start:
        return []
    return [one for one in earlier if one.sentence is last and one.kind is Kind.LEVEL]


def _role(figure: Figure) -> str | None:
    label = _FUNDS.sub("", figure.label)
    if re.search(r"决算|执行|实际", label):
        return "spent"
    return "planned" if "预算" in label else None


def _alike(total: Figure, parts: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Where planned and spent amounts are listed in turn, only those of the total's kind are its parts."""
    roles = {_role(one) for one in parts}
    if not {"planned", "spent"} <= roles:
        return parts
    wanted = _role(total) or "spent"
    return tuple(one for one in parts if _role(one) in (wanted, None))


def _heads(before: list[Figure], lead: int) -> list[Figure]:
    """Candidates for the total: a list of several amounts before 其中 leaves only the last one, if it is adjacent."""
    last = before[-1]
    gap = last.sentence.text[last.end : lead]
    if len(gap) <= 24 and "；" not in gap:
        return [last]
    return []


def _compare(kind: Breakdown) -> Iterator[Finding]:
    sizes = [kind.size(one) for one in kind.parts]
    if not sizes or (len(sizes) < 2 and sizes[0] <= kind.size(kind.total)):
        return
    total, whole = kind.size(kind.total), sum(sizes, Decimal(0))
    step = max(one.step for one in (kind.total, *kind.parts))
    places = at(kind.total, *kind.parts)
    names = "、".join(f"{one.label.removeprefix('其中') or '分项'}{one.printed}" for one in kind.parts)
    where = spoken(kind.total.source)
    said = f"{where}写明“{kind.total.label}{kind.total.printed}”，所列分项{names}"
    computed = {"sum": whole, "total": total, "difference": whole - total}
    grade = judged(whole - total, len(sizes) + 1, step)
    if grade is Severity.CONFIRMED:
        yield found("sum-of-parts", grade, f"{said}，合计正好相符。", places, **computed)
        return
    if grade is Severity.INFORMATION:
        yield found(
            "sum-of-parts", grade, f"{said}，合计{number(whole)}{kind.unit}，差额属于四舍五入。", places, **computed
        )
        return
    reached = [count for count in range(2, len(sizes)) if sum(sizes[:count], Decimal(0)) == total]
    if reached:
        rest = "、".join(f"{one.label}{one.printed}" for one in kind.parts[reached[0] :] if kind.size(one))
        if kind.is_money and rest and len(sizes) - reached[0] == 1:
            message = (
                f"{said}；前{reached[0]}项之和已等于总额，“{rest}”也列在其中，合计为{number(whole)}万元，请核对口径。"
            )
            yield found("sum-of-parts", Severity.QUESTION, message, places, **computed)
        else:
            yield found(
                "sum-of-parts", Severity.CONFIRMED, f"{said}，前{reached[0]}项合计与总数相符。", places, sum=total
            )
        return
    gap = f"{number(whole - total)}{kind.unit}"
    message = f"{said}，合计为{number(whole)}{kind.unit}，与总数相差{gap}，请核对。"
    if whole > total:
        sure = kind.is_money and _distinct(kind)
        yield found("sum-of-parts", Severity.ERROR if sure else Severity.QUESTION, message, places, **computed)
    elif kind.is_money and whole >= total * _NEARLY_ALL:
        yield found("sum-of-parts", Severity.QUESTION, message, places, **computed)


def _distinct(kind: Breakdown) -> bool:
    """Whether the parts look like parts of one list: named, none twice, none a total of its own (是否并列)."""
    labels = [one.label for one in kind.parts]
    listed = all(labels) and len(set(labels)) == len(labels)
    close = all(second.start - first.end <= 60 for first, second in pairwise(kind.parts))
    return listed and close


def _find(material: Material) -> Iterator[Finding]:
    for passage in material.passages:
        here = list(material.of_passage(passage))
        if len(here) >= 2:
            for kind in _breakdowns(passage, here):
                yield from _compare(kind)


CHECK = Check(
    code="sum-of-parts",
    title="分项之和与合计",
    what="“其中”“包括”之后所列各项相加，与前面的总数比较；每加一项允许末位相差1。",
    example="总额100万元，其中甲60万元、乙45万元：合计105万元。",
    doubt="所列分项可能没有列全，也可能互相包含；列得不全的不作错误，项数与总数口径不一的作为待核实。",
    find=_find,
)
