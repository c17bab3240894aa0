"""What a person types is tidied, and refused where it cannot stand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.correctable import Fact, ValueKind, catalogue
from models.correction_entry import entered, misfit, misfits
from models.facts import MoneyFact, ProjectFacts, ReportFacts


def fact(kind: ValueKind, path: str = "x", **changes: object) -> Fact:
    return Fact.model_validate({"path": path, "label": "某项", "kind": kind, "value": None, **changes})


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (ValueKind.POINTS, " ９．５ ", "9.5"),
        (ValueKind.POINTS, "9.50", "9.5"),
        (ValueKind.AMOUNT, "1,680.00", "1680"),
        (ValueKind.AMOUNT, "１，６８０", "1680"),
        (ValueKind.AMOUNT, "1,68", "1,68"),
        (ValueKind.YEAR, "２０２５", "2025"),
        (ValueKind.TEXT, " 水务局 ", "水务局"),
        (ValueKind.QUANTITY, "≥46座", "≥46座"),
    ],
)
def test_numbers_are_written_plainly_and_words_are_left_alone(kind: ValueKind, typed: str, value: str) -> None:
    assert entered(kind, typed) == (value, False)


@pytest.mark.parametrize(
    ("typed", "meant"), [("（空白）", (None, False)), ("(空白)", (None, False)), ("（撤销）", (None, True))]
)
def test_blank_and_withdrawn_are_said_and_never_an_empty_text(typed: str, meant: tuple[None, bool]) -> None:
    assert entered(ValueKind.POINTS, typed) == meant


@pytest.mark.parametrize("value", ["九分", "9分", "9.5.1", "1,68", "", "1e3", "NaN", "٩"])
def test_words_are_no_number(value: str) -> None:
    assert "不是数字" in (misfit(fact(ValueKind.POINTS), value, {}) or "")


@pytest.mark.parametrize(("value", "fits"), [("10", True), ("10.01", False), ("0", True), ("-1", False)])
def test_a_score_lies_between_zero_and_its_weight(value: str, fits: bool) -> None:
    score = fact(ValueKind.POINTS, "a/score", within="a/weight")
    assert (misfit(score, value, {"a/weight": "10"}) is None) == fits


def test_without_a_weight_the_full_marks_bound_a_score() -> None:
    assert misfit(fact(ValueKind.POINTS), "100", {}) is None
    assert "满分" in (misfit(fact(ValueKind.POINTS), "101", {}) or "")


def test_weight_and_score_corrected_together_are_judged_together() -> None:
    found = {
        "a/weight": fact(ValueKind.POINTS, "a/weight", value="5", bounds="a/score"),
        "a/score": fact(ValueKind.POINTS, "a/score", value="4", within="a/weight"),
    }
    current = {path: one.value for path, one in found.items()}
    assert misfits(found, {"a/weight": "10", "a/score": "9"}, current) == {}
    assert set(misfits(found, {"a/score": "9"}, current)) == {"a/score"}
    assert set(misfits(found, {"a/weight": "3"}, current)) == {"a/weight"}


def test_what_a_report_really_claims_can_be_confirmed_even_over_the_weight() -> None:
    over = fact(ValueKind.POINTS, "a/score", value="12", within="a/weight")
    assert misfit(over, "12", {"a/weight": "10"}) is None
    assert misfit(over, "11", {"a/weight": "10"}) is not None


@pytest.mark.parametrize(("value", "fits"), [("2025", True), ("25", False), ("2025年", False), ("1999", False)])
def test_a_year_is_four_digits(value: str, fits: bool) -> None:
    assert (misfit(fact(ValueKind.YEAR), value, {}) is None) == fits


def test_a_result_in_another_unit_is_sent_back() -> None:
    done = fact(ValueKind.QUANTITY, unit="公里", field="actual")
    assert misfit(done, "13公里", {}) is None
    assert misfit(done, "13", {}) is None
    assert "换算" in (misfit(done, "13000米", {}) or "")


def test_an_amount_may_be_negative_but_not_endless() -> None:
    amount = fact(ValueKind.AMOUNT)
    assert misfit(amount, "-3.5", {}) is None
    assert misfit(amount, "1" * 30, {}) is not None
    assert misfit(amount, "0." + "1" * 20, {}) is not None


def test_a_question_wants_an_answer() -> None:
    assert misfit(fact(ValueKind.ANSWER), None, {}) is not None
    assert misfit(fact(ValueKind.ANSWER), "已核实", {}) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_for_a_score_is_a_plain_number_or_refused(typed: str) -> None:
    value, withdrawn = entered(ValueKind.POINTS, typed)
    if value is not None and misfit(fact(ValueKind.POINTS), value, {}) is None:
        assert not withdrawn
        assert 0 <= Decimal(value) <= 100
        assert value == format(Decimal(value), "f")


def test_every_correctable_field_exists_in_the_facts() -> None:
    known = catalogue()
    assert set(known.overall) <= set(ReportFacts.model_fields)
    for collection, spec in known.rows.items():
        row = ReportFacts.model_fields[collection].annotation.__args__[0]  # type: ignore[union-attr]
        assert set(spec.fields) <= set(row.model_fields), collection
        assert {one.within for one in spec.fields.values() if one.within} <= set(spec.fields)
    assert set(known.rows["projects"].fields) == {
        name for name, field in ProjectFacts.model_fields.items() if "Decimal" in str(field.annotation)
    } - {"confidence"}
    assert "value" in MoneyFact.model_fields
