"""Deviation of the self-score (偏离度)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.deviation import DeviationBand, DeviationPolicy, assess

D = Decimal
scores = st.decimals(min_value=0, max_value=100, places=4)
positive = st.decimals(min_value=D("0.0001"), max_value=100, places=4)


@pytest.mark.parametrize(
    ("own", "review", "deduction"),
    [
        ("84", "80", 0),  # 5.00 %
        ("84.0000001", "80", 4),
        ("84.008", "80", 4),  # 5.01 %
        ("88", "80", 4),  # 10.00 %
        ("88.008", "80", 8),  # 10.01 %
        ("96", "80", 8),  # 20.00 %
        ("96.008", "80", 10),  # 20.01 %
        ("76", "80", 0),  # under-claiming by 5 %
        ("75.99", "80", 4),
        ("90", "80", 8),
        ("1", "0", 10),
        ("0", "0", 0),
        ("0", "80", 10),
    ],
)
def test_a_limit_belongs_to_the_milder_band(own: str, review: str, deduction: int) -> None:
    result = assess(D(own), D(review), DeviationPolicy())
    assert result.deduction == deduction
    assert result.points == 10 - deduction


def test_the_percentage_is_exact_and_so_is_its_print() -> None:
    result = assess(D("105.0000001"), D(100))
    assert result.percent == D("5.0000001")
    assert result.shown == "5.0000001%"
    assert assess(D(90), D(80)).percent == D("12.5")


def test_a_printed_percentage_never_contradicts_its_band() -> None:
    # 84.00001 against 80 is 5.0000125 %: two decimals would read 5.00 %, which is the milder band.
    result = assess(D("84.00001"), D(80))
    assert result.shown == "5.00001%"
    assert result.band == "超过5%至10%"


def test_a_review_of_zero_has_no_percentage() -> None:
    result = assess(D(1), D(0))
    assert result.percent is None
    assert "无法计算比例" in result.explanation


def test_the_sentence_shows_the_calculation() -> None:
    assert assess(D(90), D(80)).explanation == (
        "自评得分90分，复核得分80分，相差10分；偏离度以复核得分为基数：10÷80＝12.5%，属“超过10%至20%”，扣8分，自评准确得2分。"
    )


def test_the_base_is_a_policy() -> None:
    assert assess(D(90), D(81), DeviationPolicy(base="self")).deduction == 4  # 9/90 = 10 %
    assert assess(D(90), D(81), DeviationPolicy(base="review")).deduction == 8  # 9/81 = 11.1 %
    assert assess(D(90), D(81), DeviationPolicy(base="points")).percent == 9
    assert assess(D(0), D(81), DeviationPolicy(base="self")).deduction == 10


@pytest.mark.parametrize("value", [90.0, "90", None, True])
def test_only_exact_numbers_are_taken(value: object) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        assess(value, D(80))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity"])
def test_impossible_scores_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="不小于0"):
        assess(D(80), D(value))


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (DeviationBand(limit=D(5), deduction=D(0)),),
        (
            DeviationBand(limit=D(5), deduction=D(0)),
            DeviationBand(limit=D(5), deduction=D(4)),
            DeviationBand(deduction=D(8)),
        ),
        (DeviationBand(limit=D(5), deduction=D(4)), DeviationBand(deduction=D(0))),
        (DeviationBand(limit=D(5), deduction=D(4)), DeviationBand(deduction=D(11))),
    ],
)
def test_bands_that_make_no_sense_are_refused(bands: tuple[DeviationBand, ...]) -> None:
    with pytest.raises(ValidationError):
        DeviationPolicy(bands=bands)


@given(scores, scores)
def test_deduction_and_points_always_make_ten(own: Decimal, review: Decimal) -> None:
    result = assess(own, review)
    assert result.deduction in (0, 4, 8, 10)
    assert result.deduction + result.points == 10


@given(scores, positive)
def test_the_deduction_is_that_of_exact_arithmetic(own: Decimal, review: Decimal) -> None:
    ratio = abs(Fraction(own) - Fraction(review)) / Fraction(review) * 100
    expected = 0 if ratio <= 5 else 4 if ratio <= 10 else 8 if ratio <= 20 else 10
    assert assess(own, review).deduction == expected


@given(positive, scores, scores)
def test_a_wider_gap_never_costs_less(review: Decimal, one: Decimal, other: Decimal) -> None:
    near, far = sorted((one, other), key=lambda own: abs(own - review))
    assert assess(near, review).deduction <= assess(far, review).deduction


@given(scores, positive)
def test_what_is_printed_falls_into_the_band_that_applies(own: Decimal, review: Decimal) -> None:
    result = assess(own, review)
    printed = D(result.shown.removesuffix("%"))
    expected = 0 if printed <= 5 else 4 if printed <= 10 else 8 if printed <= 20 else 10
    assert result.deduction == expected


@given(scores, scores)
def test_the_result_survives_json(own: Decimal, review: Decimal) -> None:
    result = assess(own, review)
    assert type(result).model_validate_json(result.model_dump_json()) == result
