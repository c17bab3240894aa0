"""The files of the practice county: the same bytes every time, and read back they say what the data say."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.checks.across import Submission, compare_submissions
from models.facts import IndicatorLine, Operator, ReportFacts, Severity
from tasks.practice.county import load
from tasks.practice.county_model import FORBIDDEN_LINE, PracticeDepartment
from tasks.practice.county_project import PracticeIndicator, PracticeProject
from tasks.practice.county_story import Attempt, Claim, Files, Flaw
from tasks.practice.reports import as_sent, write_remediation_reply, write_submission
from tasks.reading import Reading, read_file
from tasks.writing.rectification_form import rows_from_document

YEAR = 2025
COUNTY = load(24)
SENDINGS = [(department, attempt) for department in COUNTY.departments for attempt in department.story.attempts]
GOOD = [(department, attempt) for department, attempt in SENDINGS if attempt.flaw is Flaw.NONE]


def name_of(value: object) -> str | None:
    """A short test id."""
    if isinstance(value, PracticeDepartment):
        return value.code
    return str(value.number) if isinstance(value, Attempt) else None


def read_all(department: PracticeDepartment, attempt: Attempt, folder: Path) -> list[Reading]:
    return [read_file(path, understand=True) for path in write_submission(department, YEAR, attempt.number, folder)]


def facts_of(readings: list[Reading]) -> Iterator[ReportFacts]:
    for reading in readings:
        assert reading.error is None, reading.error
        assert not reading.member_errors
        yield from reading.facts


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_call_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        for department, attempt in SENDINGS:
            write_submission(
                department, YEAR, attempt.number, tmp_path / folder / f"{department.code}-{attempt.number}"
            )
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(set(digests(tmp_path / "one").values())) == len(digests(tmp_path / "one"))


def test_an_attempt_that_the_story_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="没有第3次报送"):
        write_submission(COUNTY.department("105"), YEAR, 3, tmp_path)


@pytest.mark.parametrize(("department", "attempt"), GOOD, ids=name_of)
def test_read_back_every_value_is_the_datas(department: PracticeDepartment, attempt: Attempt, tmp_path: Path) -> None:
    sent = as_sent(department, attempt)
    facts = list(facts_of(read_all(department, attempt, tmp_path)))
    assert {(one.department, one.fiscal_year) for one in facts} == {(department.name, str(YEAR))}
    assert [one.self_score for one in facts if one.rubric] == [sent.self_score]
    rubric = {line.level3: line.score for one in facts for line in one.rubric}
    assert rubric == {line: sent.claims.get(line) for line in rubric}
    assert len(rubric) == 12
    projects = {project.name: project for one in facts for project in one.projects}
    assert list(projects) == [project.name for project in sent.projects]
    for project in sent.projects:
        read = projects[project.name]
        amounts = (project.initial, project.adjusted, project.executed, project.execution_score, project.self_score)
        assert (read.budget, read.adjusted, read.executed, read.execution_score, read.self_score) == amounts
        lines = [line for one in facts for line in one.indicators if line.project == project.name]
        assert [shape(line) for line in lines] == [wanted(line) for line in project.indicators]


def shape(line: IndicatorLine) -> tuple[object, ...]:
    return (line.level1, line.level2, line.level3, line.operator, line.target, line.actual, line.weight, line.score)


def wanted(line: PracticeIndicator) -> tuple[object, ...]:
    text = line.operator is Operator.TEXT
    numbers = (None, None) if text else (Decimal(line.target), Decimal(line.actual))
    return (line.level1, line.level2, line.name, line.operator, *numbers, line.weight, line.score)


@pytest.mark.parametrize(("department", "attempt"), GOOD, ids=name_of)
def test_read_back_the_overall_indicators_and_the_money(
    department: PracticeDepartment, attempt: Attempt, tmp_path: Path
) -> None:
    facts = next(one for one in facts_of(read_all(department, attempt, tmp_path)) if one.rubric)
    overall = [line for line in facts.indicators if line.project is None]
    assert [shape(line)[:6] for line in overall] == [wanted(line)[:6] for line in department.targets]
    money = {(one.key, one.value) for one in facts.money if one.year in (str(YEAR), None)}
    assert ("revenue_total", department.money.revenue) in money
    assert ("expenditure_total", department.money.expenditure) in money


HONEST = [(d, a) for d, a in GOOD if d.story.claim in (Claim.HONEST, Claim.UNDER) and int(d.code) < 113]


@pytest.mark.parametrize(("department", "attempt"), HONEST, ids=name_of)
def test_an_honest_department_contradicts_itself_nowhere(
    department: PracticeDepartment, attempt: Attempt, tmp_path: Path
) -> None:
    findings = [finding for one in facts_of(read_all(department, attempt, tmp_path)) for finding in one.findings]
    assert [finding.message for finding in findings if finding.severity is Severity.ERROR] == []
    assert sum(finding.severity is Severity.CONFIRMED for finding in findings) > 10


@pytest.mark.parametrize("code", ["104", "107"])
def test_every_planted_contradiction_is_found_and_nothing_else_is_called_an_error(code: str, tmp_path: Path) -> None:
    department = COUNTY.department(code)
    errors = [
        finding.message
        for one in facts_of(read_all(department, department.attempt(1), tmp_path))
        for finding in one.findings
        if finding.severity is Severity.ERROR
    ]
    for trap in department.story.planted:
        named = trap.project or trap.item
        assert any(
            named in message and trap.printed.rstrip("0").rstrip(".名").lstrip("≥") in message for message in errors
        )
    assert len(errors) == len(department.story.planted)


def test_last_years_report_says_last_year_throughout(tmp_path: Path) -> None:
    department = COUNTY.department("105")
    (facts,) = facts_of(read_all(department, department.attempt(1), tmp_path))
    assert facts.fiscal_year == str(YEAR - 1)


def test_the_truncated_file_cannot_be_read_and_the_next_one_can(tmp_path: Path) -> None:
    department = COUNTY.department("106")
    (broken,) = read_all(department, department.attempt(1), tmp_path / "1")
    assert broken.error is not None
    (facts,) = facts_of(read_all(department, department.attempt(2), tmp_path / "2"))
    assert facts.self_score == department.self_score


def test_the_forbidden_line_is_filled_and_counted(tmp_path: Path) -> None:
    department = COUNTY.department("109")
    (facts,) = facts_of(read_all(department, department.attempt(1), tmp_path))
    assert {line.level3: line.score for line in facts.rubric}[FORBIDDEN_LINE] == 10
    assert facts.self_score == sum(department.claims.values())


def test_the_resubmission_differs_in_one_value_and_one_claim() -> None:
    department = COUNTY.department("108")
    first, second = (as_sent(department, department.attempt(number)) for number in (1, 2))
    assert {line for line in first.claims if first.claims[line] != second.claims[line]} == {"目标实现"}
    changed = [
        (old.actual, new.actual)
        for before, after in zip(first.projects, second.projects, strict=True)
        for old, new in zip(before.indicators, after.indicators, strict=True)
        if old != new
    ]
    assert changed == [("81.70", "79.12")]


def test_the_archive_carries_gbk_names_without_the_utf8_flag(tmp_path: Path) -> None:
    department = next(d for d, a in SENDINGS if a.files is Files.ZIP)
    (path,) = write_submission(department, YEAR, 1, tmp_path)
    with zipfile.ZipFile(path, metadata_encoding="gbk") as archive:
        infos = archive.infolist()
    assert all(info.filename.startswith(department.name) for info in infos)
    assert not any(info.flag_bits & 0x800 for info in infos)


@pytest.mark.parametrize("number", [1, 2])
def test_a_remediation_reply_names_every_problem_and_how_it_stands(number: int, tmp_path: Path) -> None:
    department = COUNTY.department("102")
    items = [(1, department.problems[0]), (4, "预算调剂比例偏高")]
    paths = write_remediation_reply(department, items, number, tmp_path / "a")
    assert paths[0].read_bytes() == write_remediation_reply(department, items, number, tmp_path / "b")[0].read_bytes()
    (table,) = read_file(paths[0]).documents[0].tables()
    rows = [[cell.text if cell else "" for cell in row] for row in table.owners()]
    assert rows[0] == ["序号", "问题", "整改措施", "责任人", "完成时限", "完成情况", "佐证材料"]
    assert [(int(row[0]), row[1]) for row in rows[1:]] == items
    assert rows[1][2] == department.measures[0], "the report's own measure answers its own problem"
    assert all(row[3] == "白芷宁" and row[5].startswith(("正在整改", "已完成")[number - 1]) for row in rows[1:])


def test_a_project_scores_execution_and_indicators() -> None:
    project: PracticeProject = COUNTY.department("101").projects[0]
    assert project.execution_rate == Decimal("98.40")
    assert project.self_score == Decimal("99.84")


@pytest.mark.parametrize("department", COUNTY.departments, ids=name_of)
def test_the_bureau_reads_a_reply_as_it_was_meant(department: PracticeDepartment, tmp_path: Path) -> None:
    items = [(3, department.problems[0]), (5, "另一个问题")]
    for step in department.remediation:
        (path,) = write_remediation_reply(department, items, step.number, tmp_path, date(2026, 9, 1))
        reply = rows_from_document(read_file(path).documents[0])
        assert reply.problems == ()
        assert [(line.number, line.problem) for line in reply.lines] == items
        assert {line.done for line in reply.lines} == {step.state == "claimed_done"}
        assert {line.due_on for line in reply.lines} == {date(2026, 9, 1) + timedelta(days=step.due_days)}
        assert {line.evidence for line in reply.lines} == {step.evidence or None}


def test_no_report_looks_copied_from_another(tmp_path: Path) -> None:
    materials = []
    for department, attempt in GOOD:
        if attempt is not department.story.attempts[-1]:
            continue
        for reading in read_all(department, attempt, tmp_path / department.code):
            for facts, document in zip(reading.facts, reading.documents, strict=True):
                key = f"{department.code}/{document.file.name}"
                materials.append(Submission(id=key, name=department.name, facts=facts, document=document))
    handwritten = [one for one in materials if int(one.id[:3]) < 113]
    assert [found.finding.message for found in compare_submissions(handwritten)] == []
