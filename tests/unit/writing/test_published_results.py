"""What may be published, and that nothing else can be."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
import writing_samples as samples
from openpyxl import load_workbook
from pydantic import ValidationError

from models.published import DepartmentResult, PublishedDepartment, PublishedResults
from tasks.writing.results import SUMMARY, results_csv, results_json, write_results

CONTRACT_DEPARTMENT = {
    "code", "name", "self_score", "review_score", "deviation_percent", "deduction", "final_score", "grade", "spot_checked",
    "lines",
}  # fmt: skip
CONTRACT_LINE = {"rule", "self", "computed", "reviewed", "final", "explanation"}


def told() -> dict[str, object]:
    loaded = json.loads(results_json(samples.results()))
    assert isinstance(loaded, dict)
    return loaded


def numbers_in(value: object) -> list[object]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in numbers_in(item)]
    if isinstance(value, list):
        return [found for item in value for found in numbers_in(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_the_json_has_the_shape_of_the_contract() -> None:
    data = told()
    assert data["fiscal_year"] == "2024" and set(data["ruleset"]) >= {"id", "digest"}  # type: ignore[call-overload]
    for department in data["departments"]:  # type: ignore[attr-defined]
        assert set(department) >= CONTRACT_DEPARTMENT and isinstance(department["spot_checked"], bool)
        for line in department["lines"]:
            assert set(line) >= CONTRACT_LINE


def test_every_number_is_a_plain_decimal_string() -> None:
    data = told()
    assert numbers_in(data) == []
    for department in data["departments"]:  # type: ignore[attr-defined]
        for name in ("self_score", "review_score", "deviation_percent", "deduction", "final_score"):
            assert department[name] is None or "E" not in department[name].upper()


def test_the_json_reads_back_into_the_same_results() -> None:
    results = samples.results()
    assert PublishedResults.model_validate_json(results_json(results)) == results


def test_a_field_that_is_not_on_the_list_cannot_be_published() -> None:
    department = samples.results().departments[0].model_dump()
    with pytest.raises(ValidationError, match="reviewer_address"):
        PublishedDepartment.model_validate({**department, "reviewer_address": "a@b.example"})
    allowed = set(PublishedDepartment.model_fields)
    assert allowed == CONTRACT_DEPARTMENT | {
        "status", "rank", "deviation_shown", "deviation_explanation", "total_explanation",
    }  # fmt: skip


def test_a_withheld_department_leaves_no_trace() -> None:
    secret = samples.department_result(1, "青禾县某涉密单位", withheld=True)
    results = samples.results([samples.department_result(0), secret])
    assert [department.code for department in results.departments] == ["101"]
    assert results.departments[0].rank == "1"
    assert "涉密" not in results_json(results).decode() and "102" not in [d.code for d in results.departments]


def test_a_department_that_sent_nothing_has_no_score_not_zero() -> None:
    silent = next(d for d in samples.results().departments if d.code == str(101 + samples.SILENT))
    assert silent.status_label == "未报送"
    assert (silent.self_score, silent.final_score, silent.grade, silent.rank, silent.lines) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_departments_stand_in_the_order_of_their_scores_and_equals_share_a_rank() -> None:
    twin = samples.department_result(0, "青禾县甲局")
    same = DepartmentResult(code="199", name="青禾县乙局", outcome=twin.outcome)
    results = samples.results([same, twin, samples.department_result(3), samples.department_result(samples.SILENT)])
    scores = [d.final_score for d in results.departments]
    assert scores[-1] is None
    assert scores[:-1] == sorted([s for s in scores if s is not None], reverse=True)
    ranks = {d.code: d.rank for d in results.departments}
    assert ranks["101"] == ranks["199"]


def test_the_reviewers_reason_stands_in_the_explanation() -> None:
    checked = next(d for d in samples.results().departments if d.code == "101")
    line = next(line for line in checked.lines if line.rule == "target-setting")
    assert line.explanation.endswith("扣分理由：目标没有量化（依据：评价标准）。")
    assert line.reviewed == Decimal(7) == line.final


@pytest.mark.parametrize("start", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_name_becomes_a_formula_in_a_spreadsheet(start: str, tmp_path: Path) -> None:
    results = samples.results([samples.department_result(0, start)])
    row = list(csv.reader(io.StringIO(results_csv(results).decode("utf-8-sig"))))[1]
    assert row[2] == f"'{start}"
    write_results(results, tmp_path)
    cell = load_workbook(tmp_path / "results.xlsx")[SUMMARY]["C3"]
    assert cell.data_type == "s" and cell.value == start


def test_a_negative_number_stays_a_number_in_the_csv() -> None:
    department = samples.results().departments[0].model_copy(update={"deduction": Decimal(-1)})
    results = samples.results().model_copy(update={"departments": (department,)})
    assert list(csv.reader(io.StringIO(results_csv(results).decode("utf-8-sig"))))[1][8] == "-1"


def test_the_three_files_are_written_and_replaced_as_a_whole(tmp_path: Path) -> None:
    for _ in range(2):
        paths = write_results(samples.results(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.csv", "results.json", "results.xlsx"]
    assert [path.name for path in paths] == ["results.xlsx", "results.csv", "results.json"]
    assert (tmp_path / "results.csv").read_bytes().startswith(b"\xef\xbb\xbf")
