"""From the draw to the year after: redraws, conflicts of interest, remediation to its end, and what the next year is handed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlmodel import select
from year_kit import CLERK, NUMBER, SEED, YEAR, advance, cycle, decide, on, reset_settings, rows

from flows.draw_spot_check import draw_spot_check, prepare_draw
from flows.edition_forms import ReportNumberForm
from flows.forms import CarryOverForm, DrawForm, NewItemForm
from flows.record_reviews import record_reviews
from flows.track_rectification import (
    add_rectification_item,
    carry_over_items,
    number_report,
    track_rectification,
)
from models import rules, sampling
from models.figures import FigureKey
from models.records import AuditEvent, BureauFigure, Cycle, DrawRecord, Review
from models.states import (
    ContactRole,
    CycleState,
    Decision,
    Gate,
    ItemSeverity,
    LetterKind,
    RectificationOrigin,
    RectificationState,
)
from tasks import clock, lookup, settings, store, verification
from tasks.practice import world
from tasks.stages import cycle as cycles
from tasks.stages import draw, feedback, items, overview, rectification, use_of_results
from tasks.stages.rectification import RectificationError

REASON = "两个部门的类别登记有误，更正后重新抽取。"
Y = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK}


def _other_seed() -> str:
    """A seed that draws other departments than the year's own."""
    with store.session() as db:
        year = cycle(db)
        frame, policy = draw.frame(db, year), rules.load(year.ruleset_id).spot_check
        first = lookup.latest_draw(db, year)
    assert first is not None
    drawn = {u["code"] for u in first.record["units"] if u["drawn"]}
    for number in range(200):
        if set(sampling.draw(frame, policy, f"重抽-{number}").drawn) != drawn:
            return f"重抽-{number}"
    raise AssertionError("no seed draws other departments")


def _reviews() -> dict[int, list[Review]]:
    with store.session() as db:
        found: dict[int, list[Review]] = {}
        for review, made in db.exec(select(Review, DrawRecord).join(DrawRecord)).all():
            found.setdefault(made.number, []).append(review)
        return found


def test_a_redraw_takes_back_the_open_reviews_and_keeps_both_draws(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 3))
    seed = _other_seed()
    with pytest.raises(draw.DrawError, match="必须填写理由"):
        prepare_draw(DrawForm(**Y, seed=seed))
    with pytest.raises(draw.DrawError, match="另一个种子"):
        prepare_draw(DrawForm(**Y, seed=SEED, redraw_reason=REASON))
    prepare_draw(DrawForm(**Y, seed=seed, redraw_reason=REASON))
    before = _reviews()
    record_reviews(YEAR)
    assert _reviews() == before, "a redraw that nobody approved takes nothing back"
    assert "待审批" in feedback.feed_back(YEAR.fiscal_year).waits_for[0]
    decide(Gate.DRAW)
    record_reviews(YEAR)
    after = _reviews()
    assert all(r.cancelled_because == REASON for r in after[1])
    assert all(r.cancelled_at is None for r in after[2])
    told = {letter.key.split("/")[1] for letter in year.letters(LetterKind.DRAW_WITHDRAWN)}
    assert {r.reviewer_address for r in after[1]} <= told
    published = json.loads((year.home / "spot-check.json").read_text("utf-8"))
    assert (published["number"], published["seed"], published["redraw_reason"]) == (2, seed, REASON)
    assert [p["seed"] for p in published["previous"]] == [SEED]
    assert sampling.verify(published)
    assert all(sampling.verify(p) for p in published["previous"])
    held = rows()
    record_reviews(YEAR)
    assert rows() == held
    assert verification.verify().differences == ()


def test_a_refused_redraw_leaves_the_first_in_force(year_at: Any) -> None:
    year_at("spot_checking", on(7, 3))
    prepare_draw(DrawForm(**Y, seed=_other_seed(), redraw_reason=REASON))
    decide(Gate.DRAW, decision=Decision.REFUSED, reason="理由不充分。")
    record_reviews(YEAR)
    with store.session() as db:
        in_force = lookup.draw_in_force(db, cycle(db))
        assert draw.awaited(db, cycle(db)) is None
    assert in_force is not None
    assert in_force.number == 1
    assert set(_reviews()) == {1}


def test_nobody_reviews_a_department_he_is_barred_from(year_at: Any) -> None:
    year_at("drawn", on(7, 1))
    decide(Gate.DRAW)
    with store.session() as db:
        made = lookup.latest_draw(db, cycle(db))
    assert made is not None
    code = next(u["code"] for u in made.record["units"] if u["drawn"])
    people = settings.current().reviewer_list
    reset_settings(REVIEW_CONFLICTS=";".join(f"{name}={code}" for name, _ in people))
    assert draw_spot_check(YEAR, return_state=True).is_failed()
    assert _reviews() == {}
    reset_settings(REVIEW_CONFLICTS=f"{people[0][0]}={code}；{people[0][1]}=999")
    with pytest.raises(draw.DrawError, match="没有代码为“999”的部门"):
        draw.release(YEAR.fiscal_year)
    reset_settings(REVIEW_CONFLICTS=f"{people[0][0]}={code}")
    draw_spot_check(YEAR)
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
    [review] = [r for r in _reviews()[1] if r.submission_id == submission.id]
    assert review.reviewer != people[0][0]


def _ripe(year: Any) -> date:
    """Open the items and go to the day on which the leader is written to."""
    track_rectification(YEAR)
    with store.session() as db:
        due = next(i.due_on for s, _ in lookup.submissions(db, cycle(db)) for i in rectification.items_of(db, s))
        last = rectification.escalation_day(cycle(db), due)
    year.at(on(last.month, last.day))
    return last


def test_items_are_single_points_with_severity_and_evidence(year_at: Any) -> None:
    year = year_at("published", on(10, 15))
    track_rectification(YEAR)
    with store.session() as db:
        found = [i for s, _ in lookup.submissions(db, cycle(db)) for i in rectification.items_of(db, s)]
        own = [i for i in found if i.origin is RectificationOrigin.REPORT]
        assert all(i.evidence_needed for i in found)
        assert {i.severity for i in own} == {ItemSeverity.MINOR}
        assert not [i for i in own if "一是" in i.problem and "二是" in i.problem]
    sheet = load_workbook(year.home / "documents" / f"整改台账-{YEAR.fiscal_year}.xlsx")["整改"]
    assert sheet.max_row == 3 + len(found)


def test_staff_add_an_item_once_and_the_department_is_told(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 16))
    form = NewItemForm(
        **Y, department="105", text="固定资产未及时入账。", severity=ItemSeverity.GRAVE, due_on=date(2026, 11, 30)
    )
    for _ in range(2):
        add_rectification_item(form)
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), "105")
        [item] = [i for i in rectification.items_of(db, submission) if i.origin is RectificationOrigin.STAFF]
    assert (item.severity, item.due_on) == (ItemSeverity.GRAVE, date(2026, 11, 30))
    assert [letter.number for letter in year.letters(LetterKind.RECTIFICATION, "105")] == [1, 2]
    with pytest.raises(RectificationError, match="已过"):
        items.add_item(YEAR.fiscal_year, "105", "另一项。", ItemSeverity.MINOR, "", date(2026, 10, 1), CLERK)


def test_the_leader_is_written_to_once_and_only_then_an_item_can_be_carried_over(year_at: Any) -> None:
    year = year_at("published", on(10, 15))
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), "105")
        leader = lookup.contact_of(db, department, ContactRole.LEADER)
    assert leader is not None
    assert leader.role is ContactRole.LEADER
    last = _ripe(year)
    year.at(on(last.month, last.day) - timedelta(days=1))
    with pytest.raises(RectificationError, match="督办"):
        carry_over_items(CarryOverForm(**Y, department="105", items=[1], reason="部门未报送整改情况。"))
    for later in (0, 1, 15):
        year.at(on(last.month, last.day) + timedelta(days=later))
        track_rectification(YEAR)
    [letter] = [one for one in year.letters(LetterKind.RECTIFICATION_REMINDER, "105") if "督办" in one.subject]
    assert letter.to_address == leader.address
    with store.session() as db:
        waiting = [
            (d.code, [i.number for i in rectification.items_of(db, s)]) for s, d in lookup.submissions(db, cycle(db))
        ]
    for code, numbers in waiting:
        if numbers:
            for _ in range(2):
                carry_over_items(CarryOverForm(**Y, department=code, items=numbers, reason="督办后仍未完成。"))
    told = {letter.key.split("/")[1]: letter for letter in year.letters(LetterKind.RECTIFICATION_CARRIED)}
    assert set(told) == {code for code, numbers in waiting if numbers}
    assert "督办后仍未完成" in told["105"].text and f"{YEAR.fiscal_year + 1}年度" in told["105"].subject
    with store.session() as db:
        assert overview.year_view(db, cycle(db)).items_open == 0
    for day in (on(12, 31), on(12, 31, 10)):
        advance(year, day, staff=False)
    assert year.state() is CycleState.CLOSED
    documents = year.home / "documents"
    names = {path.name for path in documents.iterdir()}
    report = f"{YEAR.fiscal_year}年度整改情况报告.docx"
    assert {f"结果应用清单-{YEAR.fiscal_year}.xlsx", report, f"整改账龄-{YEAR.fiscal_year}.svg"} <= names
    with pytest.raises(RectificationError, match="已用于2025年度通知"):
        number_report(ReportNumberForm(**Y, document_number=NUMBER))
    for _ in range(2):
        number_report(ReportNumberForm(**Y, document_number="清财绩〔2026〕31号"))
    words = "".join(p.text for p in Document(str(documents / report)).paragraphs)
    assert "清财绩〔2026〕31号" in words and "转入下一年度继续整改" in words
    with store.session() as db:
        assert [e.what for e in db.exec(select(AuditEvent)) if e.what == "report.numbered"] == ["report.numbered"]


def _open_next(year: Any) -> Cycle:
    bureau = year.world.county.bureau
    roster = Path(year.home / "documents" / "部门名册.xlsx")
    return cycles.open_cycle(
        YEAR.fiscal_year + 1, county=year.world.county.name, bureau=bureau.name, office=bureau.office,
        ruleset_id=world.RULESET, roster=roster.read_bytes(), roster_name=roster.name, who=CLERK,
    )  # fmt: skip


def test_the_next_year_is_handed_what_the_record_says(either_year_at: Any) -> None:
    year = either_year_at("closed", on(12, 31))
    clock.set_now(on(12, 31) + timedelta(days=64))
    following = _open_next(year)
    with store.session() as db:
        old = cycle(db)
        handed: dict[str, dict[str, str]] = {}
        for submission, department in lookup.submissions(db, following):
            rows_ = db.exec(
                select(BureauFigure).where(
                    BureauFigure.cycle_id == following.id, BureauFigure.department_id == department.id
                )
            ).all()
            assert {r.origin for r in rows_} <= {use_of_results.ORIGIN}
            handed[department.code] = {r.key: r.value for r in rows_}
            before, _ = lookup.submission_of(db, old, department.code)
            mine = rectification.items_of(db, before)
            assert submission.id != before.id
            if handed[department.code]:
                closed = sum(i.state is RectificationState.VERIFIED for i in mine)
                assert handed[department.code][FigureKey.LAST_YEAR_PROBLEMS] == str(len(mine))
                assert handed[department.code][FigureKey.LAST_YEAR_REMEDIED] == str(closed)
    assert handed["111"] == {}, "who did not report has no record, and no zero"
    assert sum(bool(figures) for figures in handed.values()) == 4
    held = rows()
    _open_next(year)
    assert rows() == held


def test_a_problem_of_last_year_is_marked_and_graver(year_at: Any) -> None:
    year = year_at("closed", on(12, 31))
    clock.set_now(on(12, 31) + timedelta(days=64))
    following = _open_next(year)
    with store.session() as db:
        following = db.get_one(Cycle, following.id)
        following.state = CycleState.RECTIFYING
        db.add(following)
        old, _ = lookup.submission_of(db, cycle(db), "105")
        first = rectification.items_of(db, old)[0]
    number = items.add_item(
        following.fiscal_year, "105", f"（九）{first.problem}", ItemSeverity.MINOR, "", date(2027, 5, 1), CLERK
    )
    with store.session() as db:
        submission, _ = lookup.submission_of(db, following, "105")
        item = rectification.items_of(db, submission)[number - 1]
    assert item.repeats == f"{YEAR.fiscal_year}年度第1项"
    assert item.severity is ItemSeverity.SERIOUS
