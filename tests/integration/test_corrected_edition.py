"""What was published is corrected by a new, dated edition that says what it changed; the old one stays where it was."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from docx import Document
from edition_kit import CODE, FORM, SECOND, department, tree, uphold
from openpyxl import load_workbook
from sqlmodel import select
from year_kit import BULLETIN_NUMBER, CLERK, NUMBER, YEAR, cycle, decide, on, published_files, rows

from flows.advance_cycle import advance_cycle
from flows.edition_forms import EditionForm
from flows.publish_results import prepare_correction, publish_results
from models.numbers import rounded, trimmed
from models.records import BureauFigure, Department, Edition, ObjectionAdjustment
from models.states import CycleState, Gate, LetterKind
from tasks import lookup, store, verification
from tasks.stages import overview, public_files
from tasks.stages.assembling import PublicationError
from tasks.stages.gates import GateError


def test_an_objection_upheld_after_publication_leads_to_a_corrected_edition(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    old_index = (year.home / "site" / "index.html").read_text("utf-8")
    old_bulletin = (year.home / "documents" / "2025年度评价结果通报.docx").read_bytes()
    before = department(year.home / "results" / "results.json")
    number = uphold()
    prepare_correction(EditionForm(**FORM))
    advance_cycle(YEAR)
    assert department(year.home / "results" / "results.json") == before, "nothing leaves before the approval"
    with pytest.raises(GateError, match="须由另一人审批"):
        decide(Gate.CORRECTION, who=CLERK)
    decide(Gate.CORRECTION)
    advance_cycle(YEAR)

    held = json.loads((year.home / "results" / "results.json").read_text("utf-8"))
    assert (held["edition"], held["published_on"], held["document_number"]) == ("2", "2026-11-02", SECOND)
    assert held["correction"] == {
        "reason": "申诉成立", "edition": "1", "published_on": "2026-10-15", "document_number": BULLETIN_NUMBER, "withdrawn": "0",
    }  # fmt: skip
    after = department(year.home / "results" / "results.json")
    assert Decimal(after["final_score"]) > Decimal(before["final_score"])
    changed = [c for c in held["revisions"] if c["code"] == CODE]
    line = next(c for c in changed if c["item"] == "目标制定")
    assert (line["after"], line["why"]) == ("9分", f"申诉成立（编号{number}）")
    assert {"最终得分"} <= {c["item"] for c in changed if c["why"] == "随分项得分重新计算"}
    assert {c["kind"] for c in held["revisions"] if c["code"] != CODE} <= {"rank"}

    site = year.home / "site"
    assert department(site / "editions" / "1" / "data" / "results.json") == before
    assert "已由第2版更正" in (site / "editions" / "1" / "index.html").read_text("utf-8")
    assert "editions/1/index.html" in (site / "editions.html").read_text("utf-8")
    assert f"申诉成立（编号{number}）" in (site / "changes-2.html").read_text("utf-8")
    assert "第2版更正说明" in (site / "index.html").read_text("utf-8") and "第2版更正说明" not in old_index
    _letters_and_bulletins(year, old_bulletin)
    assert verification.verify().differences == ()


def _letters_and_bulletins(year: Any, old_bulletin: bytes) -> None:
    assert (year.home / "documents" / "2025年度评价结果通报.docx").read_bytes() == old_bulletin
    path = year.home / "documents" / "2025年度评价结果更正通报（第2版）.docx"
    words = "\n".join(p.text for p in Document(str(path)).paragraphs)
    assert SECOND in words and BULLETIN_NUMBER in words and "因申诉成立" in words
    held = json.loads((year.home / "results" / "results.json").read_text("utf-8"))["departments"]
    scores = [Decimal(d["final_score"]) for d in held if d["final_score"] is not None]
    average = rounded(sum(scores, Decimal(0)) / len(scores))
    assert f"更正后，{len(scores)}个部门评定了得分和等级，平均得分{trimmed(average)}分" in words
    table = [[cell.text for cell in row.cells] for row in Document(str(path)).tables[0].rows]
    assert table[0] == ["部门", "事项", "原公布", "更正为", "原因"] and len(table) > 2
    told = year.letters(LetterKind.PUBLISHED)
    assert [letter.number for letter in told if letter.key.split("/")[1] == CODE] == [1, 2]
    assert len([letter for letter in told if letter.number == 2]) == len([x for x in told if x.number == 1])
    results = year.letters(LetterKind.RESULT)
    assert [letter.number for letter in results if letter.key.split("/")[1] == CODE] == [1, 2]
    assert {letter.number for letter in results if letter.key.split("/")[1] != CODE} == {1}


def test_preparing_or_publishing_again_changes_no_byte_and_sends_nothing_twice(
    either_year_at: Callable[..., Any],
) -> None:
    year = either_year_at("rectifying", on(11, 2))
    uphold()
    prepare_correction(EditionForm(**FORM))
    held = rows()
    prepare_correction(EditionForm(**FORM))
    assert rows() == held
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    files, held = published_files(year.home), rows()
    year.at(on(11, 20))
    publish_results(YEAR)
    assert published_files(year.home) == files
    assert rows() == held
    assert verification.verify().differences == ()


def test_a_run_killed_after_the_edition_was_entered_is_made_up_for(
    year_at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    year = year_at("rectifying", on(11, 2))
    uphold()
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(public_files, "write_results", _killed)
        publish_results.fn(YEAR)
    assert json.loads((year.home / "results" / "results.json").read_text("utf-8"))["edition"] == "1"
    year.at(on(11, 4))
    advance_cycle(YEAR)
    held = json.loads((year.home / "results" / "results.json").read_text("utf-8"))
    assert (held["edition"], held["published_on"]) == ("2", "2026-11-02")
    assert {letter.number for letter in year.letters(LetterKind.PUBLISHED, "109")} == {1, 2}
    with store.session() as db:
        assert not overview.year_view(db, cycle(db)).correction_due


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_open_data_carry_edition_and_date(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    uphold()
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    listed = list(csv.DictReader(io.StringIO((year.home / "results" / "results.csv").read_text("utf-8-sig"))))
    assert {(row["版次"], row["公布日期"]) for row in listed} == {("2", "2026-11-02")}
    book = load_workbook(year.home / "results" / "results.xlsx")
    shown = [[cell.value for cell in row] for row in book["版次说明"].iter_rows()]
    assert ["版次", "第2版"] in [row[:2] for row in shown]
    assert any("申诉成立" in str(cell) for row in shown for cell in row)


def test_a_corrected_figure_makes_an_edition_for_the_departments_named_only(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    with store.session() as db:
        found = lookup.submission_of(db, cycle(db), CODE)[1]
        for one in (found, lookup.submission_of(db, cycle(db), "109")[1]):
            figure = db.exec(
                select(BureauFigure).where(BureauFigure.department_id == one.id, BureauFigure.key == "violations")
            ).one()
            figure.value = str(Decimal(figure.value) + 4)
            db.add(figure)
    with pytest.raises(PublicationError, match="没有变化"):
        prepare_correction(EditionForm(**FORM))
    prepare_correction(EditionForm(**FORM | {"reason": "财政检查结果更正"}, settled_again=[CODE]))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    with store.session() as db:
        edition = lookup.editions(db, cycle(db))[-1]
    results = [c for c in edition.results["revisions"] if c["kind"] == "result"]
    assert {c["code"] for c in results} == {CODE}
    drawn = next(d for d in edition.results["departments"] if d["code"] == CODE)["spot_checked"]
    assert "财政数据更正" in {c["why"] for c in results}, drawn


def test_a_withdrawn_unit_disappears_from_every_edition(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    name = department(year.home / "results" / "results.json")["name"]
    uphold()
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    assert any(name in p.read_text("utf-8") for p in (year.home / "site").rglob("*.html"))
    third = FORM | {"document_number": "清财绩〔2026〕26号", "reason": "有部门依法不应公开"}
    with pytest.raises(PublicationError, match="没有公开代码为999的部门"):
        prepare_correction(EditionForm(**third, withdrawn=["999"]))
    prepare_correction(EditionForm(**third, withdrawn=[CODE]))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    files = [p for folder in ("site", "results") for p in (year.home / folder).rglob("*") if p.is_file()]
    leaking = [p for p in files if name.encode() in p.read_bytes() or f"{CODE}.html" in p.name]
    assert leaking == []
    for book in (p for p in files if p.suffix == ".xlsx"):
        cells = [str(c.value) for sheet in load_workbook(book) for row in sheet.iter_rows() for c in row]
        assert not [cell for cell in cells if name in cell], book
    assert "1个部门的结果不再公开" in (year.home / "site" / "changes-3.html").read_text("utf-8")
    with store.session() as db:
        assert lookup.submission_of(db, cycle(db), CODE)[1].withheld
        assert len(lookup.editions(db, cycle(db))) == 3
    assert verification.verify().differences == ()


def test_a_correction_that_changed_after_the_approval_publishes_nothing(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    files = tree(year.home / "site")
    uphold()
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    uphold("109", "target-achievement", "1")
    with pytest.raises(PublicationError, match="审批之后有变化"):
        publish_results(YEAR)
    with store.session() as db:
        assert len(db.exec(select(Edition)).all()) == 1
        assert len(db.exec(select(ObjectionAdjustment)).all()) == 2
        assert not any(d.withheld for d in db.exec(select(Department)))
    assert tree(year.home / "site") == files


@pytest.mark.parametrize(
    ("stage", "changes", "told"),
    [
        ("objection", {}, "公开后才能更正"),
        ("rectifying", {"document_number": NUMBER}, "已用于2025年度通知"),
        ("rectifying", {"document_number": BULLETIN_NUMBER}, "已用于第1版通报"),
        ("rectifying", {}, "没有变化"),
        ("rectifying", {"settled_again": ["111"]}, "没有已接收的材料"),
    ],
)
def test_what_cannot_be_corrected_is_refused(
    year_at: Callable[..., Any], stage: str, changes: dict[str, Any], told: str
) -> None:
    year_at(stage, on(11, 2))
    with pytest.raises(PublicationError, match=told):
        prepare_correction(EditionForm(**FORM | changes))


def test_a_closed_year_can_still_be_corrected(year_at: Callable[..., Any]) -> None:
    year = year_at("closed", on(12, 31, 15))
    prepare_correction(EditionForm(**FORM | {"reason": "有部门依法不应公开"}, withdrawn=[CODE]))
    decide(Gate.CORRECTION)
    advance_cycle(YEAR)
    assert year.state() is CycleState.CLOSED
    assert json.loads((year.home / "results" / "results.json").read_text("utf-8"))["edition"] == "2"
    assert [letter.number for letter in year.letters(LetterKind.PUBLISHED, "109")] == [1, 2]
