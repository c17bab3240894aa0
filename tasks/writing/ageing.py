"""How long open remediation items are past their date (未销号事项账龄): counted once, drawn as SVG, Word and Excel bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from openpyxl.chart import BarChart as ExcelBars
from openpyxl.chart import Reference
from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.states import ItemSeverity, RectificationState
from tasks.writing.board import BoardItem
from tasks.writing.charts import Segment, StackedChart, stacked_chart
from tasks.writing.sheets import put, widths
from tasks.writing.templates import TEMPLATES, environment
from tasks.writing.word_tables import Box, Grid

SHEET = "账龄"
AGES: tuple[tuple[str, int, int | None], ...] = (
    ("未到期", -100_000, 0),
    ("超期30天以内", 1, 30),
    ("超期31至90天", 31, 90),
    ("超期90天以上", 91, None),
)
# From the mildest to the gravest; dark enough to tell apart in print.
COLOURS = {ItemSeverity.MINOR: "9DB4CC", ItemSeverity.SERIOUS: "D29A3A", ItemSeverity.GRAVE: "B3261E"}
_UNGRADED = "未分级"
_UNGRADED_COLOUR = "C4C9CE"
# A Word bar: how many cells it has, how wide one is, and how many a name in the legend takes.
_CELLS, _CELL_MM, _LEGEND_CELLS = 40, 2.0, 9


class Age(Frozen):
    """One class of age (账龄分组) with its items by severity, the mildest first; zeros included."""

    label: str
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All items of the class (合计)."""
        return sum(count for _, count in self.counts)


def ages(items: Sequence[BoardItem], today: date) -> tuple[Age, ...]:
    """Open items by days past their date and by severity (未销号事项账龄). What is put right or handed on is not counted."""
    done = (RectificationState.VERIFIED, RectificationState.CARRIED_OVER)
    past = [((today - item.due_on).days, item.severity) for item in items if item.state not in done]
    known = [severity.label for severity in ItemSeverity]
    ungraded = [_UNGRADED] if any(severity not in known for _, severity in past) else []
    return tuple(
        Age(
            label=label,
            counts=tuple(
                (name, sum(1 for days, severity in past if _within(days, low, high) and _is(severity, name, known)))
                for name in (*known, *ungraded)
            ),
        )
        for label, low, high in AGES
    )


def _within(days: int, low: int, high: int | None) -> bool:
    return days >= low and (high is None or days <= high)


def _is(severity: str, name: str, known: Sequence[str]) -> bool:
    return severity == name or (name == _UNGRADED and severity not in known)


def colour(name: str) -> str:
    """The colour of a severity by its label (颜色), as six hexadecimal digits."""
    return next((COLOURS[severity] for severity in ItemSeverity if severity.label == name), _UNGRADED_COLOUR)


def ageing_svg(fiscal_year: int, found: Sequence[Age], today: date) -> str:
    """The ageing as a picture (账龄图, SVG) that stands alone and says in words what it shows."""
    chart: StackedChart = stacked_chart(
        [(age.label, [Segment(name, count, colour(name)) for name, count in age.counts]) for age in found]
    )
    legend = [(name, colour(name)) for name, _ in found[0].counts]
    values = {"chart": chart, "fiscal_year": fiscal_year, "today": today, "ages": found, "legend": legend}
    return environment(TEMPLATES).get_template("documents/ageing.svg.j2").render(values).strip() + "\n"


def ageing_grid(found: Sequence[Age]) -> Grid:
    """The ageing as bars of a Word table (账龄图): every part has a cell at least, the longest bar is full; a legend below."""
    longest = max([age.total for age in found] + [1])
    rows = [[Box(age.label, align="right"), *_bar(age, longest), Box(_told(age), align="left")] for age in found]
    legend: list[Box] = []
    for name, _ in found[0].counts:
        legend += [Box(span=2, shade=colour(name)), Box(name, span=_LEGEND_CELLS - 2, align="left")]
    rows.append([Box(), *legend, Box(span=_CELLS - sum(box.span for box in legend)), Box()])
    widths_mm = (28, *[_CELL_MM] * _CELLS, 48)
    return Grid(widths_mm, rows, header_rows=0, size=9, row_height=7, borders=False, gap_mm=1.2)


def _bar(age: Age, longest: int) -> list[Box]:
    """A bar as boxes that cover all cells (条形)."""
    spans = [(name, max(1, round(_CELLS * count / longest))) for name, count in age.counts if count]
    while sum(cells for _, cells in spans) > _CELLS:
        # Single items are rounded up to one cell; the longest part gives way.
        widest = max(range(len(spans)), key=lambda index: spans[index][1])
        spans[widest] = (spans[widest][0], spans[widest][1] - 1)
    rest = _CELLS - sum(cells for _, cells in spans)
    return [Box(span=cells, shade=colour(name)) for name, cells in spans] + ([Box(span=rest)] if rest else [])


def _told(age: Age) -> str:
    words = "，".join(f"{name}{count}" for name, count in age.counts if count)
    return f"{age.total}项（{words}）" if words else "0项"


def write_ages(sheet: Worksheet, title: str, found: Sequence[Age]) -> None:
    """The ageing in a sheet (账龄): the counts, and a chart of Excel's own over them."""
    names = [name for name, _ in found[0].counts]
    put(sheet, 1, 1, title, style="title", span=len(names) + 2)
    sheet.row_dimensions[1].height = 30
    for column, label in enumerate(("账龄", *names, "合计"), 1):
        put(sheet, 2, column, label, style="head")
    for row, age in enumerate(found, 3):
        put(sheet, row, 1, age.label)
        for column, (_, count) in enumerate(age.counts, 2):
            put(sheet, row, column, count, style="number")
        put(sheet, row, len(names) + 2, age.total, style="number")
    widths(sheet, (18, *[10] * (len(names) + 1)))
    chart = ExcelBars()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 60
    chart.height, chart.width, chart.legend.position = 7, 16, "b"
    last = 2 + len(found)
    chart.add_data(Reference(sheet, min_col=2, max_col=1 + len(names), min_row=2, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=3, max_row=last))
    chart.y_axis.delete = chart.x_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.majorUnit = max(1, max(age.total for age in found) // 8)
    for series, name in zip(chart.series, names, strict=True):
        series.graphicalProperties.solidFill = colour(name)
    sheet.add_chart(chart, f"A{last + 2}")
