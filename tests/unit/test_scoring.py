"""Score cards and results (评分卡与评价结果)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import rules
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, MoneyFact, Operator, ReportFacts, ReportKind, ReportPart, RubricLine
from models.figures import FIGURES, BureauFigures, FigureKey
from models.scoring import LineStatus, Outcome, ScoreCard, score, settle

D = Decimal
RULES = rules.load("sichuan-2023")
HERE = Source(table=1, row=2, column=3)
COMPLETE = {
    "budget_initial": "9089.96",
    "budget_adjusted_gross": "136.95",
    "controlled_items_initial": "100",
    "controlled_items_final": "104",
    "cancelled": "8",
    "written_off": "2",
    "execution_june": "36",
    "execution_september": "67.5",
    "execution_november": "80",
    "project_execution_december": "93.4",
    "violations": "2",
    "publicised": "1",
    "last_year_problems": "3",
    "last_year_remedied": "3",
    "last_year_measures_applied": "1",
    "last_year_reported_in_time": "1",
}
TEXTS = {"publicised_at": "县政府门户网站", "publicised_on": "2024-09-20"}
FULL = {rule.id: rule.maximum for rule in RULES.claimable if rule.maximum is not None}


def bureau(values: dict[str, str] | None = None, **texts: str) -> BureauFigures:
    told = {FigureKey(key): D(value) for key, value in (COMPLETE if values is None else values).items()}
    return BureauFigures(department="101", fiscal_year=2023, values=told, texts=texts or TEXTS)


def report(**changes: Any) -> ReportFacts:
    quantity = IndicatorLine(
        source=HERE,
        project="甲",
        level1="产出指标",
        level2="数量指标",
        level3="场次",
        operator=Operator.AT_LEAST,
        target=D(10),
        actual=D(10),
    )
    content: dict[str, Any] = {
        "file": FileIdentity(name="a.docx", sha256="0", format="docx"),
        "fiscal_year": "2023",
        "self_score": D(88),
        "indicators": (quantity,),
        "rubric": tuple(RubricLine(source=HERE, level3=rule.label, score=rule.maximum) for rule in RULES.claimable),
    }
    return ReportFacts(**content | changes)


def card(values: dict[str, str] | None = None, **changes: Any) -> ScoreCard:
    return score(report(**changes), bureau(values), RULES)


def drawn(own: ScoreCard, **reviewed: Decimal) -> Outcome:
    points = FULL | {key.replace("_", "-"): value for key, value in reviewed.items()}
    return settle(own, judgements={}, reviewed=points, ruleset=RULES)


def test_every_line_shows_its_numbers_its_source_and_its_citation() -> None:
    line = card().line("budget-accuracy")
    assert line.computed == D("8.49")
    assert line.formula == "（1－10×136.95÷9089.96）×10≈8.49分"
    assert [(i.name, i.value, i.origin) for i in line.inputs] == [
        ("budget_adjusted_gross", D("136.95"), "bureau"),
        ("budget_initial", D("9089.96"), "bureau"),
    ]
    assert line.citation.document == "部门整体支出绩效自评表（2023年度）"
    achieved = card().line("target-achievement")
    assert achieved.inputs[0].source == HERE
    assert achieved.inputs[0].text == "指标值≥10，完成值10"


def test_a_card_names_the_rule_set_and_its_digest_and_survives_json() -> None:
    own = card()
    assert (own.ruleset_id, own.ruleset_digest) == ("sichuan-2023", RULES.digest)
    assert ScoreCard.model_validate_json(own.model_dump_json()) == own


def test_a_blank_score_is_never_zero() -> None:
    blank = tuple(
        RubricLine(source=HERE, level3=rule.label, score=None if rule.id == "violations" else rule.maximum)
        for rule in RULES.claimable
    )
    own = card(rubric=blank)
    assert own.line("violations").claimed is None
    assert own.sum_of_claims is None


def test_a_claim_in_the_forbidden_line_is_visible_but_does_not_count() -> None:
    filled = (*report().rubric, RubricLine(source=HERE, level3="自评准确", score=D(10)))
    own = card(rubric=filled)
    line = own.line("self-accuracy")
    assert (line.claimed, line.counts) == (10, False)
    assert line.note is not None and "10分不计入" in line.note
    assert own.sum_of_claims == 90
    result = drawn(own)
    assert next(i for i in result.lines if i.rule == "self-accuracy").self is None
    assert "部门自行填写的10分不计入" in result.lines[-1].explanation


def test_headings_are_recognised_with_blanks_and_points_in_brackets() -> None:
    own = card(rubric=(RubricLine(source=HERE, level3="自 评 公 开（2分)", score=D(2)),))
    assert own.line("self-publication").claimed == 2


def test_two_different_claims_for_one_line_are_a_question_not_a_guess() -> None:
    own = card(rubric=tuple(RubricLine(source=HERE, level3="违规记录", score=D(n)) for n in (10, 8)))
    line = own.line("violations")
    assert line.claimed is None
    assert line.note is not None and "10、8" in line.note


def test_the_claim_of_the_departments_own_report_wins_over_an_annex() -> None:
    parts = (
        ReportPart(source=HERE, id="r1", kind=ReportKind.PROJECT, title="附件"),
        ReportPart(source=HERE, id="r2", kind=ReportKind.DEPARTMENT, title="部门"),
    )
    lines = tuple(RubricLine(source=HERE, level3="违规记录", score=D(n), report=r) for n, r in ((5, "r1"), (9, "r2")))
    assert card(reports=parts, rubric=lines).line("violations").claimed == 9


def test_nothing_handed_in_leaves_the_report_lines_to_a_person() -> None:
    own = score(None, bureau(), RULES)
    assert own.claimed_total is None
    assert own.open_lines == ("target-setting", "target-achievement")
    assert own.line("violations").computed == 9
    assert any("未报送" in note for note in own.notes)


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"publicised", "budget_adjusted_gross"}))
def test_a_missing_figure_opens_its_line_and_says_which(missing: str) -> None:
    own = card({key: value for key, value in COMPLETE.items() if key != missing})
    opened = [line for line in own.lines if line.status is LineStatus.NEEDS_PERSON and line.rule != "target-setting"]
    assert len(opened) == 1
    assert opened[0].computed is None
    assert opened[0].reason is not None and FIGURES[FigureKey(missing)].label in opened[0].reason
    assert own.computed_total is None


def test_what_the_report_says_stands_beside_a_missing_figure_but_is_not_used() -> None:
    values = {key: value for key, value in COMPLETE.items() if key != "budget_initial"}
    money = (MoneyFact(source=HERE, key="budget_initial", value=D("9089.96"), year="2023"),)
    line = card(values, money=money).line("budget-accuracy")
    assert line.status is LineStatus.NEEDS_PERSON and line.computed is None
    assert line.reason is not None and "9089.96万元，仅供核对" in line.reason
    assert (line.inputs[-1].origin, line.inputs[-1].source) == ("report", HERE)
    twice = (*money, MoneyFact(source=HERE, key="budget_initial", value=D("9000"), year="2023"))
    reason = card(values, money=twice).line("budget-accuracy").reason
    assert reason is not None and "仅供核对" not in reason


def test_second_level_headings_tell_the_first() -> None:
    lines = tuple(
        IndicatorLine(source=HERE, project="甲", level2=level2, level3=level2, operator=Operator.AT_LEAST, target=D(1))
        for level2 in ("数量指标", "社会效益", "服务对象满意度指标")
    )
    reason = card(indicators=lines).line("target-setting").reason
    assert reason is not None and "未发现缺少的要素" in reason


def test_the_total_is_there_once_nothing_is_open() -> None:
    county = rules.load("qinghe-2025")
    lines = tuple(
        IndicatorLine(
            source=HERE,
            project="甲",
            level1=level1,
            level2=level2,
            level3=level2,
            operator=Operator.AT_LEAST,
            target=D(10),
            actual=D(10),
        )
        for level1, level2 in (("产出指标", "数量指标"), ("效益指标", "社会效益指标"), ("满意度指标", "满意度"))
    )
    own = score(report(indicators=lines), bureau(), county)
    assert own.open_lines == ()
    assert own.computed_total == sum((line.computed for line in own.lines if line.computed is not None), D(0))


def test_the_wrong_year_and_a_claim_above_ninety_are_noted() -> None:
    own = card(fiscal_year="2022", self_score=D(95))
    assert any("2022" in note for note in own.notes)
    assert any("95分，超过部门自评满分90分" in note for note in own.notes)


def test_final_is_reviewed_else_judged_else_computed() -> None:
    own = card()
    judged = settle(own, judgements={"target-setting": D(7), "violations": D(6)}, reviewed=None, ruleset=RULES)
    finals = {line.rule: line.final for line in judged.lines}
    assert (finals["target-setting"], finals["violations"], finals["budget-accuracy"]) == (7, 6, D("8.49"))
    reviewed = settle(own, judgements={"violations": D(6)}, reviewed=FULL | {"violations": D(5)}, ruleset=RULES)
    assert next(line.final for line in reviewed.lines if line.rule == "violations") == 5


def test_the_reason_a_person_gave_is_quoted() -> None:
    reviewed = FULL | {"violations": D(5)}
    told = settle(
        card(), judgements={}, reviewed=reviewed, ruleset=RULES, remarks={"violations": "另有10个问题。", "x": ""}
    )
    explanation = next(line.explanation for line in told.lines if line.rule == "violations")
    assert explanation.endswith("抽查复核得5分，自评10分。理由：另有10个问题。")


def test_a_department_not_drawn_is_rescaled_and_never_shown_as_full_marks() -> None:
    result = settle(card(), judgements={"target-setting": D(9)}, reviewed=None, ruleset=RULES)
    last = result.lines[-1]
    assert (last.rule, last.final, last.reviewed) == ("self-accuracy", None, None)
    assert "未抽查" in last.explanation and "未抽查" in result.total_explanation
    assert (result.review_score, result.deviation, result.deduction) == (None, None, None)
    total = sum((line.final for line in result.lines if line.final is not None), D(0))
    assert result.final_score is not None
    assert abs(result.final_score - total * 100 / 90) <= D("0.005")


def test_no_total_while_a_line_is_open() -> None:
    result = settle(card(), judgements={}, reviewed=None, ruleset=RULES)
    assert (result.final_score, result.grade, result.open_lines) == (None, None, ("target-setting",))


def test_without_a_stated_total_a_person_decides_the_accuracy() -> None:
    own = card(self_score=None)
    assert drawn(own).open_lines == ("self-accuracy",)
    result = settle(own, judgements={"self-accuracy": D(2)}, reviewed=FULL, ruleset=RULES)
    assert (result.final_score, result.deduction) == (92, 8)


def test_the_self_score_can_be_the_sum_of_lines_by_policy() -> None:
    changed = RULES.model_copy(update={"deviation": RULES.deviation.model_copy(update={"self_basis": "sum_of_lines"})})
    own = score(report(self_score=D(40)), bureau(), changed)
    result = settle(own, judgements={}, reviewed=FULL, ruleset=changed)
    assert result.self_score == 90
    assert result.deduction == 0


@pytest.mark.parametrize(
    ("judgements", "reviewed", "error", "words"),
    [
        ({"violations": D("10.01")}, None, ValueError, "超出范围"),
        ({"violations": D(-1)}, None, ValueError, "超出范围"),
        ({"violations": 5.5}, None, TypeError, "Decimal"),
        ({"nothing": D(1)}, None, rules.RuleSetError, "nothing"),
        ({}, {}, ValueError, "复核得分不得空白"),
        ({}, FULL | {"self-accuracy": D(10)}, ValueError, "复核时不填"),
        ({}, FULL | {"violations": D(11)}, ValueError, "超出范围"),
    ],
)
def test_impossible_points_are_refused(judgements: Any, reviewed: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        settle(card(), judgements=judgements, reviewed=reviewed, ruleset=RULES)


def test_a_card_of_another_rule_set_is_refused() -> None:
    with pytest.raises(ValueError, match="请按现用规则重新评分"):
        settle(card(), judgements={}, reviewed=None, ruleset=rules.load("qinghe-2025"))


# ── properties ──

percent = st.decimals(min_value=0, max_value=150, places=2)
money = st.decimals(min_value=0, max_value=10_000, places=2)
count = st.integers(min_value=0, max_value=40).map(Decimal)
yes_no = st.sampled_from([D(0), D(1)])
RANGES = {
    FigureKey.BUDGET_ADJUSTED_NET: st.decimals(min_value=-10_000, max_value=10_000, places=2),
    FigureKey.VIOLATIONS: count,
    FigureKey.LAST_YEAR_PROBLEMS: count,
    FigureKey.LAST_YEAR_REMEDIED: count,
    FigureKey.PUBLICISED: yes_no,
    FigureKey.LAST_YEAR_MEASURES_APPLIED: yes_no,
    FigureKey.LAST_YEAR_REPORTED_IN_TIME: yes_no,
}
any_values = st.fixed_dictionaries(
    {},
    optional={k: RANGES.get(k, percent if FIGURES[k].unit == "%" else money) for k in FigureKey},
)
indicators = st.lists(
    st.builds(
        IndicatorLine,
        source=st.just(HERE),
        project=st.sampled_from([None, "甲", "乙"]),
        level2=st.sampled_from(["数量指标", "质量指标"]),
        level3=st.just("某"),
        operator=st.sampled_from([None, *Operator]),
        target=st.none() | st.decimals(min_value=-5, max_value=100, places=1),
        actual=st.none() | st.decimals(min_value=-5, max_value=150, places=1),
    ),
    max_size=6,
)


@given(any_values, indicators)
def test_points_stay_within_their_line_and_totals_are_sums(
    values: dict[FigureKey, Decimal], lines: list[IndicatorLine]
) -> None:
    figures = BureauFigures(department="1", fiscal_year=2023, values=values)
    for ruleset in (RULES, rules.load("qinghe-2025")):
        own = score(report(indicators=tuple(lines)), figures, ruleset)
        for line in own.lines:
            assert (line.computed is None) == (line.status is not LineStatus.COMPUTED)
            assert line.computed is None or (line.maximum is not None and 0 <= line.computed <= line.maximum)
            assert line.status is LineStatus.COMPUTED or line.reason
        json.loads(own.model_dump_json(), parse_float=lambda text: pytest.fail(f"浮点数 {text}"))
        assert (own.computed_total is None) == bool(own.open_lines)
        if own.computed_total is not None:
            assert own.computed_total == sum((li.computed for li in own.lines if li.computed is not None), D(0))
        assert ScoreCard.model_validate_json(own.model_dump_json()) == own


@given(indicators, st.randoms(use_true_random=False))
def test_the_order_of_lines_in_the_report_does_not_matter(lines: list[IndicatorLine], random: Any) -> None:
    shuffled, rubric = list(lines), list(report().rubric)
    random.shuffle(shuffled)
    random.shuffle(rubric)
    one = score(report(indicators=tuple(lines)), bureau(), RULES)
    other = score(report(indicators=tuple(shuffled), rubric=tuple(rubric)), bureau(), RULES)
    assert [(li.claimed, li.computed, li.status) for li in one.lines] == [
        (li.claimed, li.computed, li.status) for li in other.lines
    ]


MONOTONE = [
    ("execution-progress", "execution_june", 1),
    ("execution-progress", "execution_november", 1),
    ("budget-completion", "project_execution_december", 1),
    ("violations", "violations", -1),
    ("budget-accuracy", "budget_adjusted_gross", -1),
    ("dynamic-adjustment", "written_off", -1),
    ("dynamic-adjustment", "cancelled", 1),
]


@pytest.mark.parametrize(("rule", "figure", "sign"), MONOTONE)
@given(st.integers(min_value=1, max_value=999), st.integers(min_value=1, max_value=999))
def test_a_better_figure_never_costs_points(rule: str, figure: str, sign: int, one: int, other: int) -> None:
    points = [card(COMPLETE | {figure: str(value)}).line(rule).computed for value in sorted((one, other))]
    assert points[0] is not None and points[1] is not None
    assert (points[1] - points[0]) * sign >= 0


@given(st.fixed_dictionaries({key: st.decimals(min_value=0, max_value=top, places=2) for key, top in FULL.items()}))
def test_a_reviewed_total_is_the_sum_of_its_lines(reviewed: dict[str, Decimal]) -> None:
    result = settle(card(), judgements={}, reviewed=reviewed, ruleset=RULES)
    assert result.review_score == sum(reviewed.values())
    assert result.final_score == sum((line.final for line in result.lines if line.final is not None), D(0))
    assert result.deduction is not None and result.deviation is not None
    assert result.final_score is not None and result.review_score is not None
    assert result.final_score == result.review_score + 10 - result.deduction
    assert 0 <= result.final_score <= 100
    assert Outcome.model_validate_json(result.model_dump_json()) == result
