"""What the checks look at (核对材料): one report's facts and document, with its quantities extracted once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from models.document import Document, Source
from models.facts import ReportFacts
from models.statements.changes import Change, changes
from models.statements.figures import Figure, Kind, figures
from models.statements.grids import Row, rows
from models.statements.text import Passage, Sentence, passages, sentences


@dataclass(frozen=True)
class Material:
    """Facts, document and everything stated in it (核对材料)."""

    facts: ReportFacts
    document: Document
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    figures: tuple[Figure, ...]
    changes: tuple[Change, ...]
    rows: tuple[Row, ...]

    @property
    def year(self) -> str | None:
        """The fiscal year (评价年度)."""
        return self.facts.fiscal_year

    @cached_property
    def _levels(self) -> tuple[Figure, ...]:
        return tuple(one for one in self.figures if one.kind is Kind.LEVEL and one.is_money)

    @cached_property
    def _by_sentence(self) -> dict[int, list[Figure]]:
        held: dict[int, list[Figure]] = {}
        for one in self.figures:
            held.setdefault(id(one.sentence), []).append(one)
        return held

    @cached_property
    def _by_passage(self) -> dict[int, list[Figure]]:
        held: dict[int, list[Figure]] = {}
        for one in self.figures:
            held.setdefault(id(one.sentence.passage), []).append(one)
        return held

    @cached_property
    def _rows_by_place(self) -> dict[tuple[int | None, int | None], Row]:
        return {(one.table, one.row): one for one in self.rows}

    def levels(self) -> tuple[Figure, ...]:
        """Amounts of money that state a level (金额陈述)."""
        return self._levels

    def of_sentence(self, sentence: Sentence) -> tuple[Figure, ...]:
        """The figures of one sentence (句中数量)."""
        return tuple(self._by_sentence.get(id(sentence), ()))

    def of_passage(self, passage: Passage) -> tuple[Figure, ...]:
        """The figures of one paragraph or cell (段中数量)."""
        return tuple(self._by_passage.get(id(passage), ()))

    def row_at(self, source: Source) -> Row | None:
        """The table row at a place (所在表格行), None outside tables."""
        return self._rows_by_place.get((source.table, source.row)) if source.table is not None else None


def gather(facts: ReportFacts, document: Document) -> Material:
    """Extract once what all checks need (提取核对材料)."""
    found_passages = passages(document)
    found_sentences: list[Sentence] = []
    found_figures: list[Figure] = []
    found_changes: list[Change] = []
    for passage in found_passages:
        year = facts.fiscal_year
        for sentence in sentences(passage):
            here = figures(sentence, year)
            found_sentences.append(sentence)
            found_figures.extend(here)
            found_changes.extend(changes(here))
    return Material(
        facts=facts,
        document=document,
        passages=found_passages,
        sentences=tuple(found_sentences),
        figures=tuple(found_figures),
        changes=tuple(found_changes),
        rows=rows(document),
    )
