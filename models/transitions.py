"""Which state may follow which (状态转换表), in one place for every record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from models.states import CycleState, Labelled, LetterState, RectificationState, SubmissionState

S = TypeVar("S", bound=Labelled)


class ForbiddenTransitionError(ValueError):
    """A state was asked to follow another that it may not follow (不允许的状态转换)."""


CYCLE: Mapping[CycleState, frozenset[CycleState]] = {
    CycleState.DRAFTING: frozenset({CycleState.ISSUED}),
    # A notice that is withdrawn takes the year back: another one has to be prepared.
    CycleState.ISSUED: frozenset({CycleState.COLLECTING, CycleState.DRAFTING}),
    CycleState.COLLECTING: frozenset({CycleState.SCORING, CycleState.DRAFTING}),
    CycleState.SCORING: frozenset({CycleState.SPOT_CHECKING}),
    CycleState.SPOT_CHECKING: frozenset({CycleState.OBJECTION}),
    CycleState.OBJECTION: frozenset({CycleState.PUBLISHED}),
    CycleState.PUBLISHED: frozenset({CycleState.RECTIFYING}),
    CycleState.RECTIFYING: frozenset({CycleState.CLOSED}),
    CycleState.CLOSED: frozenset(),
}

SUBMISSION: Mapping[SubmissionState, frozenset[SubmissionState]] = {
    SubmissionState.AWAITED: frozenset({SubmissionState.RECEIVED, SubmissionState.NOT_SUBMITTED}),
    SubmissionState.RECEIVED: frozenset(
        {SubmissionState.RESUBMITTED, SubmissionState.NEEDS_CORRECTION, SubmissionState.ACCEPTED}
    ),
    # Accepted without a new version where it was returned for what a person has found to be misread.
    SubmissionState.NEEDS_CORRECTION: frozenset(
        {SubmissionState.RESUBMITTED, SubmissionState.ACCEPTED, SubmissionState.NOT_SUBMITTED}
    ),
    SubmissionState.RESUBMITTED: frozenset(
        {SubmissionState.RESUBMITTED, SubmissionState.NEEDS_CORRECTION, SubmissionState.ACCEPTED}
    ),
    # A department may send a better version until scoring starts.
    SubmissionState.ACCEPTED: frozenset({SubmissionState.RESUBMITTED}),
    SubmissionState.NOT_SUBMITTED: frozenset(),
}

LETTER: Mapping[LetterState, frozenset[LetterState]] = {
    LetterState.DRAFT: frozenset({LetterState.APPROVED, LetterState.TO_DELIVER, LetterState.WITHDRAWN}),
    LetterState.APPROVED: frozenset({LetterState.SENDING, LetterState.TO_DELIVER, LetterState.WITHDRAWN}),
    LetterState.SENDING: frozenset({LetterState.SENT, LetterState.FAILED, LetterState.UNKNOWN, LetterState.APPROVED}),
    # A person decides what really happened.
    LetterState.UNKNOWN: frozenset(
        {
            LetterState.SENT,
            LetterState.APPROVED,
            LetterState.TO_DELIVER,
            LetterState.DELIVERED,
            LetterState.WITHDRAWN,
        }
    ),
    LetterState.FAILED: frozenset(
        {LetterState.APPROVED, LetterState.TO_DELIVER, LetterState.DELIVERED, LetterState.WITHDRAWN}
    ),
    # It waits for somebody to bring it, until the department can be written to again.
    LetterState.TO_DELIVER: frozenset({LetterState.DELIVERED, LetterState.APPROVED, LetterState.WITHDRAWN}),
    # Never again by mail; one that came back can only be brought.
    LetterState.SENT: frozenset({LetterState.DELIVERED}),
    LetterState.DELIVERED: frozenset(),
    LetterState.WITHDRAWN: frozenset(),
}

RECTIFICATION: Mapping[RectificationState, frozenset[RectificationState]] = {
    RectificationState.OPEN: frozenset(
        {
            RectificationState.PLANNED,
            RectificationState.CLAIMED_DONE,
            RectificationState.EXTENDED,
            RectificationState.CARRIED_OVER,
        }
    ),
    RectificationState.PLANNED: frozenset(
        {RectificationState.CLAIMED_DONE, RectificationState.EXTENDED, RectificationState.CARRIED_OVER}
    ),
    RectificationState.EXTENDED: frozenset(
        {RectificationState.PLANNED, RectificationState.CLAIMED_DONE, RectificationState.CARRIED_OVER}
    ),
    RectificationState.CLAIMED_DONE: frozenset({RectificationState.VERIFIED, RectificationState.RETURNED}),
    RectificationState.RETURNED: frozenset(
        {
            RectificationState.PLANNED,
            RectificationState.CLAIMED_DONE,
            RectificationState.EXTENDED,
            RectificationState.CARRIED_OVER,
        }
    ),
    # Closed: put right, or handed to the next year by a person after the leader in charge was written to.
    RectificationState.VERIFIED: frozenset(),
    RectificationState.CARRIED_OVER: frozenset(),
}


def require(table: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """Return ``new`` if it may follow ``old`` (校验状态转换); raise ``ForbiddenTransitionError`` otherwise."""
    if new not in table[old]:
        raise ForbiddenTransitionError(f"状态不能从“{old.label}”变为“{new.label}” ({old} -> {new})")
    return new
