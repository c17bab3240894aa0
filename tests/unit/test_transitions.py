"""Which state may follow which: every state is known, nothing leaves the end, and a refusal names both states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from models.states import CycleState, LetterState, RectificationState, SubmissionState
from models.transitions import CYCLE, LETTER, RECTIFICATION, SUBMISSION, ForbiddenTransitionError, require

TABLES: list[tuple[Mapping[Any, frozenset[Any]], Any, Any]] = [
    (CYCLE, CycleState.DRAFTING, {CycleState.CLOSED}),
    (SUBMISSION, SubmissionState.AWAITED, {SubmissionState.NOT_SUBMITTED}),
    (LETTER, LetterState.DRAFT, {LetterState.DELIVERED, LetterState.WITHDRAWN}),
    (RECTIFICATION, RectificationState.OPEN, {RectificationState.VERIFIED, RectificationState.CARRIED_OVER}),
]


@pytest.mark.parametrize(("table", "start", "ends"), TABLES)
def test_every_state_is_known_reachable_and_only_the_ends_are_final(table: Any, start: Any, ends: set[Any]) -> None:
    states = set(type(start))
    assert set(table) == states
    reached, waiting = set(), [start]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += table[state]
    assert reached == states
    assert {state for state in states if not table[state]} == ends


def test_a_year_goes_one_way_except_that_a_notice_can_be_drafted_anew_before_scoring() -> None:
    order = list(CycleState)
    for position, state in enumerate(order):
        assert CYCLE[state] - {CycleState.DRAFTING} == set(order[position + 1 : position + 2])
    assert {s for s in order if CycleState.DRAFTING in CYCLE[s]} <= {CycleState.ISSUED, CycleState.COLLECTING}


def test_a_sent_letter_never_leaves_again_and_an_unknown_one_is_decided_by_a_person() -> None:
    assert LETTER[LetterState.SENT] == {LetterState.DELIVERED}
    assert LetterState.SENDING not in LETTER[LetterState.UNKNOWN]


def test_a_letter_that_waits_to_be_brought_is_never_called_sent() -> None:
    assert LETTER[LetterState.TO_DELIVER] & {LetterState.SENT, LetterState.SENDING} == set()
    assert LETTER[LetterState.DELIVERED] == frozenset()


def test_a_forbidden_step_names_both_states() -> None:
    with pytest.raises(ForbiddenTransitionError, match="“准备中”变为“评分中”"):
        require(CYCLE, CycleState.DRAFTING, CycleState.SCORING)
    assert require(CYCLE, CycleState.DRAFTING, CycleState.ISSUED) is CycleState.ISSUED
