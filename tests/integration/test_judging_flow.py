"""Judging in the running year: departments compared, findings dismissed, project cards kept, shown and verified."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from prefect.artifacts import Artifact
from pydantic import ValidationError
from sqlmodel import Session, select
from year_kit import CLERK, YEAR, cycle, on

from flows.dismiss_finding import dismiss_finding
from flows.forms import DismissalForm
from flows.score_submissions import card_key, score_submissions
from models import rules
from models.facts import Severity
from models.records import FindingRecord, ScoreCardRecord, SubmissionVersion
from models.rules.projects import score_projects
from models.states import RectificationOrigin
from tasks import lookup, store, verification
from tasks.read_report import read_report
from tasks.stages import comparing, draw, findings, items, reviewing

# It fills the line that a department must leave blank.
FORBIDDEN = "109"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "files"


def _error(db: Session, code: str) -> FindingRecord:
    submission, _ = lookup.submission_of(db, cycle(db), code)
    return next(row for row in findings.records(db, submission) if row.severity is Severity.ERROR)


def _form(number: int, **changes: Any) -> DismissalForm:
    known = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK, "department": FORBIDDEN, "finding": number}
    return DismissalForm(**(known | {"reason": "已与部门核实，属填报说明。"} | changes))


def _reach(db: Session, message: str) -> dict[str, Any]:
    """Where a finding of the department is used."""
    year = cycle(db)
    submission, department = lookup.submission_of(db, year, FORBIDDEN)
    view = reviewing.workbook_view(db, year, submission, department, 1)
    asked = [one.text for one in items.problems(db, year, submission) if one.origin is RectificationOrigin.FINDING]
    (unit,) = [one for one in draw.frame(db, year) if one.code == FORBIDDEN]
    return {
        "reviewer": message in [one.message for one in view.findings],
        "remediation": message in asked,
        "risk": unit.risk,
    }


def test_a_dismissed_finding_reaches_neither_reviewer_nor_remediation_nor_the_draw(either_year_at: Any) -> None:
    year = either_year_at("judged", on(5, 20))
    with store.session() as db:
        row = _error(db, FORBIDDEN)
        before = _reach(db, row.message)
    assert before["reviewer"] and before["remediation"]
    state = dismiss_finding(_form(row.id), return_state=True)
    assert state.is_completed() and row.message in (state.message or "")
    with store.session() as db:
        after = _reach(db, row.message)
    assert (after["reviewer"], after["remediation"]) == (False, False)
    assert after["risk"] < before["risk"]
    book = load_workbook(io.BytesIO((year.home / "documents" / f"疑点清单-{YEAR.fiscal_year}.xlsx").read_bytes()))
    told = [line for line in book["前后不一致"].iter_rows(min_row=4, values_only=True) if line[0] == row.id]
    assert [line[-3:] for line in told] == [("已排除", CLERK, "已与部门核实，属填报说明。")]


def test_a_dismissal_without_a_reason_never_becomes_a_run() -> None:
    with pytest.raises(ValidationError):
        _form(1, reason=" ")


def test_every_department_has_a_page_with_the_cards_of_its_projects(year_at: Any) -> None:
    year_at("late_in", on(5, 15))
    assert score_submissions(YEAR, return_state=True).is_completed()
    with store.session() as db:
        cards = {row.submission_id: row for row in db.exec(select(ScoreCardRecord))}
        codes = {s.id: d.code for s, d in lookup.submissions(db, cycle(db)) if s.id in cards}
    assert len(codes) == 4
    for submission_id, code in codes.items():
        page = Artifact.get(card_key(YEAR.fiscal_year, code))
        projects = cards[submission_id].card["projects"]
        assert page is not None and projects
        assert all(project["project"] in page.data for project in projects)
        assert cards[submission_id].inputs_digest[:12] in page.data


def test_verify_recomputes_project_cards_and_names_what_differs(either_year_at: Any) -> None:
    either_year_at("scored", on(5, 16))
    assert verification.verify().differences == ()
    with store.session() as db:
        submission, department = lookup.submission_of(db, cycle(db), FORBIDDEN)
        record = lookup.latest_card(db, submission)
        assert record is not None
        first, *others = record.card["projects"]
        line, *lines = first["lines"]
        changed = first | {"lines": [line | {"computed": "0.01"}, *lines]}
        record.card = record.card | {"projects": [changed, *others]}
        db.add(record)
    (told,) = verification.verify().differences
    assert department.name in told and f"“{first['project']}”" in told
    assert f"“{line['label']}”（保存的0.01，重新计算{line['computed']}）" in told


def test_text_copied_from_another_department_is_found_when_scoring_starts(either_year_at: Any) -> None:
    either_year_at("late_in", on(5, 15))
    with store.session() as db:
        pair = [lookup.submission_of(db, cycle(db), code)[0] for code in ("105", "108")]
        one, two = (db.get_one(SubmissionVersion, s.accepted_version_id) for s in pair)
        two.files = one.files
        db.add(two)
    assert score_submissions(YEAR, return_state=True).is_completed()
    with store.session() as db:
        for submission in pair:
            rows = findings.records(db, submission)
            copied = [row for row in rows if row.code == "copied-passage"]
            assert copied and all(row.places for row in copied)
            assert {row.message for row in copied} == {row.message for row in copied if "交通运输局" in row.message}
            assert all("水务局" in row.message for row in copied)
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))
            assert copied[0].number > max(row.number for row in rows if row.code == "share")
    assert comparing.compare_all(YEAR.fiscal_year) == 0


def test_a_real_report_has_a_card_for_each_project() -> None:
    if not CORPUS.exists():
        pytest.skip("没有样本文件")
    facts = read_report(CORPUS / "s004.docx").facts
    assert facts is not None
    cards = score_projects(facts, rules.load("sichuan-2023"))
    assert [str(card.claimed_total) for card in cards] == ["85", "100", "100", "100", "100"]
    assert [str(card.computed_total) for card in cards] == ["None", "96.4", "None", "None", "None"]
    assert all(card.weights == 100 for card in cards)
