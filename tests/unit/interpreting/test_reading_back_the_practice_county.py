"""What a practice department writes into its files is what is read out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.facts import ReportFacts
from tasks.interpreting import interpret
from tasks.practice.county import load
from tasks.practice.reports import as_sent, write_submission
from tasks.reading import read_file

YEAR = 2025
COUNTY = {one.code: one for one in load().departments}


def read_back(code: str, folder: Path) -> list[ReportFacts]:
    files = write_submission(COUNTY[code], YEAR, 1, folder)
    return [interpret(document) for path in files for document in read_file(path).documents]


@pytest.mark.slow
@pytest.mark.parametrize("code", ["101", "102", "103", "104", "110", "112"])
def test_a_practice_submission_comes_back_whole(code: str, tmp_path: Path) -> None:
    sent = as_sent(COUNTY[code], COUNTY[code].attempt(1))
    facts = read_back(code, tmp_path)
    assert {one.department for one in facts} == {sent.name}
    assert {one.fiscal_year for one in facts} == {str(YEAR)}
    projects = {one.name: one for part in facts for one in part.projects}
    assert set(projects) == {one.name for one in sent.projects}
    for project in sent.projects:
        read = projects[project.name]
        assert (read.budget, read.adjusted, read.executed) == (project.initial, project.adjusted, project.executed)
        lines = [one for part in facts for one in part.indicators if one.project == project.name]
        assert [(one.level1, one.level2, one.level3, one.weight, one.score) for one in lines] == [
            (one.level1, one.level2, one.name, one.weight, one.score) for one in project.indicators
        ]
        assert [one.operator for one in lines] == [one.operator for one in project.indicators]
    (rubric,) = [part.rubric for part in facts if part.rubric]
    assert len(rubric) == 12
    assert not [one for part in facts for one in part.questions]
