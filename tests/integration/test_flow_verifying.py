"""Verifying several remediation items at once: one transaction, one letter, nothing half recorded."""

from __future__ import annotations

from typing import Any

import pytest
from year_kit import CLERK, YEAR, audit_events, cycle, on, rows

from flows.collect_submissions import collect_submissions
from flows.forms import VerificationForm
from flows.track_rectification import track_rectification, verify_rectification
from models.states import LetterKind, RectificationState
from tasks import lookup, store
from tasks.stages import rectification
from tasks.stages.rectification import RectificationError


def test_several_items_are_verified_all_or_none_and_returned_in_one_letter(year_at: Any) -> None:
    year = year_at("remediation_returned", on(10, 30))
    collect_submissions(YEAR)
    track_rectification(YEAR)
    with store.session() as db:
        claimed = {
            d.code: [i.number for i in rectification.items_of(db, s) if i.state is RectificationState.CLAIMED_DONE]
            for s, d in lookup.submissions(db, cycle(db))
        }
    code, numbers = max(claimed.items(), key=lambda found: len(found[1]))
    assert len(numbers) > 1
    form = {"fiscal_year": YEAR.fiscal_year, "department": code, "operator": CLERK}
    before, events = rows(), audit_events()
    with pytest.raises(RectificationError, match=r"没有第99项.*全部未登记"):
        verify_rectification(VerificationForm(**form, items=[*numbers, 99], accepted=True))
    assert (rows(), audit_events()) == (before, events)
    sent_back = VerificationForm(**form, items=numbers, accepted=False, remark="佐证材料不清晰。")
    verify_rectification(sent_back)
    verify_rectification(sent_back)
    [letter] = year.letters(LetterKind.RECTIFICATION_RETURNED, code)
    assert f"{len(numbers)}项退回" in letter.subject
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        states = {i.number: i.state for i in rectification.items_of(db, submission)}
    assert {states[number] for number in numbers} == {RectificationState.RETURNED}
