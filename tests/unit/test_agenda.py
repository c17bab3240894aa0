"""What is due is due until it is done: no later day takes a step away, and a closed year needs nothing."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.agenda import Step, YearView, due_steps, has_work
from models.states import CycleState, Stage

DAYS = st.dates(date(2026, 1, 1), date(2027, 6, 30))
VIEWS = st.builds(
    YearView,
    state=st.sampled_from(CycleState),
    due=st.dictionaries(st.sampled_from(Stage), DAYS),
    letters_to_send=st.integers(0, 3),
    versions_to_read=st.integers(0, 3),
)


@given(VIEWS, DAYS, st.integers(0, 500))
def test_a_later_day_never_takes_a_due_step_away(view: YearView, today: date, later: int) -> None:
    assert set(due_steps(view, today)) <= set(due_steps(view, today + timedelta(days=later)))


@given(VIEWS, DAYS)
def test_no_step_is_named_twice_and_letters_leave_in_every_open_year(view: YearView, today: date) -> None:
    steps = due_steps(view, today)
    assert len(steps) == len(set(steps))
    assert (Step.SEND_OUTBOX in steps) == (view.state is not CycleState.CLOSED)


@given(VIEWS, DAYS)
def test_a_closed_year_needs_nothing(view: YearView, today: date) -> None:
    assert due_steps(YearView(state=CycleState.CLOSED, due=view.due), today) == ()


@given(VIEWS, DAYS)
def test_scoring_and_publication_never_come_before_their_date(view: YearView, today: date) -> None:
    steps = due_steps(view, today)
    if view.state is CycleState.COLLECTING and Step.SCORE_SUBMISSIONS in steps:
        assert view.due[Stage.SCORING] <= today
    if Step.PUBLISH_RESULTS in steps:
        assert view.state is CycleState.OBJECTION
        assert view.due[Stage.PUBLISH] <= today


def test_material_is_read_before_anybody_is_reminded_and_scored() -> None:
    view = YearView(state=CycleState.COLLECTING, due={Stage.SCORING: date(2026, 5, 15)})
    assert due_steps(view, date(2026, 5, 20)) == (
        Step.COLLECT_SUBMISSIONS,
        Step.PARSE_SUBMISSIONS,
        Step.REMIND_DEPARTMENTS,
        Step.SCORE_SUBMISSIONS,
        Step.SEND_OUTBOX,
    )


def test_letters_leave_before_the_notice_counts_as_issued() -> None:
    view = YearView(state=CycleState.ISSUED, due={Stage.NOTICE: date(2026, 3, 10)})
    assert due_steps(view, date(2026, 3, 10)) == (Step.SEND_OUTBOX, Step.ISSUE_NOTICE)


def test_steps_without_work_are_not_run() -> None:
    idle = YearView(state=CycleState.COLLECTING, due={})
    assert not has_work(Step.PARSE_SUBMISSIONS, idle)
    assert not has_work(Step.SEND_OUTBOX, idle)
    assert has_work(Step.REMIND_DEPARTMENTS, idle)
