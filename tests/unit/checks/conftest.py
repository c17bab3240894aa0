"""Small invented reports for the checks: paragraphs, tables and facts of a department that does not exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from models.checks import examine
from models.document import Cell, Document, FileIdentity, Paragraph, Source, Table
from models.facts import Finding, IndicatorLine, MoneyFact, Operator, ProjectFacts, ReportFacts, RubricLine

FILE = FileIdentity(name="某县林草局.docx", sha256="0" * 64, format="docx")
SIGNS = {"≥": Operator.AT_LEAST, "≤": Operator.AT_MOST, "=": Operator.EQUAL}


def _table(number: int, lines: Sequence[Sequence[str]]) -> Table:
    cells = tuple(
        Cell(row=row, column=column, text=text, place=Source(table=number, row=row, column=column, quote=text))
        for row, line in enumerate(lines, start=1)
        for column, text in enumerate(line, start=1)
    )
    return Table(number=number, rows=len(lines), columns=max(map(len, lines)), cells=cells, place=Source(table=number))


class Report:
    """Builds a Document and its facts; ``examine`` gives the findings."""

    def __init__(self, *paragraphs: str, tables: Sequence[Sequence[Sequence[str]]] = (), **facts: Any) -> None:
        blocks: list[Paragraph | Table] = [
            Paragraph(text=text, place=Source(paragraph=index)) for index, text in enumerate(paragraphs, start=1)
        ]
        blocks.extend(_table(number, lines) for number, lines in enumerate(tables, start=1))
        self.document = Document(file=FILE, blocks=tuple(blocks))
        self.facts = ReportFacts(file=FILE, **{"department": "某县林草局", "fiscal_year": "2024", **facts})

    def examine(self, enabled: dict[str, bool] | None = None) -> tuple[Finding, ...]:
        return examine(self.facts, self.document, enabled)

    def of(self, code: str) -> list[Finding]:
        """The findings of one code."""
        return [one for one in self.examine() if one.code == code]

    def severities(self, code: str) -> list[str]:
        return [one.severity.value for one in self.of(code)]


@pytest.fixture(scope="session")
def report() -> type[Report]:
    return Report


@pytest.fixture
def line() -> Callable[..., IndicatorLine]:
    """``line("巡护次数", "≥", 12, 10, weight=10, score=10)``: an indicator line of an invented project."""

    def make(
        name: str, sign: str | None = None, target: object = None, actual: object = None, **more: Any
    ) -> IndicatorLine:
        numbers = {key: Decimal(str(more.pop(key))) for key in ("weight", "score") if key in more}
        return IndicatorLine(
            **{
                "source": Source(table=9, row=more.pop("row", 1), quote=name),
                "project": "山林巡护",
                "level2": "数量指标",
                "level3": name,
                "operator": SIGNS.get(sign or ""),
                "target": None if target is None else Decimal(str(target)),
                "actual": None if actual is None else Decimal(str(actual)),
                **numbers,
                **more,
            }
        )

    return make


@pytest.fixture
def project() -> Callable[..., ProjectFacts]:
    def make(name: str = "山林巡护", **amounts: Any) -> ProjectFacts:
        more = {key: amounts.pop(key) for key in ("report", "places") if key in amounts}
        return ProjectFacts(
            name=name,
            source=Source(table=9, row=2, quote=name),
            **{key: Decimal(str(value)) for key, value in amounts.items()},
            **more,
        )

    return make


@pytest.fixture
def rubric() -> Callable[..., RubricLine]:
    def make(name: str, weight: object, score: object = None) -> RubricLine:
        return RubricLine(
            source=Source(table=8, row=1, quote=name),
            level3=name,
            weight=Decimal(str(weight)),
            score=None if score is None else Decimal(str(score)),
        )

    return make


@pytest.fixture
def money() -> Callable[..., MoneyFact]:
    def make(key: str, value: object, year: str | None = "2024") -> MoneyFact:
        return MoneyFact(
            key=key, value=Decimal(str(value)), year=year, source=Source(paragraph=1, quote=f"{value}万元")
        )

    return make
