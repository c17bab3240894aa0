"""Quantities stated in running text (数量陈述): label, value, unit, year, and what kind of statement it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.document import Source
from models.statements.text import Sentence, shortened


class Kind(StrEnum):
    """How a figure is meant (陈述类型)."""

    LEVEL = "level"  # an amount or a number of things
    BASIS = "basis"  # what is compared with: 与上年100万元相比
    RISE = "rise"  # 增加5万元
    FALL = "fall"  # 减少5万元
    GROWTH = "growth"  # 增长5%
    DROP = "drop"  # 下降5%
    SHARE = "share"  # 占5%
    DONE = "done"  # 完成预算的98%
    RATE = "rate"  # any other percentage


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as printed (一个数字). ``amount`` is in 万元 for money; ``step`` is the last printed decimal in that unit."""

    label: str
    value: Decimal
    unit: str
    amount: Decimal | None
    step: Decimal
    kind: Kind
    year: str | None
    sentence: Sentence
    start: int
    end: int

    @property
    def is_money(self) -> bool:
        """Whether the figure is an amount of money (是否金额)."""
        return self.amount is not None

    @property
    def printed(self) -> str:
        """The figure as it stands in the text (原文写法)."""
        return self.sentence.text[self.start : self.end]

    @property
    def quote(self) -> str:
        """The clause around the figure (所在分句)."""
        text = self.sentence.text
        left = max(text.rfind(mark, 0, self.start) for mark in "；;") + 1
        rights = [place for mark in "；;。" if (place := text.find(mark, self.end)) >= 0]
        return shortened(text[left : min(rights) if rights else len(text)])

    @property
    def source(self) -> Source:
        """The place with the clause as its quote (出处)."""
        return self.sentence.passage.source.model_copy(update={"quote": self.quote})


_MONEY = {"亿元": Decimal(10000), "万元": Decimal(1), "元": Decimal("0.0001")}
_MEASURES = (
    "场次|人次|批次|案件数|件次|个月|平方米|公里|公顷|千米|小时|名|人|个|台|辆|套|件|起|次|场|处|张|"
    "条|座|份|户|家|所|支|项|组|枚|册|部|吨|亩|天|年|盒|本|间|栋|篇|只|头|株"
)
_NUMBER = re.compile(
    rf"(?<![\d.A-Za-z〔\[（(第×*-])(\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(亿元|万元|元|%|万余?|余?)({_MEASURES})?"
)
_YEAR = re.compile(r"(20\d{2})年")
_UP = re.compile(r"(?:增加|增长|增多|上升|提高|增幅|多)(?:了|达到?|为|约|近)?$")
_DOWN = re.compile(r"(?:减少|下降|降低|降幅|减幅|压减|少)(?:了|达到?|为|约|近)?$")
_COMPARED_AFTER = re.compile(r"^(?:相比|比较|相较)")
_COMPARED = re.compile(r"(?:相比|比|较)(?:20\d{2}年度?|上年度?|去年|年初|预算|调整)[^，；。]*$|^(?:与|同|较|比)")
_DONE = re.compile(r"(?:完成|执行率|执行进度|支出进度|到位率|为?预算的)[^，；]*$")
_MONEY_NOUN = re.compile(r"(?:费|预算|资金|经费|金额|支出|收入|拨款|投入|补助|贴)[^，；。]{0,6}$")
_BOUNDARY = "，。；：:、（()）,;！!？?\n"


def _label(text: str, start: int, floor: int) -> str:
    left = max([floor, *[text.rfind(mark, floor, start) + 1 for mark in _BOUNDARY]])
    return text[left:start]


def _money(value: Decimal, unit: str, measure: str | None, label: str) -> tuple[Decimal | None, str]:
    if unit in _MONEY and measure is None:
        return value * _MONEY[unit], unit
    if unit == "万" and measure is None and _MONEY_NOUN.search(label):
        return value, "万元"
    return None, (unit.replace("余", "") + (measure or "")) or ""


def _kind(label: str, unit: str, after: str) -> Kind:
    if _UP.search(label):
        return Kind.GROWTH if unit == "%" else Kind.RISE
    if _DOWN.search(label):
        return Kind.DROP if unit == "%" else Kind.FALL
    if unit == "%":
        if "占" in label:
            return Kind.SHARE
        return Kind.DONE if _DONE.search(label) else Kind.RATE
    if _COMPARED_AFTER.match(after) and label.startswith(("与", "同", "较", "比")):
        return Kind.BASIS
    return Kind.BASIS if _COMPARED.search(label) else Kind.LEVEL


def figures(sentence: Sentence, year: str | None = None) -> tuple[Figure, ...]:
    """All quantities of a sentence (句中数量) in order. ``year`` applies until the sentence names another.

    Years, dates, document numbers, list numbers and bare numbers without a unit are not quantities.
    """
    text = sentence.text
    found: list[Figure] = []
    floor = 0
    current = year
    seen_years = 0
    for match in _NUMBER.finditer(text):
        number, unit, measure = match.group(1), match.group(2), match.group(3)
        if not unit and not measure:
            continue
        after = text[match.end() : match.end() + 4]
        if measure == "年" and len(number) == 4:
            continue
        if measure == "年" and after[:1] in "度末底初":
            continue
        if (
            unit in ("万", "余", "万余")
            and measure is None
            and not _MONEY_NOUN.search(_label(text, match.start(), floor))
        ):
            continue
        label = _label(text, match.start(), floor)
        years = list(_YEAR.finditer(text, seen_years, match.start()))
        if years:
            named = years[-1]
            seen_years = named.end()
            lead = text[max(0, named.start() - 2) : named.start()]
            closes = lead.endswith(("与", "较", "比", "同")) and not lead.endswith("相比")
            own: str | None = named.group(1)
            current = current if closes and current else own
        else:
            own = current
        if re.search(r"(?:上年度?|去年)(?!结转|结余|度?结转)", label):
            own = str(int(current) - 1) if current else None
        value = Decimal(number.replace(",", ""))
        amount, shown = _money(value, unit, measure, label)
        decimals = len(number.partition(".")[2])
        step = Decimal(1).scaleb(-decimals) * (_MONEY.get(shown, Decimal(1)) if amount is not None else 1)
        found.append(
            Figure(
                label=label,
                value=value,
                unit=shown,
                amount=amount,
                step=step,
                kind=_kind(label, shown, after),
                year=own,
                sentence=sentence,
                start=match.start(),
                end=match.end(),
            )
        )
        floor = match.end()
    return tuple(found)
