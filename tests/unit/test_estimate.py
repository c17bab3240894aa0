"""What the reviewed sample says about all departments (由样本推断总体)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Literal

import pytest

from models.estimate import EstimatePolicy, ReviewedUnit, estimate, wilson
from models.sampling import FrameUnit, SpotCheckPolicy, draw

D = Decimal


def reviewed(code: int, gap: str, stratum: str = "甲", ratio: str = "1/2") -> ReviewedUnit:
    return ReviewedUnit(code=str(code), stratum=stratum, ratio=ratio, self_score=D(80) + D(gap), review_score=D(80))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, "25.53", "36.62"), (15, 148, "6.24", "16.05"), (0, 20, "0", "16.11"), (1, 29, "0.61", "17.18")],
)
def test_the_interval_of_a_share_is_the_published_one(hits: int, total: int, low: str, high: str) -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (Wilson without continuity correction).
    p = D(hits) / total
    interval = wilson(p, p * (1 - p) / total, total, census=False)
    assert abs(interval.low - D(low)) <= D("0.05")
    assert abs(interval.high - D(high)) <= D("0.05")


def test_too_few_reviewed_is_said_and_nothing_estimated() -> None:
    told = estimate([reviewed(n, "5") for n in range(4)], {"甲": 8})
    assert not told.enough
    assert told.mean_overclaim is None and told.share_beyond is None
    assert "不足以推断" in told.sentence


def test_a_stratum_without_a_review_silences_the_estimate() -> None:
    told = estimate([reviewed(n, "5") for n in range(12)], {"甲": 24, "乙": 3})
    assert not told.enough
    assert "乙" in told.sentence


def test_the_mean_and_its_interval_are_those_of_the_formula() -> None:
    # n = 10 of N = 20; gaps 0..9: mean 4.5, s² = 9.1667, standard error √(½ · 9.1667 / 10) = 0.67700, t(9) = 2.262.
    told = estimate([reviewed(n, str(n)) for n in range(10)], {"甲": 20})
    assert told.mean_overclaim is not None
    assert told.mean_overclaim.model_dump() == {"value": D("4.50"), "low": D("2.97"), "high": D("6.03")}
    # 5 % of 80 is 4 points: the gaps 5 to 9 lie beyond.
    assert told.share_beyond is not None and told.share_beyond.value == D("50.0")


def test_equal_chances_give_the_textbook_variance_exactly() -> None:
    # N = 40, n = 8, s² = 6: (1 - f)s²/n = 0.6, standard error 0.774597, t(7) = 2.365, half width 1.8319.
    told = estimate([reviewed(n, str(n), ratio="1/5") for n in range(8)], {"甲": 40})
    assert told.mean_overclaim is not None
    assert told.mean_overclaim.model_dump() == {"value": D("3.50"), "low": D("1.67"), "high": D("5.33")}


def test_units_that_were_certain_stand_for_themselves_alone() -> None:
    # Two certain units with 10 each; of 18 others 9 were drawn with gaps 0..8: their mean 4, s² = 7.5,
    # (1 - ½) · 7.5 / 9 = 0.41667. Mean (2 · 10 + 18 · 4) / 20 = 4.6, standard error 0.9 · 0.645497, t(8) = 2.306.
    sample = [reviewed(n, "10", ratio="1/1") for n in (90, 91)] + [reviewed(n, str(n)) for n in range(9)]
    told = estimate(sample, {"甲": 20})
    assert told.mean_overclaim is not None
    assert told.mean_overclaim.model_dump() == {"value": D("4.60"), "low": D("3.26"), "high": D("5.94")}


def test_certain_units_alone_say_nothing_about_the_others() -> None:
    sample = [reviewed(n, "10", ratio="1/1") for n in range(9)] + [reviewed(n, "1", "乙") for n in range(9, 19)]
    assert not estimate(sample, {"甲": 20, "乙": 20}).enough


def test_strata_count_by_their_size() -> None:
    sample = [reviewed(n, "0", "大", "5/90") for n in range(5)] + [
        reviewed(n, "10", "小", "5/10") for n in range(5, 10)
    ]
    told = estimate(sample, {"大": 90, "小": 10})
    assert told.mean_overclaim is not None and told.mean_overclaim.value == D("1.00")
    assert told.share_beyond is not None and told.share_beyond.value == D("10.0")


def test_a_full_review_has_no_sampling_error() -> None:
    told = estimate([reviewed(n, str(n), ratio="1/1") for n in range(5)], {"甲": 5})
    assert told.mean_overclaim is not None and told.mean_overclaim.low == told.mean_overclaim.high == D("2.00")
    assert "全部复核" in told.sentence


def test_over_all_possible_samples_the_mean_is_unbiased() -> None:
    gaps = [0, 1, 1, 3, 8, 10]
    policy = EstimatePolicy(fewest_reviewed=3, fewest_degrees=2)
    means = []
    for chosen in combinations(range(6), 3):
        told = estimate([reviewed(i, str(gaps[i])) for i in chosen], {"甲": 6}, policy=policy)
        assert told.mean_overclaim is not None
        means.append(Fraction(told.mean_overclaim.value))
    # The interval prints two decimals, so the mean of the estimates may be off by half a hundredth.
    assert abs(sum(means) / len(means) - Fraction(sum(gaps), 6)) <= Fraction(1, 200)


@pytest.mark.parametrize("measure", ["equal", "risk"])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(measure: Literal["equal", "risk"]) -> None:
    frame = [
        FrameUnit(code=f"{n:03}", name="", stratum="甲" if n < 30 else "乙", size=D(1), risk=D(1 + n % 4))
        for n in range(60)
    ]
    gaps = {u.code: D(int(u.code) * 37 % 11) for u in frame}
    truth = sum(gaps.values()) / len(frame)
    strata, rounds, covered = {"甲": 30, "乙": 30}, 300, 0
    for n in range(rounds):
        record = draw(frame, SpotCheckPolicy(share=D("0.4"), measure=measure), f"s{n}")
        sample = [
            ReviewedUnit(
                code=u.code, stratum=u.stratum, ratio=u.ratio, self_score=D(70) + gaps[u.code], review_score=D(70)
            )
            for u in record.units
            if u.drawn
        ]
        told = estimate(sample, strata).mean_overclaim
        assert told is not None
        covered += told.low <= truth <= told.high
    assert 0.91 <= covered / rounds <= 0.99


@pytest.mark.parametrize(
    ("unit", "strata", "words"),
    [
        (reviewed(1, "1", "丙"), {"甲": 3}, "不在抽样框中"),
        (reviewed(1, "1", ratio="3/2"), {"甲": 3}, "入样概率"),
        (reviewed(1, "1"), {"甲": 0}, "多于"),
    ],
)
def test_a_sample_that_does_not_fit_its_frame_is_refused(
    unit: ReviewedUnit, strata: dict[str, int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate([unit], strata)
