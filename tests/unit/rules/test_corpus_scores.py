"""The real report of the corpus, judged by the rules it was written under."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models import rules
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, ProjectFacts, ReportFacts, RubricLine
from models.figures import BureauFigures, FigureKey
from models.scoring import score, score_project, settle

GOLD = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus" / "gold" / "s004.json"
HERE = Source(quote="gold")


@pytest.fixture(scope="module")
def facts() -> ReportFacts:
    if not GOLD.is_file():
        pytest.skip("没有样本库 corpus，无法用真实报告验算")
    told: dict[str, Any] = json.loads(GOLD.read_text(encoding="utf-8"))
    told = told[0] if isinstance(told, list) else told
    return ReportFacts(
        file=FileIdentity(name="s004", sha256="0", format="docx"),
        fiscal_year=told["fiscal_year"],
        self_score=told["self_score"],
        rubric=tuple(RubricLine.model_validate({"source": HERE, **line}) for line in told["rubric"]),
        projects=tuple(ProjectFacts.model_validate({"source": HERE, **line}) for line in told["projects"]),
        indicators=tuple(IndicatorLine.model_validate({"source": HERE, **line}) for line in told["indicators"]),
    )


def test_the_stated_total_needs_the_forbidden_line(facts: ReportFacts) -> None:
    card = score(facts, BureauFigures(department="1", fiscal_year=2023), rules.load("sichuan-2023"))
    assert (card.claimed_total, card.sum_of_claims) == (90, 80)
    assert len(card.lines) == 12
    assert card.line("self-accuracy").claimed == 10


def test_three_of_five_quantity_targets_count(facts: ReportFacts) -> None:
    card = score(facts, BureauFigures(department="1", fiscal_year=2023), rules.load("sichuan-2023"))
    line = card.line("target-achievement")
    assert (line.claimed, line.computed) == (10, 6)
    assert len(line.inputs) == 5


def test_the_worked_case_ends_at_eighty_two(facts: ReportFacts) -> None:
    ruleset = rules.load("sichuan-2023")
    card = score(facts, BureauFigures(department="1", fiscal_year=2023), ruleset)
    reviewed = {line.rule: line.claimed for line in card.lines if line.counts and line.claimed is not None}
    reviewed |= {"target-achievement": Decimal(6), "budget-completion": Decimal(10)}
    result = settle(card, judgements={}, reviewed=reviewed, ruleset=ruleset)
    assert result.deviation is not None and result.grade is not None
    assert (result.review_score, result.deviation.percent, result.deduction) == (80, Decimal("12.5"), 8)
    assert (result.final_score, result.grade.name) == (82, "良")


@pytest.mark.parametrize(("key", "adjustment", "points"), [("net", "62.61", "9.31"), ("gross", "136.95", "8.49")])
def test_any_adjustment_leaves_less_than_ten(facts: ReportFacts, key: str, adjustment: str, points: str) -> None:
    values = {
        FigureKey.BUDGET_INITIAL: Decimal("9089.96"),
        FigureKey(f"budget_adjusted_{key}"): Decimal(adjustment),
    }
    figures = BureauFigures(department="1", fiscal_year=2023, values=values)
    assert score(facts, figures, rules.load("sichuan-2023")).line("budget-accuracy").computed == Decimal(points)


def test_a_project_that_missed_its_target_gets_less_than_it_claims(facts: ReportFacts) -> None:
    project = facts.projects[0]
    own = [line for line in facts.indicators if line.project == project.name]
    card = score_project(project, own, rules.load("project-2020"))
    assert card.weights == 100
    assert card.lines[0].computed == 10
    assert card.lines[1].claimed == 25 and card.lines[1].computed == Decimal("29.93")
    assert len(card.open_lines) == 2  # two scales 优良中差, for a person inside the tier
