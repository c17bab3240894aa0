"""The list for the budget desk."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import writing_samples as samples
from openpyxl import load_workbook

from models.grading import DEFAULT_BANDS
from tasks.writing.budget_list import Uses, advice, load_uses, weak_lines, write_budget_list


def test_every_grade_has_its_own_advice() -> None:
    uses = load_uses()
    assert len(uses.grades) == len(DEFAULT_BANDS) == len(set(uses.grades))


def test_departments_stand_by_grade_with_the_advice_for_it() -> None:
    results, uses = samples.results(), load_uses()
    sheet = load_workbook(io.BytesIO(write_budget_list(results)))["结果应用"]
    assert [sheet.cell(row, 3).value for row in range(3, 9)] == [d.name for d in results.departments]
    assert sheet.cell(8, 7).value == uses.not_submitted
    first = results.departments[0]
    assert sheet.cell(3, 7).value == uses.grades[[b.name for b in DEFAULT_BANDS].index(first.grade or "")]
    samples.assert_fixed_times(write_budget_list(results))


def test_a_line_is_weak_only_below_the_share_not_at_it() -> None:
    department = next(d for d in samples.results().departments if d.lines)
    line = department.lines[0]
    at, under = (
        line.model_copy(update={"final": points, "maximum": Decimal(10)}) for points in (Decimal(6), Decimal("5.99"))
    )
    blank = line.model_copy(update={"final": None})
    told = department.model_copy(update={"lines": (at, blank)})
    assert weak_lines(told, Decimal("0.6")) == ()
    assert weak_lines(told.model_copy(update={"lines": (under,)}), Decimal("0.6")) == (line.label,)


def test_a_grade_without_advice_is_refused_with_a_sentence() -> None:
    department = samples.results().departments[0]
    few = Uses(grades=(), not_submitted="一", undecided="二", attention_below=Decimal("0.6"))
    with pytest.raises(ValueError, match="没有结果应用建议，请在"):
        advice(department, DEFAULT_BANDS, few)
    assert advice(department.model_copy(update={"grade": None}), DEFAULT_BANDS, few) == "二"
