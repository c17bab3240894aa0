"""What the recognisers hand back (识别结果), before reports, projects and passages are reconciled."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from models.document import Cell, Source
from models.facts import FunctionLine, IndicatorLine, MoneyFact, Passage, ProjectFacts, Question, RubricLine
from tasks.interpreting.grid import place_of


@dataclass
class ProjectDraft:
    """A project while it is being read (项目草稿): values and places by field name of ProjectFacts."""

    name: str
    source: Source
    report: str
    code: str | None = None
    values: dict[str, Decimal] = field(default_factory=dict)
    places: dict[str, Source] = field(default_factory=dict)
    confidence: Decimal | None = None
    origin: str = "form"

    def put(self, name: str, value: Decimal | None, place: Source) -> None:
        """Keep a value and its place; blank and words leave the field absent, a second value never overwrites."""
        if value is not None and name not in self.values:
            self.values[name] = value
            self.places[name] = place

    def put_cell(self, name: str, value: Decimal | None, cell: Cell) -> None:
        """The same, from a table cell."""
        self.put(name, value, place_of(cell))

    def facts(self) -> ProjectFacts:
        """The finished fact."""
        return ProjectFacts(
            name=self.name,
            code=self.code,
            source=self.source,
            places=self.places,
            confidence=self.confidence,
            report=self.report,
            **self.values,
        )


@dataclass(frozen=True)
class Claim:
    """A statement about the whole report (关于整份报告的陈述): field, printed value, place, weight among candidates."""

    field: str
    text: str
    source: Source
    report: str
    weight: int = 1


@dataclass
class Found:
    """Everything one part of a document says (一部分材料的全部识别结果)."""

    indicators: list[IndicatorLine] = field(default_factory=list)
    rubric: list[RubricLine] = field(default_factory=list)
    projects: list[ProjectDraft] = field(default_factory=list)
    money: list[MoneyFact] = field(default_factory=list)
    functions: list[FunctionLine] = field(default_factory=list)
    problems: list[Passage] = field(default_factory=list)
    measures: list[Passage] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def take(self, other: Found) -> None:
        """Append another part's results."""
        for name, rows in vars(other).items():
            getattr(self, name).extend(rows)

    def ask(self, name: str, message: str, source: Source | None) -> None:
        """Raise a question for a person (待确认事项)."""
        self.questions.append(Question(field=name, message=message, source=source))
