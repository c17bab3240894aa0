"""Score cards and outcomes (评分卡与评价结果): what is stored, shown in the letter and recomputed by ``jixiao verify``."""

from __future__ import annotations

from models.deviation import Deviation
from models.document import Frozen, Source
from models.grading import Grade
from models.numbers import Number
from models.rules.project_cards import ProjectCard
from models.rules.schema import Citation
from models.rules.verdict import LineStatus, ScoreInput


class ScoreLine(Frozen):
    """One line of the card (评分卡的一项). ``computed`` is rounded; ``formula`` is a sentence with the numbers in it.

    ``counts`` False: whatever the department wrote here does not count (自评准确). ``note``: why a claim was not taken.
    """

    rule: str
    label: str
    group: str
    maximum: Number | None
    claimed: Number | None
    claim_source: Source | None = None
    counts: bool = True
    note: str | None = None
    computed: Number | None
    status: LineStatus
    reason: str | None = None
    formula: str | None = None
    inputs: tuple[ScoreInput, ...] = ()
    citation: Citation


class ScoreCard(Frozen):
    """All lines of one department (部门评分卡). ``claimed_total`` is what it states, ``sum_of_claims`` what its lines add up to.

    ``sum_of_claims`` is None while a line it should claim is blank. ``computed_total`` covers the lines a department may
    claim and is None while one of them is open. ``projects`` are the cards of its projects, which no line adds up.
    """

    department: str
    fiscal_year: int
    ruleset_id: str
    ruleset_digest: str
    lines: tuple[ScoreLine, ...]
    claimed_total: Number | None
    sum_of_claims: Number | None
    computed_total: Number | None
    open_lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    projects: tuple[ProjectCard, ...] = ()

    def line(self, rule_id: str) -> ScoreLine:
        """The line of a rule (按指标取评分). Raises KeyError."""
        for line in self.lines:
            if line.rule == rule_id:
                return line
        raise KeyError(rule_id)


class OutcomeLine(Frozen):
    """One line of the result (结果的一项): final = reviewed, else judged, else computed."""

    rule: str
    label: str
    maximum: Number | None
    self: Number | None
    computed: Number | None
    judged: Number | None
    reviewed: Number | None
    final: Number | None
    explanation: str


class Outcome(Frozen):
    """A department's result (部门评价结果). ``final_score`` and ``grade`` are None while a line is open.

    ``review_score`` is None where the department was not drawn; ``total_explanation`` says how the total came about.
    """

    department: str
    fiscal_year: int
    ruleset_id: str
    ruleset_digest: str
    lines: tuple[OutcomeLine, ...]
    self_score: Number | None
    review_score: Number | None
    deviation: Deviation | None
    deduction: Number | None
    final_score: Number | None
    grade: Grade | None
    spot_checked: bool
    open_lines: tuple[str, ...]
    total_explanation: str
