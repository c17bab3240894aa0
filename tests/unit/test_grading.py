"""Grades (等级)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.grading import DEFAULT_BANDS, GradeBand, grade

D = Decimal


@pytest.mark.parametrize(
    ("score", "name"),
    [
        ("100", "优"),
        ("90", "优"),
        ("89.99", "良"),
        ("82", "良"),
        ("80", "良"),
        ("79.99", "中"),
        ("60", "中"),
        ("59.99", "差"),
        ("0", "差"),
    ],
)
def test_a_lower_limit_belongs_to_its_grade(score: str, name: str) -> None:
    assert grade(D(score)).name == name


@given(st.decimals(min_value=0, max_value=100, places=3), st.decimals(min_value=0, max_value=100, places=3))
def test_more_points_never_mean_a_worse_grade(one: Decimal, other: Decimal) -> None:
    names = [band.name for band in DEFAULT_BANDS]
    low, high = sorted((one, other))
    assert names.index(grade(high).name) <= names.index(grade(low).name)


def test_bands_come_from_the_rule_set() -> None:
    bands = (GradeBand(name="合格", lower=D(70)), GradeBand(name="不合格", lower=D(0)))
    assert grade(D(70), bands).name == "合格"
    assert grade(D("69.9"), bands).words == "70分以下"


@pytest.mark.parametrize("score", ["-0.01", "100.01", "NaN"])
def test_a_score_outside_is_refused(score: str) -> None:
    with pytest.raises(ValueError, match="无法评定等级"):
        grade(D(score))


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        grade(82.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (GradeBand(name="优", lower=D(90)),),
        (GradeBand(name="差", lower=D(0)), GradeBand(name="优", lower=D(90))),
        (GradeBand(name="优", lower=D(90)), GradeBand(name="优", lower=D(0))),
    ],
)
def test_bands_out_of_order_are_refused(bands: tuple[GradeBand, ...]) -> None:
    with pytest.raises(ValueError, match="等级"):
        grade(D(80), bands)
