"""Scoring projects (项目评分)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import rules
from models.document import Source
from models.facts import IndicatorLine, Operator, ProjectFacts
from models.rules.schema import RuleSet
from models.scoring import LineStatus, ProjectCard, score_project, settle_project

D = Decimal
RULES = rules.load("project-2020")
HERE = Source(table=2, row=3)


def under(**policy: Any) -> RuleSet:
    return RULES.model_copy(update={"project": RULES.project.model_copy(update=policy)})


def project(**content: Any) -> ProjectFacts:
    return ProjectFacts(source=HERE, name="甲", **content)


def line(
    operator: Operator | None, target: str | None, actual: str | None, weight: str | None = "10", **more: Any
) -> IndicatorLine:
    told = {"target": target, "actual": actual, "weight": weight}
    numbers = {name: None if value is None else D(value) for name, value in told.items()}
    return IndicatorLine(source=HERE, project="甲", level3="某指标", operator=operator, **numbers | more)


def points(indicator: IndicatorLine, ruleset: RuleSet = RULES) -> Decimal | None:
    return score_project(project(), [indicator], ruleset).lines[0].computed


@pytest.mark.parametrize(
    ("executed", "adjusted", "expected"),
    [
        ("60", "60", "10"),
        ("45", "60", "7.5"),
        ("66", "60", "10"),
        ("0", "60", "0"),
        ("5", "0", None),
        ("1", "3", "3.33"),
    ],
)
def test_execution_never_gives_more_than_its_weight(executed: str, adjusted: str, expected: str | None) -> None:
    own = score_project(project(executed=D(executed), adjusted=D(adjusted), execution_weight=D(10)), [], RULES)
    assert own.lines[0].computed == (None if expected is None else D(expected))


def test_a_printed_rate_serves_where_the_amounts_are_missing_and_is_said() -> None:
    own = score_project(project(execution_rate=D("83.05"), execution_weight=D(10)), [], RULES).lines[0]
    assert own.computed == D("8.31")
    assert own.formula is not None and "只有执行率" in own.formula


def test_a_missing_execution_line_is_not_invented() -> None:
    assert score_project(project(budget=D(10)), [], RULES).lines == ()


def test_at_most_has_two_named_treatments() -> None:
    missed = line(Operator.AT_MOST, "20", "25")
    assert points(missed) == D("7.5")
    assert points(missed, under(at_most="inverse")) == 8
    assert points(line(Operator.AT_MOST, "20", "41")) == 0
    assert points(line(Operator.AT_MOST, "20", "41"), under(at_most="inverse")) == D("4.88")
    assert points(line(Operator.AT_MOST, "0", "1")) == 0


def test_overshoot_has_three_named_treatments() -> None:
    exactly, beyond = line(Operator.AT_LEAST, "10", "13"), line(Operator.AT_LEAST, "10", "13.01")
    for treatment in ("no_deduction", "not_counted", "reason_required"):
        assert points(exactly, under(overshoot=treatment)) == 10
    assert points(beyond) == 10
    assert points(beyond, under(overshoot="not_counted")) == 0
    assert points(beyond, under(overshoot="reason_required")) is None
    explained = beyond.model_copy(update={"reason": "年中追加任务"})
    assert points(explained, under(overshoot="reason_required")) == 10


def test_a_number_without_a_sign_is_a_policy() -> None:
    unsigned = line(None, "10", "9")
    assert points(unsigned) == 9
    assert points(unsigned, under(no_operator="person")) is None


@pytest.mark.parametrize(
    "indicator",
    [
        line(Operator.AT_LEAST, "10", "9", weight=None),
        line(Operator.AT_LEAST, "10", None),
        line(Operator.AT_LEAST, "10", None, actual_text="基本达到"),
        line(Operator.AT_LEAST, "-5", "-6"),
        line(Operator.MORE, "10", "10"),
        line(Operator.LESS, "10", "10"),
        line(Operator.TEXT, None, None, target_text="明显改善", actual_text="明显改善"),
        line(Operator.AT_LEAST, None, "0"),
    ],
)
def test_what_the_rules_cannot_decide_needs_a_person_and_says_why(indicator: IndicatorLine) -> None:
    own = score_project(project(), [indicator], RULES)
    assert own.lines[0].status is LineStatus.NEEDS_PERSON
    assert own.lines[0].reason
    assert own.computed_total is None and own.open_lines == ("indicator-1",)


@pytest.mark.parametrize(
    ("grade", "low", "high"),
    [("优", "16", "20"), ("良", "12", "16"), ("中", "0", "12"), ("低", "0", "12"), ("差", "0", "12")],
)
def test_a_qualitative_grade_opens_its_tier(grade: str, low: str, high: str) -> None:
    told = IndicatorLine(
        source=HERE, level3="和谐", operator=Operator.TEXT, target_text="优良中低差", actual_text=grade, weight=D(20)
    )
    own = score_project(project(), [told], RULES)
    assert (own.lines[0].low, own.lines[0].high) == (D(low), D(high))
    assert settle_project(own, judgements={"indicator-1": D(low)}, reviewed=None, ruleset=RULES).final_score == D(low)
    with pytest.raises(ValueError, match="超出范围"):
        settle_project(own, judgements={"indicator-1": D(high) + 1}, reviewed=None, ruleset=RULES)


def test_lines_that_do_not_apply_are_dropped_and_the_rest_rescaled() -> None:
    lines = [
        line(Operator.AT_LEAST, "10", "5", "60"),
        line(Operator.AT_LEAST, "10", None, "40", actual_text="/"),
    ]
    own = score_project(project(), lines, RULES)
    assert own.computed_total == 50
    assert not own.lines[1].applicable
    assert "折算为100分" in own.total_explanation


def test_weights_are_those_the_table_prints_and_are_only_compared() -> None:
    own = score_project(project(), [line(Operator.AT_LEAST, "1", "1", "85")], RULES)
    assert own.computed_total == 85
    assert own.notes == ("各项权重合计85，与满分100不一致，请核对表格。",)


def test_a_review_may_not_be_blank_nor_above_the_weight() -> None:
    own = score_project(project(), [line(Operator.AT_LEAST, "1", "1"), line(Operator.AT_LEAST, "1", "1")], RULES)
    with pytest.raises(ValueError, match="不得空白"):
        settle_project(own, judgements={}, reviewed={"indicator-1": D(5)}, ruleset=RULES)
    with pytest.raises(ValueError, match="超出范围"):
        settle_project(own, judgements={}, reviewed={"indicator-1": D(11), "indicator-2": D(1)}, ruleset=RULES)
    told = settle_project(own, judgements={}, reviewed={"indicator-1": D(5), "indicator-2": D(0)}, ruleset=RULES)
    assert told.final_score == 5


numbers = st.decimals(min_value=0, max_value=500, places=2)


@given(st.sampled_from([None, *Operator]), numbers, numbers, st.sampled_from(["linear", "inverse"]))
def test_points_stay_between_zero_and_the_weight(
    operator: Operator | None, target: Decimal, actual: Decimal, at_most: str
) -> None:
    own = score_project(project(), [line(operator, str(target), str(actual))], under(at_most=at_most))
    told = own.lines[0].computed
    assert told is None or 0 <= told <= 10
    assert ProjectCard.model_validate_json(own.model_dump_json()) == own


@given(
    st.decimals(min_value=D("0.01"), max_value=500, places=2), numbers, numbers, st.sampled_from(["linear", "inverse"])
)
def test_a_better_actual_never_costs_points(target: Decimal, one: Decimal, other: Decimal, at_most: str) -> None:
    low, high = sorted((one, other))
    ruleset = under(at_most=at_most)
    for operator, worse, better in ((Operator.AT_LEAST, low, high), (Operator.AT_MOST, high, low)):
        first = points(line(operator, str(target), str(worse)), ruleset)
        second = points(line(operator, str(target), str(better)), ruleset)
        assert first is not None and second is not None and first <= second
