"""One amount of money stated twice with different values (同一金额前后不一)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from models.checks.findings import CENT, at, found, number, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.figures import Figure

_FUNDS = re.compile(
    r"一般公共预算|政府性基金预算|国有资本经营预算|社会保险基金预算|完成预算|预算(?:数)?(?:持平|一致)|等于预算数|预算绩效"
)
_EARLIER_WORDS = 60


def _role(figure: Figure) -> str:
    """Whether an amount is planned or spent (预算口径或决算口径), from the words before it in its sentence."""
    before = _FUNDS.sub("", figure.sentence.text[max(0, figure.start - _EARLIER_WORDS) : figure.start])
    marks = [
        (before.rfind(word), role)
        for word, role in (("预算", "planned"), ("决算", "spent"), ("实际", "spent"), ("执行", "spent"))
    ]
    best = max(marks)
    return best[1] if best[0] >= 0 else "spent"


def _name(figure: Figure, words: dict[str, Any]) -> str | None:
    """The account an amount belongs to; a label that narrows it (国内…、财政拨款…) is another quantity."""
    narrower = re.compile("|".join(words["narrower"]))
    for name, pattern in words["amounts"].items():
        match = re.search(rf"(?:^|[^及和与、])(?:{pattern})$", figure.label)
        if match and not narrower.search(figure.label[: match.start() + 1]):
            return name
    return None


def _find(material: Material) -> Iterator[Finding]:
    words: dict[str, Any] = word_list("amounts")
    groups: dict[tuple[str, str | None, str], dict[Decimal, Figure]] = {}
    for one in material.levels():
        name = _name(one, words) if one.amount else None
        if name is None or one.amount is None or one.sentence.passage.in_table:
            continue
        key = (name, one.year or material.year, _role(one))
        groups.setdefault(key, {}).setdefault(one.amount, one)
    for (name, year, _), values in groups.items():
        shown = list(values.values())
        for one, two in itertools.pairwise(shown):
            yield _pair(name, year, one, two, sure=name not in words["asked_only"])


def _pair(name: str, year: str | None, one: Figure, two: Figure, sure: bool) -> Finding:
    first, second = one.amount or Decimal(0), two.amount or Decimal(0)
    gap = abs(first - second)
    said = (
        f"{year or '同'}年{name}，{spoken(one.source)}为{one.printed}（“{one.label}”），"
        f"{spoken(two.source)}为{two.printed}（“{two.label}”）"
    )
    computed = {"first": first, "second": second, "difference": gap}
    if gap <= CENT or (gap < max(one.step, two.step)):
        return found(
            "amount-stated-twice", Severity.INFORMATION, f"{said}，差额属于四舍五入。", at(one, two), **computed
        )
    message = f"{said}，两处相差{number(gap)}万元，请核对。"
    same_passage = one.sentence.passage is two.sentence.passage
    severity = Severity.ERROR if sure and not same_passage else Severity.QUESTION
    return found("amount-stated-twice", severity, message, at(one, two), **computed)


CHECK = Check(
    code="amount-stated-twice",
    title="同一金额前后不一",
    what="口径明确的金额（如政府采购货物、公务接待费、机关运行经费）在不同段落写了两个数值；年度、预算或决算口径相同才比较。",
    example="正文“政府采购货物支出68万元”，附件“政府采购货物62万元”。",
    doubt="附件可能只指本级或财政拨款部分；同一段内出现两个数值的只作待核实。",
    find=_find,
)
