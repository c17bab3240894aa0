"""Statements of change (增减陈述): what grew or fell, by how much, against what, and the rate printed beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.statements.figures import Figure, Kind
from models.statements.labels import core, same_name

_TAIL = re.compile(r"(?:增加|增长|增多|上升|提高|减少|下降|降低|压减)(?:了|达到?|为|约|近)?$")
_AGAINST = re.compile(r"(?:相比|相较|比|较|与|同)(?:于)?(?:20\d{2}年度?|上一?年度?|去年|年初|调整|预算|相比)")
_BASES = (
    ("adjusted", re.compile(r"调整后?的?预算")),
    ("initial", re.compile(r"年初预算")),
    ("year", re.compile(r"(20\d{2})年|上一?年度?|去年|同比")),
    ("budget", re.compile(r"预算")),
)
_COMPARE = re.compile(r"相比|相较|较|比|与|同")


@dataclass(frozen=True, slots=True)
class Change:
    """One statement of change (一处增减). ``current`` and ``basis`` are set where the same clause prints them."""

    subject: str
    basis_kind: str | None
    by: Figure
    rate: Figure | None
    current: Figure | None
    basis: Figure | None

    @property
    def signed(self) -> int:
        """+1 for a rise, -1 for a fall (增减方向)."""
        return 1 if self.by.kind is Kind.RISE else -1


def _clause_start(figure: Figure) -> int:
    return max(figure.sentence.text.rfind(mark, 0, figure.start) for mark in "；;") + 1


def _subject(figure: Figure) -> str:
    label = _TAIL.sub("", figure.label)
    against = _AGAINST.search(label)
    if against is None:
        return label
    before = label[: against.start()].removeprefix("其中")
    if core(before):
        return before
    return re.sub(
        r"^(?:20\d{2}年度?|上一?年度?|去年|年初|调整|预算数?|相比)+",
        "",
        label[against.start() + 1 :].removeprefix("比"),
    )


def _basis_kind(figure: Figure) -> str | None:
    """What the change is measured against, read backwards from the number: the nearest words of comparison decide."""
    text = figure.sentence.text[: figure.start]
    start = _clause_start(figure)
    for part in (text[start:], text[:start]):
        marks = list(_COMPARE.finditer(part))
        for mark in reversed(marks):
            window = part[mark.start() : mark.start() + 18]
            for kind, pattern in _BASES:
                if pattern.search(window):
                    return kind
    return None


def _belongs(subject: str, level: Figure) -> bool:
    wanted = core(subject)
    return not wanted or same_name(subject, level.label) or wanted in core(level.label)


def _fitting(levels: Sequence[Figure], bases: Sequence[Figure], by: Figure) -> Figure:
    """The amount that changed: of several in the clause the one that fits the change, else the last."""
    if bases:
        for one in levels:
            if abs((one.amount or 0) - (bases[-1].amount or 0)) == by.amount:
                return one
    return levels[-1]


def _is_earlier(level: Figure, figures: Sequence[Figure]) -> bool:
    named = [one.year for one in figures if one.year]
    return level.year is not None and bool(named) and level.year < max(named)


def changes(figures: Sequence[Figure]) -> tuple[Change, ...]:
    """The changes among the figures of one sentence (句中增减), in order."""
    found: list[Change] = []
    floor = 0
    for index, by in enumerate(figures):
        if by.kind not in (Kind.RISE, Kind.FALL) or not by.is_money:
            continue
        start = max(floor, _clause_start(by))
        subject = _subject(by)
        before = [one for one in figures[:index] if one.start >= start and one.is_money]
        levels = [one for one in before if one.kind is Kind.LEVEL and _belongs(subject, one)]
        bases = [one for one in before if one.kind is Kind.BASIS]
        if levels and not bases and _is_earlier(levels[-1], figures):
            # 相比2023年…；其中某支出10万元，增加5万元: the amount printed here is that of the earlier year.
            bases, subject, levels = [levels[-1]], subject or levels[-1].label, []
        if not core(subject):
            subject = levels[-1].label if levels else _AGAINST.sub("", bases[-1].label) if bases else subject
        follower = figures[index + 1] if index + 1 < len(figures) else None
        rated = follower is not None and follower.kind in (Kind.GROWTH, Kind.DROP) and follower.start - by.end <= 16
        found.append(
            Change(
                subject=subject,
                basis_kind=_basis_kind(by),
                by=by,
                rate=follower if rated else None,
                current=_fitting(levels, bases, by) if levels else None,
                basis=bases[-1] if bases else None,
            )
        )
        floor = by.end
    return tuple(found)
