"""What can be corrected in a reading (可更正的事实): every value with its stable path, its place and its bounds.

A path names a value by the words of the report, not by its place in the file: ``self_score``, ``rubric/目标实现/score``,
``projects/<name>/executed``, ``indicators/<project>/<indicator>#2/actual``. ``#2`` is the second row of one name; ``-``
stands for the department as a whole; ``%``, ``/`` and ``#`` inside a name are written ``%25``, ``%2F`` and ``%23``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from models.document import Frozen, Source
from models.facts import (
    IndicatorLine,
    MoneyFact,
    Operator,
    Passage,
    Question,
    Read,
    ReportFacts,
    ReportKind,
)
from models.numbers import Number, trimmed

QUESTIONS = "questions"
DEPARTMENT = "-"


class ValueKind(StrEnum):
    """What a value is (数值类型)."""

    POINTS = "points"
    AMOUNT = "amount"
    PERCENT = "percent"
    YEAR = "year"
    TEXT = "text"
    QUANTITY = "quantity"
    ANSWER = "answer"  # to a question of the reader


class Limits(Frozen):
    """Bounds of a corrected value (更正值的界限)."""

    full_points: Number
    uncertain_below: Number
    most_digits: int
    most_decimals: int
    longest_text: int


class FieldSpec(Frozen):
    """One correctable field (可更正的字段)."""

    label: str
    kind: ValueKind
    within: str | None = None


class RowSpec(Frozen):
    """One kind of row (可更正的行) with its label, in which {name} and {owner} are filled in."""

    label: str
    fields: dict[str, FieldSpec]


class FundLabels(Frozen):
    """The parts of a key ``fund_<source>_<column>`` in words (资金来源与栏次)."""

    sources: dict[str, str]
    columns: dict[str, str]


class Correctable(Frozen):
    """Everything that can be corrected (更正目录), from ``correctable.yml``."""

    limits: Limits
    signs: dict[Operator, tuple[str, ...]]
    suffixes: dict[Operator, tuple[str, ...]]
    overall: dict[str, FieldSpec]
    rows: dict[str, RowSpec]
    money: dict[str, str]
    fund: FundLabels


class Fact(Frozen):
    """One value as it was read (一个事实). ``value`` is its text, None where absent or blank.

    ``collection``, ``index`` and ``field`` say where it stands in ReportFacts; ``within`` is the path of the value that
    bounds it, ``bounds`` the path of the value that it bounds.
    """

    path: str
    label: str
    kind: ValueKind
    value: str | None
    source: Source | None = None
    confidence: Number | None = None
    within: str | None = None
    bounds: str | None = None
    unit: str | None = None
    collection: str = ""
    index: int = 0
    field: str = ""

    @property
    def digest(self) -> str:
        """The digest of what the source says (出处摘要): the value and its quote, not its place in the file."""
        quote = self.source.quote if self.source else None
        return hashlib.sha256(f"{self.value!r}\n{quote!r}".encode()).hexdigest()


@lru_cache(maxsize=1)
def catalogue() -> Correctable:
    """What can be corrected (更正目录)."""
    return Correctable.model_validate(yaml.safe_load((files("models") / "correctable.yml").read_text("utf-8")))


def facts_in(facts: ReportFacts) -> dict[str, Fact]:
    """Every correctable value by its path (全部可更正的事实), in the order of the report; questions last."""
    found = {fact.path: fact for fact in _overall(facts)}
    for collection in catalogue().rows:
        found |= {fact.path: fact for fact in _rows(collection, getattr(facts, collection))}
    found |= {fact.path: fact for fact in map(asked, facts.questions)}
    return found


def asked(question: Question) -> Fact:
    """A question of the reader as something a person can answer (待确认事项)."""
    quote = question.source.quote if question.source else None
    key = hashlib.sha256(f"{question.field}\n{question.message}\n{quote}".encode()).hexdigest()[:16]
    return Fact(
        path=f"{QUESTIONS}/{key}", label=question.message, kind=ValueKind.ANSWER, value=None, source=question.source
    )


def _overall(facts: ReportFacts) -> Iterator[Fact]:
    parts = [p for p in facts.reports if p.kind is ReportKind.DEPARTMENT] or list(facts.reports)
    for field, spec in catalogue().overall.items():
        value = getattr(facts, field)
        part = next((p for p in parts if getattr(p, field) == value), parts[0] if parts else None)
        yield Fact(
            path=field,
            label=spec.label,
            kind=spec.kind,
            value=_text(value),
            source=part.places.get(field, part.source) if part else None,
            confidence=part.confidence if part else None,
            field=field,
        )


def _rows(collection: str, rows: tuple[Read, ...]) -> Iterator[Fact]:
    spec = catalogue().rows[collection]
    seen: dict[str, int] = {}
    for index, row in enumerate(rows):
        names, label = _named(collection, row, spec.label)
        base = "/".join((collection, *map(_escaped, names)))
        seen[base] = seen.get(base, 0) + 1
        number = seen[base]
        base = base if number == 1 else f"{base}#{number}"
        within = {field: one.within for field, one in spec.fields.items() if one.within}
        bounds = {one: field for field, one in within.items()}
        for field, one in spec.fields.items():
            yield Fact(
                path=f"{base}/{field}",
                label=f"{label}{f'（第{number}处）' if number > 1 else ''}{one.label}",
                kind=one.kind,
                value=_shown(row, field),
                source=row.places.get(field, row.source),
                confidence=row.confidence,
                within=f"{base}/{within[field]}" if field in within else None,
                bounds=f"{base}/{bounds[field]}" if field in bounds else None,
                unit=row.unit if isinstance(row, IndicatorLine) else None,
                collection=collection,
                index=index,
                field=field,
            )


def _named(collection: str, row: Read, label: str) -> tuple[tuple[str, ...], str]:
    """The names in a row's path, and its label."""
    if isinstance(row, IndicatorLine):
        name = row.level3 or row.level2 or row.level1 or DEPARTMENT
        return (row.project or DEPARTMENT, name), label.format(owner=_owner(row.project), name=name)
    if isinstance(row, MoneyFact):
        return (f"{row.key}@{row.year}" if row.year else row.key,), label.format(name=_money_label(row))
    if isinstance(row, Passage):
        return (row.project or DEPARTMENT,), label.format(owner=_owner(row.project))
    name = str(getattr(row, "level3" if collection == "rubric" else "name"))
    return (name,), label.format(name=name)


def _owner(project: str | None) -> str:
    return f"项目“{project}”" if project else "部门整体"


def _money_label(row: MoneyFact) -> str:
    known = catalogue()
    label = known.money.get(row.key)
    if label is None:
        source, _, column = row.key.removeprefix("fund_").rpartition("_")
        parts = (known.fund.sources.get(source), known.fund.columns.get(column))
        label = "".join(part for part in parts if part) or row.key
    return f"{row.year}年{label}" if row.year else label


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F").replace("#", "%23")


def _text(value: Any) -> str | None:
    return trimmed(value) if isinstance(value, Decimal) else None if value is None else str(value)


def _shown(row: Read, field: str) -> str | None:
    """A row's value as text: quantities as printed where the printed text is known."""
    if isinstance(row, IndicatorLine) and field in ("target", "actual"):
        printed: str | None = getattr(row, f"{field}_text")
        number: Decimal | None = getattr(row, field)
        if printed is not None or number is None:
            return printed
        sign = row.operator or "" if field == "target" and row.operator is not Operator.TEXT else ""
        return f"{sign}{trimmed(number)}{row.unit or ''}"
    return _text(getattr(row, field))


_QUANTITY = re.compile(r"(?P<number>-?\d+(?:\.\d+)?)\s*(?P<unit>[^\d\s≥≤=><~～-]{0,12})", re.ASCII)


def quantity(text: str) -> tuple[Operator | None, Decimal, str] | None:
    """A sign, a number and a unit (数量) such as ``≥46座`` or ``95%以上``; None where the text is words, a range or a scale."""
    known, rest, sign = catalogue(), text.strip(), None
    before = [(word, one) for one, words in known.signs.items() for word in words if rest.startswith(word)]
    if before:
        word, sign = max(before, key=lambda pair: len(pair[0]))
        rest = rest.removeprefix(word).strip()
    after = [(word, one) for one, words in known.suffixes.items() for word in words if rest.endswith(word)]
    if after and sign is None:
        word, sign = max(after, key=lambda pair: len(pair[0]))
        rest = rest.removesuffix(word).strip()
    found = _QUANTITY.fullmatch(rest)
    return (sign, Decimal(found["number"]), found["unit"]) if found else None
