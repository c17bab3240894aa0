"""What a person must approve does not happen before, and a decision is only taken by the right person on the right content."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from pydantic import ValidationError
from sqlmodel import delete, select
from year_kit import (
    BULLETIN_NUMBER,
    CLERK,
    LEADER,
    NUMBER,
    SEED,
    YEAR,
    advance,
    cycle,
    decide,
    on,
    published_files,
    rows,
)

from flows.advance_cycle import advance_cycle
from flows.decide_gate import decide_gate
from flows.draw_spot_check import draw_spot_check, prepare_draw
from flows.forms import DrawForm, GateForm, NoticeForm, PublicationForm
from flows.issue_notice import issue_notice, prepare_notice
from flows.publish_results import prepare_publication, publish_results
from flows.send_outbox import send_outbox
from models.records import Approval, Contact, Department, Letter, Review
from models.states import CycleState, Decision, Gate, LetterKind, LetterState
from tasks import lookup, store
from tasks.stages import gates, moves
from tasks.stages.draw import DrawError
from tasks.stages.gates import GateError
from tasks.stages.notice import NoticeError
from tasks.stages.publication import PublicationError

NOTICE = NoticeForm(fiscal_year=YEAR.fiscal_year, document_number=NUMBER, operator=CLERK)
PUBLISH = PublicationForm(fiscal_year=YEAR.fiscal_year, document_number=BULLETIN_NUMBER, operator=CLERK)


def _gate_form(**changes: Any) -> GateForm:
    with store.session() as db:
        matter = lookup.latest_approval(db, cycle(db), Gate.NOTICE)
    assert matter is not None
    known = {"fiscal_year": YEAR.fiscal_year, "gate": Gate.NOTICE, "digest": matter.digest, "approver": LEADER}
    return GateForm(**(known | {"decision": Decision.APPROVED} | changes))


def test_no_letter_leaves_before_the_notice_is_approved(either_year_at: Any) -> None:
    year = either_year_at("notice_prepared", on(3, 10))
    for days in (0, 1, 12):
        year.at(on(3, 10) + timedelta(days=days))
        assert advance_cycle(YEAR, return_state=True).is_completed()
        assert send_outbox(YEAR, return_state=True).is_completed()
    assert year.arrived() == []
    assert year.state() is CycleState.DRAFTING
    assert {letter.state for letter in year.letters(LetterKind.NOTICE)} == {LetterState.DRAFT}
    decide(Gate.NOTICE)
    advance_cycle(YEAR)
    assert len(year.arrived(LetterKind.NOTICE)) == 5
    assert year.state() is CycleState.COLLECTING


def test_a_stale_digest_is_refused(either_year_at: Any) -> None:
    either_year_at("notice_prepared", on(3, 10))
    before = rows()
    with pytest.raises(GateError, match="有变化"):
        decide_gate(_gate_form(digest="0" * 64))
    assert rows() == before


def test_a_changed_letter_needs_another_approval(year_at: Any) -> None:
    year = year_at("notice_approved", on(3, 10))
    with store.session() as db:
        letter = db.exec(select(Letter).order_by(Letter.key)).first()
        assert letter is not None
        letter.to_address = "elsewhere@qinghe.example"
        db.add(letter)
    with pytest.raises(NoticeError, match="与批准的内容不一致"):
        issue_notice(YEAR)
    send_outbox(YEAR)
    assert year.arrived() == []


def test_who_prepared_the_matter_cannot_approve_it(either_year_at: Any) -> None:
    either_year_at("notice_prepared", on(3, 10))
    before = rows()
    with pytest.raises(GateError, match="须由另一人审批"):
        decide_gate(_gate_form(approver=f" {CLERK} "))
    assert rows() == before


def test_a_refusal_needs_a_reason(year_at: Any) -> None:
    year_at("notice_prepared", on(3, 10))
    with pytest.raises(ValidationError, match="不同意时必须填写理由"):
        _gate_form(decision=Decision.REFUSED, reason="  ")
    with pytest.raises(GateError, match="不同意时必须填写理由"):
        gates.decide(YEAR.fiscal_year, Gate.NOTICE, digest="0" * 64, decision=Decision.REFUSED, who=LEADER)


def test_a_refused_notice_is_not_sent_and_can_be_put_forward_again(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    decide_gate(_gate_form(decision=Decision.REFUSED, reason="请补充联系电话。"))
    advance_cycle(YEAR)
    assert year.arrived() == []
    prepare_notice(NOTICE)
    with store.session() as db:
        matters = db.exec(select(Approval).order_by(Approval.id)).all()
    assert [(m.number, m.decision) for m in matters] == [(1, Decision.REFUSED), (2, None)]
    decide(Gate.NOTICE)
    advance_cycle(YEAR)
    assert len(year.arrived(LetterKind.NOTICE)) == 5


def test_a_decision_cannot_be_turned_round(year_at: Any) -> None:
    year_at("notice_approved", on(3, 10))
    with pytest.raises(GateError, match="不能改判"):
        decide_gate(_gate_form(decision=Decision.REFUSED, reason="另有考虑。"))


def test_nothing_waits_at_a_gate_before_it_is_prepared(year_at: Any) -> None:
    year_at("opened", on(3, 10))
    with pytest.raises(GateError, match="没有待审批"):
        gates.decide(YEAR.fiscal_year, Gate.NOTICE, digest="0" * 64, decision=Decision.APPROVED, who=LEADER)


def test_a_department_without_address_stops_the_notice_by_name(either_year_at: Any) -> None:
    either_year_at("opened", on(3, 10))
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "109")).one()
        db.exec(delete(Contact).where(Contact.department_id == department.id))
    before = rows()
    state = prepare_notice(NOTICE, return_state=True)
    assert state.is_failed()
    with pytest.raises(NoticeError, match=rf"部门名册.*{department.name}（109）"):
        state.result()
    assert rows() == before, "nothing is left of a refused notice"


def test_the_notice_keeps_its_number(year_at: Any) -> None:
    year_at("notice_prepared", on(3, 10))
    with pytest.raises(NoticeError, match="已按文号"):
        prepare_notice(NOTICE.model_copy(update={"document_number": "清财绩〔2026〕6号"}))


def test_the_drawn_hear_nothing_before_the_draw_is_approved(either_year_at: Any) -> None:
    year = either_year_at("drawn", on(7, 1))
    assert draw_spot_check(YEAR, return_state=True).name == "无需办理"
    advance_cycle(YEAR)
    assert year.letters(LetterKind.DRAWN) == []
    assert not (year.home / "spot-check.json").exists()
    decide(Gate.DRAW)
    advance_cycle(YEAR)
    with store.session() as db:
        drawn = len(db.exec(select(Review)).all())
    assert len(year.arrived(LetterKind.DRAWN)) == len(year.arrived(LetterKind.REVIEW_TASK)) == drawn > 0
    assert json.loads((year.home / "spot-check.json").read_text("utf-8"))["seed"] == SEED


def test_drawing_again_needs_a_reason_and_another_approval(year_at: Any) -> None:
    year = year_at("drawn", on(7, 1))
    decide(Gate.DRAW)
    form = DrawForm(fiscal_year=YEAR.fiscal_year, seed="另一个种子", operator=CLERK)
    with pytest.raises(DrawError, match="必须填写理由"):
        prepare_draw(form)
    prepare_draw(form.model_copy(update={"redraw_reason": "名单中有已撤并的部门。"}))
    assert draw_spot_check(YEAR, return_state=True).name == "无需办理", (
        "the old approval does not hold for another list"
    )
    assert year.letters(LetterKind.DRAWN) == []


def test_nothing_is_public_before_an_approval_exists(either_year_at: Any) -> None:
    year = either_year_at("publication_prepared", on(10, 15))
    for days in (0, 5):
        year.at(on(10, 15) + timedelta(days=days))
        advance_cycle(YEAR)
        assert publish_results(YEAR, return_state=True).name == "无需办理"
    assert not (year.home / "site").exists()
    assert not list((year.home / "results").glob("*"))
    assert year.letters(LetterKind.PUBLISHED) == []
    decide(Gate.PUBLICATION)
    publish_results(YEAR)
    assert (year.home / "site" / "index.html").exists()
    assert {p.name for p in (year.home / "results").iterdir()} >= {"results.xlsx", "results.csv", "results.json"}


def test_publication_is_refused_before_the_objection_window_is_over(either_year_at: Any) -> None:
    either_year_at("objection", on(9, 1))
    before = rows()
    with pytest.raises(PublicationError, match="申诉截止日"):
        prepare_publication(PUBLISH)
    assert rows() == before


def test_the_bulletin_has_a_number_of_its_own(either_year_at: Any) -> None:
    year = either_year_at("objection", on(10, 15))
    before = rows()
    with pytest.raises(PublicationError, match="已用于2025年度通知"):
        prepare_publication(PUBLISH.model_copy(update={"document_number": NUMBER}))
    assert rows() == before
    prepare_publication(PUBLISH)
    decide(Gate.PUBLICATION)
    publish_results(YEAR)
    bulletin = (year.home / "documents" / "2025年度评价结果通报.docx").read_bytes()
    with ZipFile(BytesIO(bulletin)) as package:
        text = re.sub(r"<[^>]+>", "", package.read("word/document.xml").decode())
    assert BULLETIN_NUMBER in text
    assert NUMBER not in text
    assert "前完成整改" in text
    assert "#" not in text


def test_publication_is_refused_in_any_earlier_state(year_at: Any) -> None:
    year_at("reviewed", on(10, 20))
    with pytest.raises(PublicationError, match="申诉期满后"):
        prepare_publication(PUBLISH)


def test_a_result_that_changed_after_the_approval_is_not_published(year_at: Any) -> None:
    year = year_at("publication_approved", on(10, 15))
    with store.session() as db:
        department = db.exec(select(Department).where(Department.code == "108")).one()
        department.name = "清禾县水利和湖泊局"
        db.add(department)
    with pytest.raises(PublicationError, match="重新拟办并审批"):
        publish_results(YEAR)
    assert not (year.home / "site").exists()
    assert year.state() is CycleState.OBJECTION


def test_an_edition_written_again_is_the_same_to_the_byte(year_at: Any) -> None:
    year = year_at("published", on(10, 15))
    before = published_files(year.home)
    for folder in ("site", "results"):
        shutil.rmtree(year.home / folder)
    year.at(on(10, 20))
    publish_results(YEAR)
    assert published_files(year.home) == before


def test_the_states_only_follow_one_another(year_at: Any) -> None:
    year_at("opened", on(3, 10))
    from models.transitions import ForbiddenTransitionError

    with pytest.raises(ForbiddenTransitionError, match="准备中"), store.session() as db:
        moves.move_cycle(db, cycle(db), CycleState.SCORING, CLERK)


def test_a_year_left_alone_for_weeks_waits_for_the_same_people(year_at: Any) -> None:
    year = year_at("notice_prepared", on(3, 10))
    advance(year, on(4, 20), staff=False)
    assert year.state() is CycleState.DRAFTING
    assert year.arrived() == []
