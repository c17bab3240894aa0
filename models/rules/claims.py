"""What a department claims for a line (自评得分): found by the line's heading, never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from models.document import Source
from models.facts import ReportFacts, ReportKind, RubricLine
from models.numbers import trimmed
from models.rules.schema import Rule
from models.rules.text import heading


class Claim(NamedTuple):
    """A claim (一项自评得分): the points, where they stand, and a note where they were not taken."""

    points: Decimal | None
    source: Source | None
    note: str | None


def claim_for(rule: Rule, facts: ReportFacts) -> Claim:
    """The points claimed for a line (该项自评得分). Two different figures give none, with a note that names both."""
    names = {heading(name) for name in (rule.label, *rule.aliases)}
    lines = _of_the_department([line for line in facts.rubric if heading(line.level3) in names], facts)
    filled = [line for line in lines if line.score is not None]
    if not filled:
        return Claim(None, lines[0].source if lines else None, None)
    if len({line.score for line in filled}) > 1:
        told = "、".join(trimmed(line.score) for line in filled if line.score is not None)
        return Claim(None, filled[0].source, f"报告中该项自评得分有不同的数：{told}，请核实。")
    return Claim(filled[0].score, filled[0].places.get("score", filled[0].source), None)


def _of_the_department(lines: list[RubricLine], facts: ReportFacts) -> list[RubricLine]:
    """The lines of the department's overall report, where the file says which those are."""
    ids = {part.id for part in facts.reports if part.kind is ReportKind.DEPARTMENT}
    own = [line for line in lines if line.report in ids]
    return own or lines
