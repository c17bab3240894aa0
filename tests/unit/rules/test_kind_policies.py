"""The choices a county may make instead of the defaults (口径的另一种选择)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import rules
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, Operator, ReportFacts
from models.figures import BureauFigures, FigureKey
from models.rules.registry import KINDS, needed_figures
from models.rules.verdict import LineStatus, Verdict
from models.scoring import score

D = Decimal
BASE = rules.load("sichuan-2023")
HERE = Source(row=1)


def decided(
    rule_id: str, params: dict[str, Any], values: dict[str, str], lines: tuple[IndicatorLine, ...] = (), **texts: str
) -> Verdict:
    """What the kind of a line of sichuan-2023 says under other settings."""
    rule = BASE.rule(rule_id)
    kind = KINDS[rule.kind]
    told = {FigureKey(key): D(value) for key, value in values.items()}
    figures = BureauFigures(department="1", fiscal_year=2023, values=told, texts=texts)
    facts = ReportFacts(file=FileIdentity(name="a", sha256="", format="docx"), indicators=lines)
    return kind.decide(rule, kind.params.model_validate(rule.params | params), facts, figures)


def indicator(
    project: str | None, target: str, actual: str, operator: Operator | None = Operator.AT_LEAST
) -> IndicatorLine:
    return IndicatorLine(
        source=HERE,
        project=project,
        level2="数量指标",
        level3="某",
        operator=operator,
        target=D(target),
        actual=D(actual),
    )


@pytest.mark.parametrize(
    ("choice", "values", "points"),
    [
        ("gross", {"budget_adjusted_gross": "50", "budget_adjusted_net": "10"}, 5),
        ("net", {"budget_adjusted_gross": "50", "budget_adjusted_net": "-10"}, 9),
        ("gross_else_net", {"budget_adjusted_gross": "50", "budget_adjusted_net": "10"}, 5),
        ("gross_else_net", {"budget_adjusted_net": "10"}, 9),
        ("gross", {"budget_adjusted_net": "10"}, None),
        ("net", {"budget_adjusted_gross": "50"}, None),
    ],
)
def test_the_adjustment_is_net_or_gross_by_policy(choice: str, values: dict[str, str], points: int | None) -> None:
    verdict = decided("budget-accuracy", {"adjustment": choice}, {"budget_initial": "1000"} | values)
    assert verdict.points == points


EACH = {f"{item}_initial": "10" for item in ("office", "printing", "water", "electricity", "property")} | {
    f"{item}_final": "10" for item in ("office", "printing", "water", "electricity", "property")
}


def test_item_by_item_the_worst_decides_and_is_named() -> None:
    verdict = decided("spending-control", {"basis": "each"}, EACH | {"water_final": "11.5", "office_final": "9.5"})
    assert verdict.points == 5
    assert verdict.formula is not None and verdict.formula.startswith("水费偏差")
    empty = decided("spending-control", {"basis": "each"}, EACH | {"water_initial": "0"})
    assert empty.reason is not None and "水费" in empty.reason


def test_saving_counts_only_where_the_policy_says_so() -> None:
    values = {"controlled_items_initial": "100", "controlled_items_final": "70"}
    assert decided("spending-control", {"direction": "both"}, values).points == 0
    assert decided("spending-control", {"direction": "over"}, values).points == 10
    assert decided("spending-control", {"direction": "over"}, values | {"controlled_items_final": "115"}).points == 5


@pytest.mark.parametrize(("choice", "year"), [("fiscal_year", "2023年度"), ("previous_year", "2022年度")])
def test_the_year_of_the_violations_is_said(choice: str, year: str) -> None:
    formula = decided("violations", {"year": choice}, {"violations": "1"}).formula
    assert formula is not None and year in formula


def test_evidence_may_be_waived() -> None:
    assert decided("self-publication", {}, {"publicised": "1"}).status is LineStatus.NEEDS_PERSON
    assert decided("self-publication", {"evidence_required": False}, {"publicised": "1"}).points == 2


@pytest.mark.parametrize(("scope", "points"), [("projects", 10), ("department", 0), ("both", 5)])
def test_whose_quantity_targets_count_is_a_policy(scope: str, points: int) -> None:
    lines = (indicator("甲", "10", "10"), indicator(None, "10", "1"))
    assert decided("target-achievement", {"scope": scope}, {}, lines).points == points


def test_an_unsigned_number_may_need_a_person() -> None:
    lines = (indicator("甲", "10", "10", None),)
    assert decided("target-achievement", {}, {}, lines).points == 10
    assert decided("target-achievement", {"no_operator": "person"}, {}, lines).status is LineStatus.NEEDS_PERSON


@pytest.mark.parametrize(
    ("operator", "target", "actual", "points"),
    [
        (Operator.AT_LEAST, "10", "13", 10),
        (Operator.AT_LEAST, "10", "13.0001", 0),
        (Operator.AT_LEAST, "10", "9.9999", 0),
        (Operator.EQUAL, "10", "13", 10),
        (Operator.EQUAL, "0", "0", 10),
        (Operator.EQUAL, "0", "1", 0),
        (Operator.MORE, "10", "10", 0),
        (Operator.MORE, "10", "10.1", 10),
        (Operator.LESS, "10", "10", 0),
        (Operator.AT_MOST, "10", "10", 10),
        (Operator.AT_MOST, "10", "10.01", 0),
        (Operator.AT_LEAST, "0", "5", None),
        (Operator.AT_LEAST, "-3", "5", None),
    ],
)
def test_each_sign_at_its_boundary(operator: Operator, target: str, actual: str, points: int | None) -> None:
    assert decided("target-achievement", {}, {}, (indicator("甲", target, actual, operator),)).points == points


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 80)), min_size=1, max_size=8))
def test_the_share_of_met_targets_is_exact(pairs: list[tuple[int, int]]) -> None:
    verdict = decided("target-achievement", {}, {}, tuple(indicator("甲", str(t), str(a)) for t, a in pairs))
    met = sum(t <= a and 10 * a <= 13 * t for t, a in pairs)
    assert verdict.points == Fraction(10 * met, len(pairs))


def test_the_template_follows_the_policy() -> None:
    each = BASE.model_copy(
        update={
            "rules": tuple(
                rule.model_copy(update={"params": rule.params | {"basis": "each"}})
                if rule.id == "spending-control"
                else rule
                for rule in BASE.rules
            )
        }
    )
    assert FigureKey.WATER_INITIAL in needed_figures(each)
    assert FigureKey.CONTROLLED_ITEMS_INITIAL not in needed_figures(each)


def test_settings_outside_the_rules_arithmetic_are_refused() -> None:
    spending, progress = BASE.rule("spending-control"), BASE.rule("execution-progress")
    for rule, params in (
        (spending, {"steps": [{"limit": 10, "points": 10}]}),
        (spending, {"steps": [{"limit": 10, "points": 5}, {"points": 10}]}),
        (spending, {"steps": [{"limit": 20, "points": 10}, {"limit": 10, "points": 5}, {"points": 0}]}),
        (spending, {"steps": [{"points": 8}]}),
        (progress, {"checkpoints": [{"month": 6, "target": 40, "points": 9}]}),
        (progress, {"checkpoints": [{"month": 6, "target": 0, "points": 10}]}),
    ):
        kind = KINDS[rule.kind]
        assert kind.check(rule, kind.params.model_validate(params))


def test_a_kind_that_gives_too_much_is_stopped() -> None:
    broken = BASE.model_copy(
        update={
            "rules": tuple(
                rule.model_copy(update={"maximum": D(3)}) if rule.id == "spending-control" else rule
                for rule in BASE.rules
            )
        }
    )
    values = {FigureKey.CONTROLLED_ITEMS_INITIAL: D(1), FigureKey.CONTROLLED_ITEMS_FINAL: D(1)}
    with pytest.raises(ValueError, match="超出0至3分"):
        score(None, BureauFigures(department="1", fiscal_year=2023, values=values), broken)
