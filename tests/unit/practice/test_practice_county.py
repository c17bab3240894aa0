"""The practice county: every department's story holds when computed with the project's own rules."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from models import rules
from models.deviation import DeviationPolicy, assess
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, Operator, ProjectFacts, ReportFacts, RubricLine
from models.figures import FIGURES, FigureKey
from models.scoring import score
from tasks.practice.county import MOST, load
from tasks.practice.county_model import FORBIDDEN_LINE, PracticeDepartment
from tasks.practice.county_story import Claim, Files, Flaw, When
from tasks.practice.forms.rubric import rubric_lines

TWELVE = load().departments
MANY = load(90).departments
JUDGED = {"目标制定", "结果整改"}  # a person decides these; the figures do not
NOWHERE = Source()
HANDWRITTEN = pytest.mark.parametrize("department", TWELVE, ids=lambda department: department.code)
ANY = pytest.mark.parametrize("department", MANY, ids=lambda department: department.code)


def as_facts(department: PracticeDepartment) -> ReportFacts:
    """What a flawless reader would read in the department's last report."""
    return ReportFacts(
        file=FileIdentity(name="报告", sha256="", format="docx"),
        self_score=department.self_score,
        rubric=tuple(RubricLine(source=NOWHERE, level3=k, score=v) for k, v in department.claims.items()),
        projects=tuple(ProjectFacts(source=NOWHERE, name=project.name) for project in department.projects),
        indicators=tuple(
            IndicatorLine(
                source=NOWHERE,
                project=project.name,
                level1=line.level1,
                level2=line.level2,
                level3=line.name,
                operator=line.operator,
                target=None if line.operator is Operator.TEXT else Decimal(line.target),
                actual=None if line.operator is Operator.TEXT else Decimal(line.actual),
                weight=line.weight,
                score=line.score,
            )
            for project in department.projects
            for line in project.indicators
        ),
    )


@ANY
def test_reviewed_scores_are_what_the_rules_compute_from_the_bureaus_figures(department: PracticeDepartment) -> None:
    card = score(as_facts(department), department.figures(2025), rules.load("sichuan-2023"))
    reviewed = {line.line: line.score for line in department.review}
    computed = {line.label: line.computed for line in card.lines if line.computed is not None}
    decided = set(reviewed) - JUDGED
    assert {label: computed.get(label) for label in decided} == {label: reviewed[label] for label in decided}
    for label in JUDGED & set(computed):
        assert computed[label] == reviewed[label]


@ANY
def test_the_deviation_falls_into_the_band_the_story_says(department: PracticeDepartment) -> None:
    deviation = assess(department.self_score, department.review_score, DeviationPolicy())
    assert deviation.percent is not None
    story = department.story
    if story.claim is Claim.NONE:
        assert story.attempts == ()
        return
    assert deviation.deduction == story.deduction
    if story.claim is Claim.HONEST:
        assert story.deduction == 0
    elif story.claim is Claim.OVER:
        assert story.deduction > 0
        assert department.self_score > department.review_score
    else:
        assert department.self_score < department.review_score
        assert deviation.percent > 5


@ANY
def test_claims_keep_within_the_form(department: PracticeDepartment) -> None:
    most = {line.level3: line.weight for line in rubric_lines()}
    assert set(department.claims) - {FORBIDDEN_LINE} == set(most) - {FORBIDDEN_LINE}
    assert all(0 <= points <= most[line] for line, points in department.claims.items())
    assert [line.line for line in department.review] == [line.level3 for line in rubric_lines()][:-1]


@ANY
def test_money_adds_up(department: PracticeDepartment) -> None:
    money = department.money
    assert money.revenue + money.carried_in == money.expenditure + money.carry_over
    assert money.basic + money.project_spent == money.expenditure
    assert money.personnel + money.public == money.basic
    assert sum(amount for _, amount in money.by_function()) == money.expenditure
    assert all(amount > 0 for _, amount in money.by_function())
    assert min(money.public, money.carry_over, money.general) >= 0
    assert money.three_public <= min(money.three_public_budget, money.public)
    assert money.gross >= abs(money.net)
    assert (money.gross - money.net) / 2 >= money.cancelled, "what was cancelled is part of what went down"
    cents = (money.net, money.gross, money.project_spent, money.carry_over, money.expenditure, money.personnel)
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in cents)


@ANY
def test_projects_fit_into_the_project_budget(department: PracticeDepartment) -> None:
    money = department.money
    assert sum(project.adjusted for project in department.projects) <= money.project_budget
    assert sum(project.executed for project in department.projects) <= money.project_spent
    assert all(project.change_reason for project in department.projects if project.adjusted != project.initial)


@ANY
def test_indicator_scores_recompute_except_where_planted(department: PracticeDepartment) -> None:
    planted = {trap.item for trap in department.story.planted}
    for project in department.projects:
        assert sum(line.weight or 0 for line in project.indicators) == 90
        for line in project.indicators:
            if line.name in planted or line.operator is Operator.TEXT:
                continue
            assert line.weight is not None
            target, actual = Decimal(line.target), Decimal(line.actual)
            met = actual <= target if line.operator is Operator.AT_MOST else actual >= target
            assert line.score == (line.weight if met else line.weight * actual / target), line.name
            assert met or line.reason, f"{line.name}未完成却没有原因"


def test_the_twelve_tell_every_story_the_year_needs() -> None:
    stories = [department.story for department in TWELVE]
    attempts = [attempt for story in stories for attempt in story.attempts]
    assert sum(story.attempts == () for story in stories) == 1
    assert sum(attempt.after is When.DEADLINE and attempt.days > 0 for attempt in attempts) == 1
    assert Counter(attempt.flaw for attempt in attempts) == {Flaw.NONE: 12, Flaw.WRONG_YEAR: 1, Flaw.TRUNCATED: 1}
    assert sum(attempt.after is When.PREVIOUS for attempt in attempts) == 1
    assert sum(FORBIDDEN_LINE in department.claims for department in TWELVE) == 1
    assert sum(story.claim is Claim.UNDER for story in stories) == 1
    assert sum(bool(story.planted) for story in stories) == 2
    assert {trap.kind for story in stories for trap in story.planted} == {"sum", "execution_rate", "rank_operator"}
    assert {attempt.files for attempt in attempts} == set(Files)
    assert {attempt.channel.value for attempt in attempts} == {"mailbox", "drop_folder"}
    bands = Counter(story.deduction for story in stories if story.claim in (Claim.OVER, Claim.HONEST))
    assert set(bands) == {0, 4, 8, 10}
    assert min(bands.values()) >= 2, "every band twice, so that a draw of half shows it"


def test_remediation_is_planned_done_extended_and_returned_once() -> None:
    steps = [step for department in TWELVE for step in department.remediation]
    assert {step.state for step in steps} == {"planned", "claimed_done", "extension"}
    assert sum(step.returned_because is not None for step in steps) == 1
    assert all(department.remediation[-1].state == "claimed_done" for department in MANY)


@HANDWRITTEN
def test_every_figure_of_the_template_is_known(department: PracticeDepartment) -> None:
    figures = department.figures(2025)
    assert set(figures.values) == set(FIGURES)
    assert figures.fiscal_year == 2025
    assert (figures.get(FigureKey.PUBLICISED) == 1) is (figures.text("publicised_on") is not None)


def test_fewer_departments_keep_the_telling_ones() -> None:
    five = load(5).departments
    assert {department.story.deduction for department in five} == {0, 4, 8, 10}
    assert any(FORBIDDEN_LINE in department.claims for department in five)
    assert [department.code for department in five] == sorted(department.code for department in five)


def test_three_hundred_departments_are_all_different() -> None:
    departments = load(MOST).departments
    assert len(departments) == MOST
    assert len({department.code for department in departments}) == MOST
    assert len({department.name for department in departments}) == MOST
    assert len({department.contact.address for department in departments}) == MOST
    assert len({department.money.initial for department in departments}) > MOST * 0.9
    assert all(
        department.contact.address.endswith(".example") for department in departments if department.contact.address
    )


def test_the_seed_decides_the_generated_ones_and_only_those() -> None:
    one, same, other = load(20, 1), load(20, 1), load(20, 2)
    assert one == same
    assert one.departments[:12] == other.departments[:12] == TWELVE
    assert one.departments[12:] != other.departments[12:]
    assert load(40, 1).departments[:20] == one.departments


@pytest.mark.parametrize("number", [0, -1, MOST + 1])
def test_an_impossible_number_of_departments_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1至300"):
        load(number)
