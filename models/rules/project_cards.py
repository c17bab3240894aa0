"""Score cards of projects (项目评分卡)."""

from __future__ import annotations

from models.document import Frozen, Source
from models.numbers import Number
from models.rules.verdict import LineStatus, ScoreInput


class ProjectLine(Frozen):
    """One line of a project (项目评分的一项). ``id``: ``execution`` or ``indicator-N`` in printed order.

    ``low``/``high``: the range a person may choose from. ``applicable`` False: dropped, the rest is rescaled.
    """

    id: str
    label: str
    level1: str | None
    level2: str | None
    weight: Number | None
    claimed: Number | None
    computed: Number | None
    status: LineStatus
    reason: str | None = None
    formula: str | None = None
    low: Number | None = None
    high: Number | None = None
    applicable: bool = True
    inputs: tuple[ScoreInput, ...] = ()
    source: Source | None = None


class ProjectCard(Frozen):
    """All lines of one project (项目评分卡). ``weights`` is the sum of the printed weights, None where one is blank.

    ``computed_total`` is None while a line is open; dropped lines are made up for by rescaling (``total_explanation``).
    """

    project: str
    ruleset_id: str
    ruleset_digest: str
    lines: tuple[ProjectLine, ...]
    weights: Number | None
    claimed_total: Number | None
    sum_of_claims: Number | None
    computed_total: Number | None
    total_explanation: str
    open_lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


class ProjectOutcomeLine(Frozen):
    """One line of a project's result (项目结果的一项): final = reviewed, else judged, else computed."""

    id: str
    label: str
    weight: Number | None
    self: Number | None
    computed: Number | None
    judged: Number | None
    reviewed: Number | None
    final: Number | None


class ProjectOutcome(Frozen):
    """A project's result (项目评价结果); ``final_score`` is None while a line is open."""

    project: str
    ruleset_id: str
    ruleset_digest: str
    lines: tuple[ProjectOutcomeLine, ...]
    self_score: Number | None
    final_score: Number | None
    total_explanation: str
    open_lines: tuple[str, ...]
