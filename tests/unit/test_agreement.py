"""How well two reviewers agree (双人复核一致性), against published values and formulas computed another way."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal
from fractions import Fraction

import pytest

from models.agreement import AgreementPolicy, concordance, of_lines, overall, share_interval, weighted_kappa

D = Decimal

# Bland and Altman, Lancet i (1986) 307-310: first readings of 17 people by two meters (table 1).
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
# Altman, Practical Statistics for Medical Research (1991), table 14.4: two radiologists, 85 xeromammograms.
RADIOLOGISTS = [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]


def pairs(*values: tuple[str | int, str | int]) -> list[tuple[Decimal, Decimal]]:
    return [(D(one), D(two)) for one, two in values]


def placed(table: list[list[int]]) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]


def test_kappa_is_the_published_one() -> None:
    # Unweighted 0.47, linear weights 0.57 (Altman 1991, pp. 404-406); unweighted is what two categories at a time give.
    linear = weighted_kappa(placed(RADIOLOGISTS), 4)
    assert linear is not None and round(float(linear), 2) == 0.57
    n = 85
    ones = [sum(row) for row in RADIOLOGISTS]
    twos = [sum(column) for column in zip(*RADIOLOGISTS, strict=True)]
    weights = [[1 - Fraction((i - j) ** 2, 9) for j in range(4)] for i in range(4)]
    cells = [(i, j) for i in range(4) for j in range(4)]
    seen = sum(weights[i][j] * RADIOLOGISTS[i][j] for i, j in cells) / n
    chance = sum(weights[i][j] * ones[i] * twos[j] for i, j in cells) / Fraction(n * n)
    assert weighted_kappa(placed(RADIOLOGISTS), 4, quadratic=True) == (seen - chance) / (1 - chance)


def test_kappa_with_two_categories_is_the_plain_one() -> None:
    # The textbook table 20, 5, 10, 15: 70 % agreement, 50 % by chance, kappa 0.4.
    assert weighted_kappa(placed([[20, 5], [10, 15]]), 2) == Fraction(2, 5)


def test_kappa_is_not_given_where_chance_never_disagrees() -> None:
    assert weighted_kappa([(1, 1)] * 20, 4) is None
    assert weighted_kappa([(0, 0), (1, 1)], 4) == 1
    with pytest.raises(ValueError, match="0至3之间"):
        weighted_kappa([(0, 4)], 4)


def test_differences_are_those_of_the_published_meters() -> None:
    # Bland and Altman give the mean difference large - mini as -2.1 litres a minute, standard deviation 38.8.
    found = of_lines(pairs(*zip(LARGE, MINI, strict=True)))
    assert found.mean_difference == D("2.12")
    assert round(statistics.stdev([a - b for a, b in zip(LARGE, MINI, strict=True)]), 1) == 38.8
    assert (found.equal, found.largest) == (0, 81)


def test_concordance_is_lins_formula_on_the_published_meters() -> None:
    found = concordance(pairs(*zip(LARGE, MINI, strict=True)))
    n = len(LARGE)
    r = statistics.correlation(LARGE, MINI)
    s1, s2 = statistics.pstdev(LARGE), statistics.pstdev(MINI)
    shift = statistics.fmean(LARGE) - statistics.fmean(MINI)
    c = 2 * r * s1 * s2 / (s1**2 + s2**2 + shift**2)
    # The same coefficient as accuracy times precision (Lin 1989, section 2).
    u = shift / math.sqrt(s1 * s2)
    assert c == pytest.approx(r * 2 / (s1 / s2 + s2 / s1 + u**2))
    spread = (1 - r**2) * c**2 * (1 - c**2) / r**2 + 2 * c**3 * (1 - c) * u**2 / r - c**4 * u**4 / r**2 / 2
    half = 1.959964 * math.sqrt(spread / (n - 2)) / (1 - c**2)
    assert found is not None
    assert float(found.value) == pytest.approx(c, abs=5e-4)
    assert float(found.low) == pytest.approx(math.tanh(math.atanh(c) - half), abs=5e-4)
    assert float(found.high) == pytest.approx(math.tanh(math.atanh(c) + half), abs=5e-4)
    assert found.value == D("0.943")


def test_a_constant_shift_lowers_concordance_though_not_correlation() -> None:
    same = concordance(pairs((70, 70), (80, 80), (90, 90)))
    assert same is not None and (same.value, same.low, same.high) == (1, 1, 1)
    # var 200/3 each, shift 10: 2·(200/3) ÷ (400/3 + 100) = 4/7.
    shifted = concordance(pairs((70, 80), (80, 90), (90, 100)))
    assert shifted is not None and shifted.value == D("0.571")
    reversed_ = concordance(pairs((70, 90), (80, 80), (90, 70)))
    assert reversed_ is not None and reversed_.value == -1


@pytest.mark.parametrize("values", [[(80, 80), (80, 81), (80, 79)], [(80, 80), (81, 81)]])
def test_without_spread_or_with_two_pairs_there_is_no_concordance(values: list[tuple[int, int]]) -> None:
    assert concordance(pairs(*values)) is None


def test_the_interval_of_the_share_counts_departments_not_lines() -> None:
    # Equal cluster sizes: the jackknife is s²/m of the departments' own shares; shares 1, 1, 1, 0.5, 0.5, s = 0.27386.
    clusters = [pairs((1, 1), (2, 2))] * 3 + [pairs((1, 1), (2, 1))] * 2
    found = share_interval(clusters)
    assert found is not None
    half = 100 * 2.776 * statistics.stdev([1, 1, 1, 0.5, 0.5]) / math.sqrt(5)
    assert (found.value, found.low) == (D("80.0"), D(str(round(80 - half, 1))))
    assert found.high == 100, "a share cannot lie above 100 %"
    assert share_interval([pairs((1, 1))] * 6) is None, "no spread, no interval"


def test_a_few_departments_give_counts_and_no_coefficients() -> None:
    found = overall({"101": pairs((10, 10), (10, 8), (4, 4)), "102": pairs((10, 9), (4, 4))}, lambda _, total: 0)
    assert (found.lines.lines, found.lines.equal, found.departments) == (5, 3, 2)
    assert found.equal_interval is found.concordance is found.kappa is None
    assert not found.enough
    assert "3项评分相同（60%）" in found.sentence and "太少" in found.sentence
    assert "平均相差0.6分，最大相差2分；第二复核人平均每项低0.6分" in found.sentence


def test_enough_departments_give_every_measure() -> None:
    departments = {str(n): pairs((10, 10), (n, n if n % 3 else n - 1)) for n in range(1, 13)}
    found = overall(departments, lambda _, total: 0 if total < 15 else 1, bands=2)
    assert found.enough and found.concordance is not None and found.equal_interval is not None
    assert found.kappa is not None and found.kappa == D("1")
    assert "一致性相关系数0.98" in found.sentence and "Kappa系数1" in found.sentence


def test_the_tolerance_only_changes_what_counts_as_near() -> None:
    found = of_lines(pairs((10, D("9.5")), (10, 9), (10, 10)), D("0.5"))
    assert (found.equal, found.within) == (1, 2)
    with pytest.raises(ValueError, match="无法比较"):
        of_lines([])


def test_the_interval_covers_the_true_concordance_about_as_often_as_it_says() -> None:
    # Normal pairs, 20 departments: total 80 ± 8, each reviewer ± 4: concordance 64 / (64 + 16) = 0.8.
    import random

    covered, rounds = 0, 400
    generator = random.Random(7)
    for _ in range(rounds):
        truth = [generator.gauss(80, 8) for _ in range(20)]
        made = [(D(f"{t + generator.gauss(0, 4):.2f}"), D(f"{t + generator.gauss(0, 4):.2f}")) for t in truth]
        found = concordance(made)
        assert found is not None
        covered += found.low <= D("0.8") <= found.high
    assert 0.91 <= covered / rounds <= 0.98


def test_the_policy_says_how_many_are_enough() -> None:
    departments = {str(n): pairs((10, 10), (n, n)) for n in range(1, 4)}
    policy = AgreementPolicy(fewest_for_coefficient=3, fewest_for_interval=2)
    found = overall(departments, policy=policy)
    assert found.enough and found.concordance is not None and found.concordance.value == 1
