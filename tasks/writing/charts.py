"""The geometry of the site's charts (图表坐标): numbers in, coordinates out; the SVG itself stands in the templates.

All charts are 640 units wide and scale with the page. Coordinates are rounded to one decimal, so that equal results
make equal pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.deviation import DeviationPolicy
from models.grading import GradeBand
from models.numbers import trimmed
from models.published import PublishedDepartment

WIDTH = 640
_STRIP_EDGE = 6
Scale = Callable[[Decimal | float], float]


class Bar(NamedTuple):
    """A bar (条形) with its label and value."""

    label: str
    shown: str
    x: float
    y: float
    width: float
    height: float
    kind: str


class Tick(NamedTuple):
    """A mark on an axis (刻度)."""

    at: float
    label: str


class BarChart(NamedTuple):
    """Bars with an axis (条形图)."""

    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


class Band(NamedTuple):
    """A wedge of equal deviation (偏离度区间) as the points of a polygon; ``step`` counts from the mildest."""

    label: str
    points: str
    step: int


class Dot(NamedTuple):
    """One department in the scatter chart (散点)."""

    x: float
    y: float
    name: str
    code: str
    words: str


class Scatter(NamedTuple):
    """Self-score against review score (自评与复核对比图)."""

    left: float
    top: float
    size: float
    bands: tuple[Band, ...]
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    diagonal: str


class Strip(NamedTuple):
    """One department's self-score and final score on a small line of their own (得分对照)."""

    self_x: float | None
    final_x: float
    kind: str


class Strips(NamedTuple):
    """The strips of all departments by code, and from which score on the line begins (得分对照图)."""

    floor: int
    width: int
    by_code: dict[str, Strip]


class Segment(NamedTuple):
    """A part of a stacked bar (堆叠条形的一段)."""

    label: str
    items: int
    colour: str


class StackedBar(NamedTuple):
    """One stacked bar (堆叠条形): its label, where it stands, its parts as (x, width, segment), and its sum."""

    label: str
    y: float
    parts: tuple[tuple[float, float, Segment], ...]
    end: float
    total: int


class StackedChart(NamedTuple):
    """Stacked bars on one scale (堆叠条形图)."""

    height: float
    left: float
    bars: tuple[StackedBar, ...]


def stacked_chart(rows: Sequence[tuple[str, Sequence[Segment]]]) -> StackedChart:
    """Bars of counted parts, one a row, the longest over the whole width (堆叠条形图)."""
    left, width = 130.0, 420.0
    longest = max([sum(part.items for part in parts) for _, parts in rows] + [1])
    bars = []
    for number, (label, parts) in enumerate(rows):
        x, placed = left, []
        for part in parts:
            long = width * part.items / longest
            if part.items:
                placed.append((_r(x), _r(long), part))
            x += long
        bars.append(StackedBar(label, 48.0 + number * 40, tuple(placed), _r(x), sum(part.items for part in parts)))
    return StackedChart(48.0 + 40 * len(bars) + 40, left, tuple(bars))


def _r(value: Decimal | float) -> float:
    return round(float(value), 1)


def grade_chart(departments: Sequence[PublishedDepartment], bands: Sequence[GradeBand]) -> BarChart:
    """How many departments have each grade (等级分布)."""
    counts = [sum(1 for department in departments if department.grade == band.name) for band in bands]
    longest = max([*counts, 1])
    bars = tuple(
        Bar(band.name, f"{count}个", 60, 10 + number * 44, _r(480 * count / longest), 30, f"grade-{number}")
        for number, (band, count) in enumerate(zip(bands, counts, strict=True))
    )
    return BarChart(20 + 44 * len(bars), bars, ())


def score_histogram(departments: Sequence[PublishedDepartment], step: int = 5) -> BarChart:
    """How the final scores spread (最终得分分布), in classes of ``step`` points; 100 belongs to the last class."""
    scores = [department.final_score for department in departments if department.final_score is not None]
    if not scores:
        return BarChart(0, (), ())
    low = int(min(scores)) // step * step
    high = max(low + step, min(100, (int(max(scores)) // step + 1) * step))
    starts = list(range(low, high, step))
    last = starts[-1]
    counts = [sum(1 for s in scores if start <= s and (s < start + step or start == last)) for start in starts]
    width = 560 / len(starts)
    tallest = max(counts)
    bars = []
    for number, (start, count) in enumerate(zip(starts, counts, strict=True)):
        height = 170 * count / tallest
        x = 40 + number * width
        label = f"{start}—{start + step}分"
        bars.append(Bar(label, str(count), _r(x + 3), _r(200 - height), _r(width - 6), _r(height), "plain"))
    ticks = tuple(Tick(_r(40 + number * width), str(start)) for number, start in enumerate([*starts, high]))
    return BarChart(250, tuple(bars), ticks)


def review_scatter(departments: Sequence[PublishedDepartment], policy: DeviationPolicy) -> Scatter | None:
    """Self-score (y) against review score (x) of the checked departments, with the deviation bands (自评与复核对比)."""
    pairs = [
        (department, department.review_score, department.self_score)
        for department in departments
        if department.spot_checked and department.review_score is not None and department.self_score is not None
    ]
    if not pairs:
        return None
    low = min(min(review, claimed) for _, review, claimed in pairs)
    floor = max(0, (int(low) - 5) // 10 * 10)
    ceiling = 100
    left, top, size = 120.0, 10.0, 420.0

    def x(value: Decimal | float) -> float:
        return _r(left + size * (float(value) - floor) / (ceiling - floor))

    def y(value: Decimal | float) -> float:
        return _r(top + size * (ceiling - float(value)) / (ceiling - floor))

    dots = tuple(
        Dot(x(review), y(claimed), department.name, department.code,
            f"自评{trimmed(claimed)}分，复核{trimmed(review)}分，偏离度{department.deviation_shown or '—'}")
        for department, review, claimed in pairs
    )  # fmt: skip
    limits = [(number, band.limit) for number, band in enumerate(policy.bands) if band.limit is not None]
    bands = tuple(
        Band(policy.label(number), _wedge(float(limit), policy, floor, ceiling, x, y), number)
        for number, limit in reversed(limits)
    )
    steps = range(floor, ceiling + 1, 10)
    diagonal = f"{x(floor)},{y(floor)} {x(ceiling)},{y(ceiling)}"
    x_ticks = tuple(Tick(x(step), str(step)) for step in steps)
    y_ticks = tuple(Tick(y(step), str(step)) for step in steps)
    return Scatter(left, top, size, bands, dots, x_ticks, y_ticks, diagonal)


def _wedge(limit: float, policy: DeviationPolicy, floor: int, ceiling: int, x: Scale, y: Scale) -> str:
    """The polygon in which the deviation stays within ``limit``; the corners beyond the frame are clipped by the SVG."""
    share = limit / 100

    def edges(review: float) -> tuple[float, float]:
        if policy.base == "points":
            return review - limit, review + limit
        if policy.base == "self":
            return review / (1 + share), review / (1 - share) if share < 1 else 10 * ceiling
        return review * (1 - share), review * (1 + share)

    (low_start, high_start), (low_end, high_end) = edges(floor), edges(ceiling)
    corners = ((floor, low_start), (ceiling, low_end), (ceiling, high_end), (floor, high_start))
    return " ".join(f"{x(review)},{y(claimed)}" for review, claimed in corners)


def score_strips(departments: Sequence[PublishedDepartment], bands: Sequence[GradeBand], width: int = 132) -> Strips:
    """Every department's self-score and final score on a line (自评得分与最终得分对照), all lines on one scale up to 100."""
    scored = [(department, department.final_score) for department in departments if department.final_score is not None]
    values = [value for department, final in scored for value in (final, department.self_score) if value is not None]
    floor = max(0, (int(min(values, default=60)) - 1) // 10 * 10)

    def x(value: Decimal) -> float:
        return _r(_STRIP_EDGE + (width - 2 * _STRIP_EDGE) * (float(value) - floor) / (100 - floor))

    order = [band.name for band in bands]
    found = {}
    for department, final in scored:
        own = department.self_score
        kind = f"grade-{order.index(department.grade)}" if department.grade in order else "plain"
        found[department.code] = Strip(x(own) if own is not None else None, x(final), kind)
    return Strips(floor, width, found)


def year_line(years: Sequence[tuple[str, Decimal]]) -> tuple[str, tuple[Dot, ...]]:
    """The yearly averages as a line (历年平均分): the points of the line, and a dot a year."""
    if len(years) < 2:
        return "", ()
    low, high = min(v for _, v in years), max(v for _, v in years)
    span = (high - low) or Decimal(1)
    step = Decimal(520) / (len(years) - 1)
    dots = tuple(
        Dot(_r(60 + step * number), _r(30 + Decimal(110) * (high - value) / span), year, year, trimmed(value))
        for number, (year, value) in enumerate(years)
    )
    return " ".join(f"{dot.x},{dot.y}" for dot in dots), dots
