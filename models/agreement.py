"""How well two reviewers agree (双人复核一致性): measured line by line and on totals, or that it is too little to say.

What is measured, and why so:

- Lines: the share scored equal, the mean absolute difference, and the mean difference second - first, all in points. The
  lines of one department hang together, so the interval of the share leaves out one whole department at a time (a
  jackknife over clusters, Student's t with departments - 1 degrees), never one line.
- Totals: Lin's concordance correlation coefficient over departments (Lin, Biometrics 45, 1989; variance as corrected in
  Biometrics 56, 2000), with an interval on Fisher's z scale. Lines are not pooled for it: their maxima (2 to 10 points)
  would make any two reviewers look concordant.
- What it costs: Cohen's kappa with linear weights (Psychological Bulletin 70, 1968) over the deviation band that each
  reviewer's total would lead to, as bands are what departments feel.
- Few departments say little: with fewer than the policy asks for no coefficient is given, only the plain counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from models.document import Frozen
from models.estimate import T95, Z95, Interval
from models.numbers import Number, rounded, trimmed

Pair = tuple[Decimal, Decimal]


class AgreementPolicy(Frozen):
    """When there is enough to speak of agreement (一致性口径): departments for an interval, and for a coefficient."""

    fewest_for_interval: int = 5
    fewest_for_coefficient: int = 10


class LineAgreement(Frozen):
    """Agreement over a set of lines (逐项一致性). ``equal_percent`` of the lines; differences in points, second - first."""

    lines: int
    equal: int
    within: int
    equal_percent: Number
    mean_absolute: Number
    mean_difference: Number
    largest: Number


class Agreement(Frozen):
    """Agreement over all departments that were reviewed twice (总体一致性); None where there is too little to say.

    ``concordance`` of the totals; ``kappa`` of the deviation bands; ``sentence`` says all of it.
    """

    departments: int
    lines: LineAgreement
    equal_interval: Interval | None
    concordance: Interval | None
    kappa: Number | None
    enough: bool
    sentence: str


def of_lines(pairs: Sequence[Pair], tolerance: Decimal = Decimal(0)) -> LineAgreement:
    """Agreement over lines (逐项一致性): ``pairs`` of (first, second) scores. Raises ValueError without any."""
    if not pairs:
        raise ValueError("没有两人都评分的指标，无法比较。")
    gaps = [second - first for first, second in pairs]
    equal = sum(gap == 0 for gap in gaps)
    return LineAgreement(
        lines=len(pairs),
        equal=equal,
        within=sum(abs(gap) <= tolerance for gap in gaps),
        equal_percent=_rounded(Fraction(100 * equal, len(pairs)), 1),
        mean_absolute=_rounded(sum((Fraction(abs(gap)) for gap in gaps), Fraction(0)) / len(pairs)),
        mean_difference=_rounded(sum((Fraction(gap) for gap in gaps), Fraction(0)) / len(pairs)),
        largest=max(abs(gap) for gap in gaps),
    )


def overall(
    departments: Mapping[str, Sequence[Pair]],
    band_of: Callable[[str, Decimal], int | None] | None = None,
    bands: int = 4,
    tolerance: Decimal = Decimal(0),
    policy: AgreementPolicy | None = None,
) -> Agreement:
    """Agreement over all departments (总体一致性).

    ``departments``: code -> the pairs of its lines. ``band_of`` gives the deviation band, from 0, that a review total leads
    to, None where there is no self-score to compare with. Raises ValueError without any pair.
    """
    policy = policy or AgreementPolicy()
    pairs = [pair for code in departments for pair in departments[code]]
    lines = of_lines(pairs, tolerance)
    known = {code: found for code, found in departments.items() if found}
    totals = [_totals(found) for found in known.values()]
    enough = len(known) >= policy.fewest_for_coefficient
    interval = share_interval(list(known.values())) if len(known) >= policy.fewest_for_interval else None
    placed: list[tuple[int, int]] = []
    if band_of is not None:
        both = [(band_of(code, one), band_of(code, two)) for code, (one, two) in zip(known, totals, strict=True)]
        placed = [(one, two) for one, two in both if one is not None and two is not None]
    concordant = concordance(totals) if enough else None
    agreed = weighted_kappa(placed, bands) if len(placed) >= policy.fewest_for_coefficient else None
    kappa = None if agreed is None else _rounded(agreed)
    sentence = _sentence(len(known), lines, interval, concordant, kappa)
    return Agreement(
        departments=len(known),
        lines=lines,
        equal_interval=interval,
        concordance=concordant,
        kappa=kappa,
        enough=enough,
        sentence=sentence,
    )


def share_interval(clusters: Sequence[Sequence[Pair]]) -> Interval | None:
    """The share of equal lines with its 95 % interval in percent (评分相同比例的置信区间), clustered by department.

    The ratio estimator Σequal/Σlines; its variance by leaving out one department at a time. None with fewer than two
    departments, or where every department says the same, which leaves nothing to measure the spread by.
    """
    if len(clusters) < 2:
        return None
    counts = [(sum(one == two for one, two in cluster), len(cluster)) for cluster in clusters]
    equal, lines = sum(e for e, _ in counts), sum(n for _, n in counts)
    m = len(counts)
    left_out = [Fraction(equal - e, lines - n) for e, n in counts]
    middle = sum(left_out, Fraction(0)) / m
    variance = Fraction(m - 1, m) * sum(((x - middle) ** 2 for x in left_out), Fraction(0))
    if variance == 0:
        return None
    share = Fraction(equal, lines)
    with localcontext() as context:
        context.prec = 40
        half = _decimal(variance).sqrt() * T95[max(df for df in T95 if df <= m - 1)] * 100
        value = _decimal(share) * 100
        low, high = max(Decimal(0), value - half), min(Decimal(100), value + half)
    return Interval(value=rounded(value, 1), low=rounded(low, 1), high=rounded(high, 1))


def concordance(pairs: Sequence[Pair]) -> Interval | None:
    """Lin's concordance correlation coefficient with its 95 % interval (一致性相关系数), to three decimals.

    Moments with 1/n as in the paper. None where either side does not vary, or with fewer than three pairs; without spread
    there is no correlation to speak of. Perfect agreement has the interval 1 to 1.
    """
    n = len(pairs)
    ones, twos = [Fraction(one) for one, _ in pairs], [Fraction(two) for _, two in pairs]
    if n < 3 or len(set(ones)) == 1 or len(set(twos)) == 1:
        return None
    mean_one, mean_two = sum(ones, Fraction(0)) / n, sum(twos, Fraction(0)) / n
    var_one = sum(((x - mean_one) ** 2 for x in ones), Fraction(0)) / n
    var_two = sum(((y - mean_two) ** 2 for y in twos), Fraction(0)) / n
    both = sum(((x - mean_one) * (y - mean_two) for x, y in zip(ones, twos, strict=True)), Fraction(0)) / n
    exact = 2 * both / (var_one + var_two + (mean_one - mean_two) ** 2)
    if abs(exact) == 1 or both == 0:
        value = _rounded(exact, 3)
        return Interval(value=value, low=value, high=value) if both else None
    with localcontext() as context:
        context.prec = 40
        c = _decimal(exact)
        r = _decimal(both) / (_decimal(var_one) * _decimal(var_two)).sqrt()
        u2 = _decimal((mean_one - mean_two) ** 2) / (_decimal(var_one) * _decimal(var_two)).sqrt()
        rest = 1 - c * c
        variance = (1 - r * r) * c**2 / (rest * r * r) + 2 * c**3 * (1 - c) * u2 / (r * rest**2)
        variance = max(Decimal(0), variance - c**4 * u2**2 / (2 * r * r * rest**2)) / (n - 2)
        z, half = ((1 + c) / (1 - c)).ln() / 2, Z95 * variance.sqrt()
        low, high = _tanh(z - half), _tanh(z + half)
    return Interval(value=_rounded(exact, 3), low=rounded(low, 3), high=rounded(high, 3))


def weighted_kappa(placed: Sequence[tuple[int, int]], categories: int, *, quadratic: bool = False) -> Fraction | None:
    """Cohen's weighted kappa of ordered categories numbered from 0 (加权Kappa系数), exactly.

    Disagreement weighs |i - j|, or its square. None where chance alone would never disagree: both use one category only.
    Raises ValueError for a category outside 0 to ``categories`` - 1.
    """
    if any(not 0 <= one < categories for pair in placed for one in pair):
        raise ValueError(f"档次须在0至{categories - 1}之间。")
    n = len(placed)
    power = 2 if quadratic else 1
    seen = sum(abs(one - two) ** power for one, two in placed)
    ones = [sum(one == k for one, _ in placed) for k in range(categories)]
    twos = [sum(two == k for _, two in placed) for k in range(categories)]
    by_chance = sum(ones[i] * twos[j] * abs(i - j) ** power for i in range(categories) for j in range(categories))
    return None if by_chance == 0 else 1 - Fraction(seen * n, by_chance)


def _totals(pairs: Sequence[Pair]) -> Pair:
    return sum((one for one, _ in pairs), Decimal(0)), sum((two for _, two in pairs), Decimal(0))


def _sentence(
    departments: int, lines: LineAgreement, share: Interval | None, totals: Interval | None, kappa: Decimal | None
) -> str:
    told = (
        f"双人复核{departments}个部门{lines.lines}项，{lines.equal}项评分相同（{trimmed(lines.equal_percent)}%"
        + (f"，95%置信区间{trimmed(share.low)}%至{trimmed(share.high)}%" if share else "")
        + f"），平均相差{trimmed(lines.mean_absolute)}分，最大相差{trimmed(lines.largest)}分；{_leaning(lines)}"
    )
    if totals is None and kappa is None:
        return f"{told}双人复核的部门太少或得分没有差别，不足以计算总分的一致性系数。"
    parts = []
    if totals is not None:
        parts.append(
            f"部门总分的一致性相关系数{trimmed(totals.value)}（95%置信区间{trimmed(totals.low)}至{trimmed(totals.high)}）"
        )
    if kappa is not None:
        parts.append(f"偏离度档次的加权Kappa系数{trimmed(kappa)}")
    return f"{told}{'，'.join(parts)}。"


def _leaning(lines: LineAgreement) -> str:
    if lines.mean_difference == 0:
        return "两人没有一方普遍偏高。"
    side = "高" if lines.mean_difference > 0 else "低"
    return f"第二复核人平均每项{side}{trimmed(abs(lines.mean_difference))}分。"


def _tanh(z: Decimal) -> Decimal:
    grown = (2 * z).exp()
    return (grown - 1) / (grown + 1)


def _decimal(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        return Decimal(value.numerator) / Decimal(value.denominator)


def _rounded(value: Fraction, places: int = 2) -> Decimal:
    return Decimal(trimmed(rounded(_decimal(value), places)))
