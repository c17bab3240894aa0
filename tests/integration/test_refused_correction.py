"""Once results are public, what counts is what the newest edition shows: a refused correction changes nothing anywhere."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from edition_kit import CODE, FORM, decide_again, department, tree, uphold
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import select
from year_kit import YEAR, advance, cycle, decide, on

from flows.edition_forms import EditionForm
from flows.feed_back_results import feed_back_results
from flows.publish_results import prepare_correction, publish_results
from models import rules
from models.records import (
    AuditEvent,
    BureauFigure,
    Cycle,
    Edition,
    Objection,
    ObjectionAdjustment,
    OutcomeRecord,
    StageDate,
)
from models.states import CycleState, Decision, Gate, LetterKind, ObjectionState, Stage
from tasks import clock, lookup, settings, store, verification
from tasks.stages import board, draw, estimating, overview, use_of_results
from tasks.stages.assembling import PublicationError

WHY = "补充材料未经核实。"


def refuse() -> None:
    decide(Gate.CORRECTION, decision=Decision.REFUSED, reason=WHY)


def versions(code: str = CODE) -> list[tuple[int, int | None, bool]]:
    """A department's results: number, the edition that brought it into force, whether it was refused."""
    with store.session() as db:
        submission = lookup.submission_of(db, cycle(db), code)[0]
        query = select(OutcomeRecord).where(OutcomeRecord.submission_id == submission.id)
        found = db.exec(query.order_by(OutcomeRecord.number)).all()  # type: ignore[arg-type]
        return [(row.number, row.edition, row.refused_id is not None) for row in found]


def everywhere(code: str = CODE) -> dict[str, Any]:
    """A department's final score in every place that reads the result inside the house."""
    with store.session() as db:
        held = use_of_results.internal_results(db, cycle(db))
    book = load_workbook(use_of_results.write_list(YEAR.fiscal_year))
    listed = [[cell.value for cell in row] for row in book.active.iter_rows()]
    return {
        "hand-over": next(d for d in held.departments if d.code == code).final_score,
        "board": facts_of(code)["评价结果"],
        "budget desk": next(row for row in listed if code in row),
        "estimate": estimating.sentence(YEAR.fiscal_year),
        "next draw": _risk_inputs(code),
    }


def facts_of(code: str) -> dict[str, str]:
    """What the staff's page of a department says."""
    pages = board.board(YEAR.fiscal_year).pages
    return dict(next(page.facts for page in pages if page.key == board.key_of(YEAR.fiscal_year, code)))


def _risk_inputs(code: str) -> str:
    """The weight that a department would have in next year's draw."""
    with store.session() as db:
        submission = lookup.submission_of(db, cycle(db), code)[0]
        later = Cycle(fiscal_year=YEAR.fiscal_year + 1, county="", bureau="", office="", ruleset_id="",
                      ruleset_digest="", opened_at=clock.now())  # fmt: skip
        return str(draw._risk(db, later, submission, rules.load("practice-2025").spot_check))


def events(what: str) -> list[AuditEvent]:
    with store.session() as db:
        return list(db.exec(select(AuditEvent).where(AuditEvent.what == what)))


def change_figure(by: int, code: str = CODE) -> None:
    with store.session() as db:
        found = lookup.submission_of(db, cycle(db), code)[1]
        figure = db.exec(
            select(BureauFigure).where(BureauFigure.department_id == found.id, BureauFigure.key == "violations")
        ).one()
        figure.value = str(Decimal(figure.value) + by)
        db.add(figure)


def test_a_change_after_publication_counts_nowhere_before_its_edition(either_year_at: Callable[..., Any]) -> None:
    year = either_year_at("rectifying", on(11, 2))
    before = everywhere()
    assert versions() == [(1, 1, False)]
    uphold()
    assert versions() == [(1, 1, False), (2, None, False)]
    assert everywhere() == before
    told = _waiting()
    assert "第2版" in told and "公开之前不生效" in told
    assert year.letters(LetterKind.OBJECTION_DECIDED, CODE) == [], "a figure that nobody approved is told to nobody"
    assert [letter.number for letter in year.letters(LetterKind.RESULT, CODE)] == [1]
    prepare_correction(EditionForm(**FORM))
    assert everywhere() == before
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    assert versions() == [(1, 1, False), (2, 2, False)]
    assert everywhere() != before
    [answer] = year.letters(LetterKind.OBJECTION_DECIDED, CODE)
    assert "申诉成立" in answer.subject and "11月2日" in answer.text
    assert [letter.number for letter in year.letters(LetterKind.RESULT, CODE)] == [1, 2]
    assert verification.verify().differences == ()


def _waiting() -> str:
    with store.session() as db:
        return "、".join(overview.waiting_for(db, cycle(db)))


def test_a_refused_correction_stays_on_record_and_changes_nothing(either_year_at: Callable[..., Any]) -> None:
    year = either_year_at("rectifying", on(11, 2))
    before, files = everywhere(), tree(year.home / "site")
    number = uphold()
    prepare_correction(EditionForm(**FORM))
    refuse()
    publish_results(YEAR)
    assert everywhere() == before and tree(year.home / "site") == files
    assert versions() == [(1, 1, False), (2, None, True)]
    with store.session() as db:
        objection = db.get_one(Objection, number)
        assert (objection.state, objection.decided_by, objection.reason) == (ObjectionState.RECEIVED, None, None)
    facts = facts_of(CODE)
    assert "第2版" in facts["未获批准的更正"] and WHY in facts["未获批准的更正"]
    [reopened] = events("objection.reopened")
    assert reopened.old is not None and reopened.old["reason"] == "补充材料属实。" and reopened.new["refused"] == WHY
    assert [event.old["number"] for event in events("result.refused") if event.old] == [2]
    assert year.letters(LetterKind.OBJECTION_DECIDED, CODE) == []
    with pytest.raises(PublicationError, match="申诉尚未处理"):
        prepare_correction(EditionForm(**FORM))
    assert verification.verify().differences == ()


def test_a_result_that_counts_without_its_edition_is_found(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    uphold()
    with store.session() as db:
        db.execute(update(OutcomeRecord).where(OutcomeRecord.number == 2).values(edition=1))
    [found] = verification.verify().differences
    assert "现行结果与公开的第1版不一致" in found


def test_after_a_refusal_the_objection_is_decided_anew_and_answered_once(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    number = uphold()
    prepare_correction(EditionForm(**FORM))
    refuse()
    year.at(on(11, 5))
    decide_again(number, score="8.5")
    assert versions() == [(1, 1, False), (2, None, True), (3, None, False)]
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    publish_results(YEAR)
    assert versions()[-1] == (3, 2, False)
    with store.session() as db:
        lines = db.exec(select(ObjectionAdjustment).order_by(ObjectionAdjustment.number)).all()  # type: ignore[arg-type]
        assert [(x.number, x.score, x.refused_id is not None) for x in lines] == [
            (1, Decimal(9), True),
            (2, Decimal("8.5"), False),
        ]
    [answer] = year.letters(LetterKind.OBJECTION_DECIDED, CODE)
    assert "11月5日" in answer.text and "8.5分" in answer.text
    assert "（第2次，更正）" in year.letters(LetterKind.RESULT, CODE)[-1].text, "the refused version was told to nobody"
    assert verification.verify().differences == ()


def test_after_a_refusal_the_result_can_be_upheld_as_it_was(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    before = department(year.home / "results" / "results.json")
    number = uphold()
    prepare_correction(EditionForm(**FORM))
    refuse()
    decide_again(number, decision=ObjectionState.REJECTED)
    [answer] = year.letters(LetterKind.OBJECTION_DECIDED, CODE)
    assert "维持原结果" in answer.subject and f"{before['final_score']}分" in answer.text
    with pytest.raises(PublicationError, match="没有变化"):
        prepare_correction(EditionForm(**FORM))


def test_the_same_correction_after_a_refusal_is_a_version_of_its_own(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    change_figure(4)
    again = FORM | {"reason": "财政检查结果更正", "settled_again": [CODE]}
    prepare_correction(EditionForm(**again))
    refuse()
    with pytest.raises(PublicationError, match="没有变化"):
        prepare_correction(EditionForm(**again | {"settled_again": []}))
    prepare_correction(EditionForm(**again))
    assert versions() == [(1, 1, False), (2, None, True), (3, None, False)]
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    assert versions()[-1] == (3, 2, False)
    with store.session() as db:
        whys = {c["why"] for c in lookup.editions(db, cycle(db))[-1].results["revisions"] if c["code"] == CODE}
    assert "财政数据更正" in whys


def test_a_figure_put_back_leaves_nothing_to_correct(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    before = everywhere()
    again = FORM | {"reason": "财政检查结果更正", "settled_again": [CODE]}
    change_figure(4)
    prepare_correction(EditionForm(**again))
    change_figure(-4)
    with pytest.raises(PublicationError, match="没有变化"):
        prepare_correction(EditionForm(**again))
    assert everywhere() == before
    assert verification.verify().differences == ()


def test_a_refusal_leaves_what_was_settled_after_it_was_put_forward(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    uphold()
    prepare_correction(EditionForm(**FORM))
    uphold("109", "target-achievement", "1")
    refuse()
    assert versions() == [(1, 1, False), (2, None, True)]
    assert versions("109") == [(1, 1, False), (2, None, False)]


def test_the_first_of_two_corrections_can_be_put_forward_again(year_at: Callable[..., Any]) -> None:
    year_at("rectifying", on(11, 2))
    uphold()
    for reason in ("申诉成立", "申诉成立并更正文字", "申诉成立"):
        prepare_correction(EditionForm(**FORM | {"reason": reason}))
    decide(Gate.CORRECTION)
    publish_results(YEAR)
    with store.session() as db:
        assert db.exec(select(Edition.number)).all() == [1, 2]


def test_results_are_not_fed_back_again_once_they_are_public(year_at: Callable[..., Any]) -> None:
    year = year_at("rectifying", on(11, 2))
    change_figure(4, "109")
    state = feed_back_results(YEAR, return_state=True)
    assert "暂不反馈" in (state.message or "")
    assert versions("109") == [(1, 1, False)]
    assert [letter.number for letter in year.letters(LetterKind.RESULT, "109")] == [1]


def test_a_year_is_not_closed_over_an_objection_without_an_answer(year_at: Callable[..., Any]) -> None:
    year = year_at("remediation_returned", on(10, 30))
    uphold()
    with store.session() as db:
        close = db.exec(select(StageDate).where(StageDate.stage == Stage.CLOSE)).one().due_on
    for month, day in ((10, 30), (11, 7), (11, 20), (12, 5), (12, 15), (12, 31)):
        advance(year, on(month, day))
    assert clock.today() >= close and year.state() is CycleState.RECTIFYING
    prepare_correction(EditionForm(**FORM))
    decide(Gate.CORRECTION)
    advance(year, on(12, 31, 15))
    advance(year, on(12, 31, 16))
    assert year.state() is CycleState.CLOSED


def test_an_older_database_learns_which_results_are_public(year_at: Callable[..., Any]) -> None:
    year_at("closed", on(12, 31, 15))
    known = {code: versions(code) for code in ("105", "108", "109", "112")}
    with store.engine(settings.current().resolved_database_url).connect() as connection:
        connection.execute(update(OutcomeRecord).values(edition=None))
        script = ScriptDirectory.from_config(store._config(connection))
        script.get_revision("0013").module.mark_what_is_public(connection)
        connection.commit()
    assert {code: versions(code) for code in known} == known
    assert {found[-1][1] for found in known.values()} == {1}
