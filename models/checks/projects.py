"""Where the report speaks of a project (项目在文中的陈述)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.checks.findings import place, spoken
from models.checks.material import Material
from models.document import Source
from models.facts import FindingPlace, ProjectFacts
from models.statements.figures import Figure, Kind
from models.statements.grids import Row
from models.statements.text import Sentence, clean, shortened

_PLANNED = re.compile(r"预算(?:数|资金|安排)?(?:为|是|：|:)?$")
_EXECUTED = re.compile(r"(?:实际)?(?:执行|支付|支出|使用)(?:数)?(?:为|是|了|：|:)?$")
_ADJUSTED_HEADER = "调整后?预算"


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that gives a project's budget and what was spent (预算与执行的叙述)."""

    sentence: Sentence
    planned: Figure
    executed: Figure

    @property
    def words(self) -> str:
        """The clause from the budget to what was spent, with what follows it (所在分句)."""
        text = self.sentence.text
        start = self.planned.start - len(self.planned.label)
        ends = [place for mark in "；。" if (place := text.find(mark, self.executed.end)) >= 0]
        return shortened(text[start : min(ends) if ends else len(text)], 120)


def shown(project: ProjectFacts) -> str:
    """The project as a letter names it (项目名称)."""
    return f"项目“{clean(project.name)}”"


def where(project: ProjectFacts, field: str) -> str:
    """The place of a value in words (项目数值出处)."""
    return spoken(project.places.get(field) or project.source)


def short_name(project: ProjectFacts) -> str:
    """The name without code, quotation marks and bracketed remarks, for finding it in prose (项目简称)."""
    name = re.sub(r"^[0-9A-Z]{10,}[-—]?", "", clean(project.name))
    return re.sub(r"[（(][^）)]*[)）]", "", name).strip("“”\"'")


def told(material: Material, project: ProjectFacts) -> Iterator[Told]:
    """Sentences with the project's budget and execution (叙述中的预算数与执行数), each wording once."""
    name = short_name(project)
    seen: set[str] = set()
    for sentence in material.sentences:
        if name not in clean(sentence.text).replace("“", "").replace("”", "") or sentence.text in seen:
            continue
        figures = [one for one in material.of_sentence(sentence) if one.is_money and one.kind is Kind.LEVEL]
        planned = next((one for one in figures if _PLANNED.search(one.label)), None)
        executed = next(
            (one for one in figures if planned and one.start > planned.end and _EXECUTED.search(one.label)), None
        )
        if planned is not None and executed is not None:
            seen.add(sentence.text)
            yield Told(sentence=sentence, planned=planned, executed=executed)


def budget_row(material: Material, project: ProjectFacts) -> Row | None:
    """The row of the budget table with the project's totals (预算执行情况总额行)."""
    source: Source | None = project.places.get("budget") or project.places.get("executed") or project.source
    rows = [
        row for row in material.rows if row.under("年初预算") is not None and row.under("执行数|执行率") is not None
    ]
    if source is not None and source.table is not None:
        here = [row for row in rows if row.table == source.table and (source.row is None or row.row == source.row)]
        return here[0] if here else next((row for row in rows if row.table == source.table), None)
    return None


def money_places(material: Material, project: ProjectFacts) -> tuple[FindingPlace, ...]:
    """The places of a project's amounts (项目金额出处): its table row, or the sentences that print them."""
    row = budget_row(material, project)
    if row is not None:
        return (place(row.source, row.quote),)
    made: dict[str, FindingPlace] = {}
    for field in ("budget", "adjusted", "executed", "execution_rate", "self_score"):
        source = project.places.get(field)
        if source is not None and source.quote:
            one = place(source)
            made.setdefault(one.quote, one)
    return tuple(made.values()) or (place(project.source, project.source.quote or project.name),)
