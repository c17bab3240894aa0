"""A person's correction stands beside the reading, holds for the same words, and is asked again when they change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.correctable import facts_in
from models.corrections import Correction, apply_corrections, in_force
from models.document import FileIdentity, Source
from models.facts import (
    Finding,
    FindingPlace,
    IndicatorLine,
    MoneyFact,
    Operator,
    ProjectFacts,
    Question,
    ReportFacts,
    ReportKind,
    ReportPart,
    RubricLine,
    Severity,
)

FILE, OTHER = "a" * 64, "b" * 64


def cell(row: int, column: int, quote: str) -> Source:
    return Source(table=1, row=row, column=column, quote=quote)


def rubric(row: int, name: str = "目标实现", score: str | None = "8", confidence: str | None = None) -> RubricLine:
    return RubricLine(
        source=cell(row, 3, name),
        places={"weight": cell(row, 4, "10"), "score": cell(row, 7, score or "")},
        confidence=Decimal(confidence) if confidence else None,
        level3=name,
        weight=Decimal(10),
        score=Decimal(score) if score else None,
        report="r1",
    )


def indicator(row: int, actual: str = "46", name: str = "巡查水库") -> IndicatorLine:
    return IndicatorLine(
        source=cell(row, 1, name),
        places={"actual": cell(row, 6, f"{actual}座")},
        project="水库巡查",
        level3=name,
        operator=Operator.AT_LEAST,
        target=Decimal(46),
        target_text="≥46座",
        unit="座",
        actual=Decimal(actual),
        actual_text=f"{actual}座",
        weight=Decimal(20),
        score=Decimal(20),
    )


def report(sha256: str = FILE, **changes: object) -> ReportFacts:
    quote = Source(paragraph=35, quote="自评得分为81.85分")
    part = ReportPart(
        source=Source(paragraph=2),
        places={"self_score": quote},
        id="r1",
        kind=ReportKind.DEPARTMENT,
        title="自评报告",
        department="青禾县水务局",
        self_score=Decimal("81.85"),
    )
    values: dict[str, object] = {
        "file": FileIdentity(name="报告.docx", sha256=sha256, format="docx"),
        "department": "青禾县水务局",
        "fiscal_year": "2025",
        "self_score": Decimal("81.85"),
        "reports": (part,),
        "rubric": (rubric(3), rubric(4, "预算完成", "9")),
        "projects": (ProjectFacts(source=cell(9, 1, "甲/乙"), name="甲/乙#1", executed=Decimal(12)),),
        "indicators": (indicator(11), indicator(12, "40")),
    }
    return ReportFacts.model_validate(values | changes)


def correction(
    facts: ReportFacts, path: str, value: str | None, *, number: int = 1, withdrawn: bool = False
) -> Correction:
    fact = facts_in(facts)[path]
    return Correction(
        number=number,
        path=path,
        label=fact.label,
        read_value=fact.value,
        source=fact.source,
        material=facts.file.sha256,
        file_sha256=facts.file.sha256,
        source_digest=fact.digest,
        value=value,
        withdrawn=withdrawn,
        who="经办甲",
        on=date(2026, 4, 8),
        reason="核对原件",
    )


SCORE = "rubric/目标实现/score"


def test_paths_name_values_by_the_words_of_the_report() -> None:
    paths = facts_in(report())
    assert {"self_score", SCORE, "rubric/预算完成/weight", "projects/甲%2F乙%231/executed"} <= set(paths)
    assert {"indicators/水库巡查/巡查水库/actual", "indicators/水库巡查/巡查水库#2/actual"} <= set(paths)
    assert paths["indicators/水库巡查/巡查水库#2/actual"].value == "40座"
    assert paths["self_score"].source == Source(paragraph=35, quote="自评得分为81.85分")


def test_without_corrections_the_facts_are_the_reading() -> None:
    facts = report()
    assert apply_corrections(facts, []) == (facts, [])


def test_a_corrected_score_counts_and_says_who_corrected_it() -> None:
    facts = report()
    made, again = apply_corrections(facts, [correction(facts, SCORE, "9")])
    assert (made.rubric[0].score, made.rubric[1].score, again) == (Decimal(9), Decimal(9), [])
    assert facts.rubric[0].score == Decimal(8)
    assert "经办甲" in made.warnings[0] and "“8”更正为“9”" in made.warnings[0] and "核对原件" in made.warnings[0]


def test_a_blank_stays_apart_from_zero() -> None:
    facts = report()
    assert apply_corrections(facts, [correction(facts, SCORE, None)])[0].rubric[0].score is None
    assert apply_corrections(facts, [correction(facts, SCORE, "0")])[0].rubric[0].score == 0


def test_the_total_is_corrected_in_the_overall_report_too() -> None:
    facts = report()
    made, _ = apply_corrections(facts, [correction(facts, "self_score", "82")])
    assert made.self_score == made.reports[0].self_score == Decimal(82)


def test_it_survives_another_reading_of_the_same_file() -> None:
    facts = report()
    known = correction(facts, SCORE, "9")
    better = report(rubric=(rubric(3, score="6"), rubric(4, "预算完成", "9")))
    assert apply_corrections(better, [known])[0].rubric[0].score == 9


def test_in_the_same_file_it_finds_its_cell_under_another_name() -> None:
    facts = report()
    known = correction(facts, SCORE, "9")
    named = report(rubric=(rubric(5), rubric(3, "目标完成情况")))
    made, again = apply_corrections(named, [known])
    assert ([line.score for line in made.rubric], again) == ([8, 9], [])


def test_it_holds_in_a_new_version_that_says_the_same_there() -> None:
    known = correction(report(), SCORE, "9")
    newer = report(OTHER, rubric=(rubric(8, "预算完成", "10"), rubric(9)))
    made, again = apply_corrections(newer, [known])
    assert (made.rubric[1].score, again) == (Decimal(9), [])


@pytest.mark.parametrize("changed", [rubric(3, score="7"), rubric(3, score=None), rubric(3, "目标完成")])
def test_it_is_asked_again_where_the_new_version_says_something_else(changed: RubricLine) -> None:
    known = correction(report(), SCORE, "9")
    newer = report(OTHER, rubric=(changed,))
    made, again = apply_corrections(newer, [known])
    assert made == newer
    (question,) = again
    assert question.field == SCORE
    assert "经办甲" in question.message and "请重新确认" in question.message


def test_it_is_not_asked_where_the_department_has_put_it_right() -> None:
    known = correction(report(), SCORE, "9")
    newer = report(OTHER, rubric=(rubric(3, score="9"),))
    assert apply_corrections(newer, [known]) == (newer, [])


def test_a_correction_that_no_longer_fits_is_asked_again() -> None:
    known = correction(report(), SCORE, "9")
    lower = rubric(3).model_copy(update={"weight": Decimal("8.5")})
    made, again = apply_corrections(report(OTHER, rubric=(lower,)), [known])
    assert (made.rubric[0].score, len(again)) == (8, 1)


def test_the_version_decides_what_is_the_same_material_where_it_has_several_files() -> None:
    facts = report()
    known = correction(facts, SCORE, "9").model_copy(update={"material": "m1"})
    changed = report(rubric=(rubric(3, score="7"),))
    assert apply_corrections(changed, [known], material="m1")[0].rubric[0].score == 9
    assert apply_corrections(changed, [known], material="m2")[0].rubric[0].score == 7


def test_the_latest_correction_of_a_value_wins_and_can_be_withdrawn() -> None:
    facts = report()
    first, second = correction(facts, SCORE, "9"), correction(facts, SCORE, "7", number=2)
    assert apply_corrections(facts, [second, first])[0].rubric[0].score == 7
    back = correction(facts, SCORE, None, number=3, withdrawn=True)
    made, again = apply_corrections(facts, [first, second, back])
    assert (made.rubric[0].score, again) == (8, [])
    assert "撤销" in made.warnings[0]


def test_a_row_is_certain_when_every_value_in_it_was_confirmed() -> None:
    facts = report(rubric=(rubric(3, confidence="0.6"),))
    score, weight = correction(facts, SCORE, "9"), correction(facts, "rubric/目标实现/weight", "10", number=2)
    assert apply_corrections(facts, [score])[0].rubric[0].confidence == Decimal("0.6")
    assert apply_corrections(facts, [score, weight])[0].rubric[0].confidence == 1


def test_one_value_alone_is_certain_once_corrected() -> None:
    money = MoneyFact(source=cell(20, 3, "9240"), confidence=Decimal("0.6"), key="budget_initial", value=Decimal(9240))
    facts = report(money=(money,))
    made, _ = apply_corrections(facts, [correction(facts, "money/budget_initial/value", "9420")])
    assert (made.money[0].value, made.money[0].confidence) == (9420, 1)


@pytest.mark.parametrize(
    ("field", "typed", "number", "text", "operator"),
    [
        ("actual", "45", "45", "45", Operator.AT_LEAST),
        ("actual", "45座", "45", "45座", Operator.AT_LEAST),
        ("actual", "基本完成", None, "基本完成", Operator.AT_LEAST),
        ("actual", None, None, None, Operator.AT_LEAST),
        ("target", "≤50座", "50", "≤50座", Operator.AT_MOST),
        ("target", "50座", "50", "50座", Operator.AT_LEAST),
        ("target", "不超过50座", "50", "不超过50座", Operator.AT_MOST),
        ("target", "50座以内", "50", "50座以内", Operator.AT_MOST),
        ("target", "<=50座", "50", "<=50座", Operator.AT_MOST),
        ("target", "明显改善", None, "明显改善", Operator.TEXT),
        ("target", "3~5座", None, "3~5座", Operator.TEXT),
    ],
)
def test_targets_and_results_are_numbers_or_words(
    field: str, typed: str | None, number: str | None, text: str | None, operator: Operator
) -> None:
    facts = report()
    made, _ = apply_corrections(facts, [correction(facts, f"indicators/水库巡查/巡查水库/{field}", typed)])
    line = made.indicators[0]
    assert getattr(line, field) == (Decimal(number) if number else None)
    assert (getattr(line, f"{field}_text"), line.operator) == (text, operator)


def test_an_answered_question_is_asked_no_more_and_a_new_one_is() -> None:
    doubt = Question(field="self_score", message="自评得分有两种说法。", source=Source(paragraph=3, quote="92分"))
    facts = report(questions=(doubt,))
    path = next(path for path in facts_in(facts) if path.startswith("questions/"))
    known = correction(facts, path, "以第35段为准")
    assert apply_corrections(facts, [known])[0].questions == ()
    changed = doubt.model_copy(update={"message": "自评得分有三种说法。"})
    assert apply_corrections(report(OTHER, questions=(changed,)), [known]) == (report(OTHER, questions=(changed,)), [])


def test_an_error_that_rests_on_a_misread_cell_is_only_a_question() -> None:
    places = (FindingPlace(quote="8", source=cell(3, 7, "8")), FindingPlace(quote="81.85", source=Source(paragraph=35)))
    finding = Finding(code="sum", severity=Severity.ERROR, message="合计与各项之和不一致。", places=places)
    facts = report(findings=(finding,))
    assert apply_corrections(facts, [correction(facts, SCORE, "9")])[0].findings[0].severity is Severity.QUESTION
    assert apply_corrections(facts, [correction(facts, SCORE, "8")])[0].findings[0].severity is Severity.ERROR
    other = correction(facts, "rubric/预算完成/score", "10")
    assert apply_corrections(facts, [other])[0].findings[0].severity is Severity.ERROR


@given(st.lists(st.tuples(st.sampled_from(["8", "9", "10", None]), st.booleans()), max_size=5), st.randoms())
def test_the_order_in_which_corrections_arrive_makes_no_difference(
    values: list[tuple[str | None, bool]], chance
) -> None:
    facts = report()
    known = [
        correction(facts, SCORE if turn % 2 else "rubric/预算完成/score", value, number=turn, withdrawn=back)
        for turn, (value, back) in enumerate(values, 1)
    ]
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert apply_corrections(facts, shuffled) == apply_corrections(facts, known)
    assert set(in_force(known)) == {c.path for c in known}


@given(st.data())
def test_confirming_what_was_read_changes_no_value(data: st.DataObject) -> None:
    facts = report()
    fact = data.draw(st.sampled_from([f for f in facts_in(facts).values() if f.value is not None]))
    made, again = apply_corrections(facts, [correction(facts, fact.path, fact.value)])
    assert again == []
    for name in ("rubric", "projects", "indicators"):
        rows = tuple(row.model_copy(update={"confidence": None}) for row in getattr(made, name))
        assert rows == getattr(facts, name)
    assert {p: f.value for p, f in facts_in(made).items()} == {p: f.value for p, f in facts_in(facts).items()}


def test_confirming_a_printed_text_leaves_the_number_that_was_understood() -> None:
    odd = indicator(11).model_copy(update={"target_text": "46座（全年两次）", "target": Decimal(46)})
    facts = report(indicators=(odd,))
    path = "indicators/水库巡查/巡查水库/target"
    made, _ = apply_corrections(facts, [correction(facts, path, "46座（全年两次）")])
    assert (made.indicators[0].target, made.indicators[0].operator) == (46, Operator.AT_LEAST)
