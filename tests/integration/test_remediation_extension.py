"""A department that asked for more time to put things right is answered by a letter, whether it gets the time or not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from year_kit import CLERK, YEAR, audit_events, cycle, on, rows

from flows.forms import ItemExtensionForm
from flows.send_outbox import send_outbox
from flows.track_rectification import extend_rectification
from models.records import AuditEvent, Cycle, RectificationItem
from models.states import CycleState, Decision, LetterKind, RectificationState
from tasks import lookup, store
from tasks.mail import token
from tasks.mail.rendering import day
from tasks.stages import rectification, replies
from tasks.stages.rectification import RectificationError

CODE = "108"
KIND = LetterKind.RECTIFICATION_EXTENSION


def items() -> list[RectificationItem]:
    with store.session() as db:
        return rectification.items_of(db, lookup.submission_of(db, cycle(db), CODE)[0])


def form(*numbers: int, **values: Any) -> ItemExtensionForm:
    given = {"department": CODE, "items": list(numbers), "reason": "招标流程须跨月，理由充分。", "operator": CLERK}
    return ItemExtensionForm(**(YEAR.model_dump() | given | {"until": later()} | values))


def later(days: int = 20) -> date:
    return max(item.due_on for item in items()) + timedelta(days=days)


def set_state(number: int, state: RectificationState) -> None:
    wanted = items()[number - 1].id
    with store.session() as db:
        item = db.get_one(RectificationItem, wanted)
        item.state = state
        db.add(item)


def test_a_granted_extension_is_told_with_the_new_day_and_only_once(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 20))
    until = later()
    extend_rectification(form(1, 2))
    before, events = rows(), audit_events()
    assert "没有变化" in (extend_rectification(form(1, 2, until=until), return_state=True).message or "")
    assert (rows(), audit_events()) == (before, events)
    send_outbox(YEAR)
    [letter] = year.letters(KIND, CODE)
    [mail] = [mail for mail in year.arrived(KIND) if mail.code == CODE]
    assert [item.due_on for item in items()[:2]] == [until, until]
    assert "同意延期" in letter.text and "不同意" not in letter.text
    assert f"整改期限延至{day(until)}" in letter.text and "招标流程须跨月" in letter.text
    assert letter.text.count(items()[0].problem) == 1
    assert "整改要求：提供佐证材料（" in letter.text
    assert token.parse(str(mail.message()["Subject"])) == token.Token(
        YEAR.fiscal_year, CODE, token.Purpose.RECTIFICATION
    )


def test_a_refusal_leaves_the_day_and_says_why(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 20))
    old = items()[0]
    refused = form(1, decision=Decision.REFUSED, reason="年内可以完成。")
    extend_rectification(refused)
    extend_rectification(refused)
    item = items()[0]
    assert (item.due_on, item.state) == (old.due_on, old.state)
    [letter] = year.letters(KIND, CODE)
    assert "不同意延期" in letter.text and f"整改期限仍为{day(old.due_on)}" in letter.text
    assert f"延至{day(refused.until)}的申请" in letter.text and "理由：年内可以完成。" in letter.text
    with store.session() as db:
        [event] = db.exec(select(AuditEvent).where(AuditEvent.what == "item.extension_refused"))
    assert (event.who, event.new) == (CLERK, {"until": refused.until.isoformat(), "reason": "年内可以完成。"})


def test_a_refusal_may_be_followed_by_another_answer_and_each_has_its_letter(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 20))
    until = later()
    extend_rectification(form(1, decision=Decision.REFUSED, reason="年内可以完成。"))
    extend_rectification(form(1, until=until))
    first, second = year.letters(KIND, CODE)
    assert (first.number, second.number) == (1, 2)
    assert "不同意延期" in first.text and f"延至{day(until)}" in second.text
    assert items()[0].state is RectificationState.EXTENDED


def test_what_was_answered_no_longer_counts_as_asked(year_at: Any) -> None:
    year_at("rectifying", on(10, 20))
    number, asked = items()[0].id, later()
    with store.session() as db:
        item = db.get_one(RectificationItem, number)
        item.asked_until = asked
        db.add(item)
    assert replies.asked_until(items()[0]) is not None
    extend_rectification(form(1, decision=Decision.REFUSED))
    assert replies.asked_until(items()[0]) is None


def test_items_with_different_days_are_refused_by_the_table(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 20))
    extend_rectification(form(1))
    extend_rectification(form(1, 2, decision=Decision.REFUSED, until=later()))
    letter = year.letters(KIND, CODE)[-1]
    assert "各项整改期限不变" in letter.text
    assert all(day(item.due_on) in letter.text for item in items()[:2])


def test_all_items_are_answered_or_none_and_each_that_cannot_be_is_named(year_at: Any) -> None:
    year = year_at("rectifying", on(10, 20))
    set_state(2, RectificationState.CLAIMED_DONE)
    before = rows()
    for wrong, words in (
        (form(1, 2), "第2项为“已报完成，待核实”"),
        (form(1, 99), "没有第99项整改事项"),
        (form(1, until=items()[0].due_on), "并不更晚"),
        (form(1, 2, decision=Decision.REFUSED), "第2项为“已报完成，待核实”"),
    ):
        with pytest.raises(RectificationError, match=words):
            extend_rectification(wrong)
    assert rows() == before
    with store.session() as db:
        found = db.exec(select(Cycle).order_by(col(Cycle.id))).one()
        found.state = CycleState.CLOSED
        db.add(found)
    with pytest.raises(RectificationError, match="不在整改期间"):
        extend_rectification(form(1))
    assert year.letters(KIND) == []
