"""What is due (待办事项): a pure function from where the year stands and today's date to the steps to run now.

"Due" means "not later than today and not yet done", never "today": a missed day heals by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from models.states import CycleState, Labelled, Stage


class Step(Labelled):
    """The steps the year can need (工作步骤); each is a flow of the same name."""

    ISSUE_NOTICE = "issue_notice", "印发通知"
    COLLECT_SUBMISSIONS = "collect_submissions", "收取材料"
    PARSE_SUBMISSIONS = "parse_submissions", "审读材料"
    REMIND_DEPARTMENTS = "remind_departments", "催报"
    SCORE_SUBMISSIONS = "score_submissions", "评分"
    DRAW_SPOT_CHECK = "draw_spot_check", "抽取抽查对象"
    RECORD_REVIEWS = "record_reviews", "登记复核结果"
    FEED_BACK_RESULTS = "feed_back_results", "反馈评价结果"
    PUBLISH_RESULTS = "publish_results", "公开评价结果"
    TRACK_RECTIFICATION = "track_rectification", "跟踪整改"
    SEND_OUTBOX = "send_outbox", "发送函件"


@dataclass(frozen=True)
class YearView:
    """Where a year stands (年度工作现状), as counted from the database.

    ``letters_to_send`` counts approved letters and those that a killed run left half sent, ``letters_to_bring`` those that
    are not mailed but brought by somebody. ``notice_approved``: notice
    letters, or a correction of them, are approved and not yet released; ``correction_due``: a corrected edition of the
    results is approved and not yet out. ``waits_for`` holds what a person must do before the year can go on, as Chinese sentences.
    """

    state: CycleState
    due: Mapping[Stage, date]
    letters_to_send: int = 0
    letters_to_bring: int = 0
    notice_approved: bool = False
    versions_to_read: int = 0
    cards_missing: int = 0
    open_lines: int = 0
    draw_approved: bool = False
    reviews_missing: int = 0
    items_open: int = 0
    correction_due: bool = False
    waits_for: tuple[str, ...] = ()


def is_due(view: YearView, stage: Stage, today: date) -> bool:
    """Whether a stage's date has come (是否到期)."""
    return stage in view.due and view.due[stage] <= today


def due_steps(view: YearView, today: date) -> tuple[Step, ...]:
    """The steps to run today (当日应办步骤), in the order of the office manual.

    A closed year needs none, but what was published can be found wrong later: a correction still goes out.
    """
    if view.state is CycleState.CLOSED:
        return (Step.PUBLISH_RESULTS, Step.SEND_OUTBOX) if view.correction_due else ()
    return tuple(dict.fromkeys(_steps(view, today)))


def has_work(step: Step, view: YearView) -> bool:
    """Whether a step that runs at any time has something to do just now (是否有事可办); others decide for themselves."""
    if step is Step.PARSE_SUBMISSIONS:
        return view.versions_to_read > 0
    if step is Step.SEND_OUTBOX:
        # Letters that somebody will bring are laid out for printing by the same step.
        return view.letters_to_send > 0 or view.letters_to_bring > 0
    return True


def _steps(view: YearView, today: date) -> Iterator[Step]:
    if view.state is CycleState.ISSUED:
        # Letters first: the notice counts as issued when the last of them has left.
        yield Step.SEND_OUTBOX
    if view.state in (CycleState.DRAFTING, CycleState.ISSUED):
        if is_due(view, Stage.NOTICE, today):
            yield Step.ISSUE_NOTICE
    else:
        # Mail comes in at any time: a late report, a reviewer's workbook, an objection, a remediation report.
        yield Step.COLLECT_SUBMISSIONS
        yield Step.PARSE_SUBMISSIONS
    if view.state is CycleState.COLLECTING:
        if view.notice_approved:
            # A correction, a withdrawal, or the letter of a department that came later.
            yield Step.ISSUE_NOTICE
        yield Step.REMIND_DEPARTMENTS
        if is_due(view, Stage.SCORING, today):
            yield Step.SCORE_SUBMISSIONS
    if view.state is CycleState.SCORING:
        yield Step.SCORE_SUBMISSIONS
        if is_due(view, Stage.DRAW, today):
            yield Step.DRAW_SPOT_CHECK
    if view.state is CycleState.SPOT_CHECKING:
        yield Step.RECORD_REVIEWS
        if is_due(view, Stage.FEEDBACK, today):
            yield Step.FEED_BACK_RESULTS
    if view.state is CycleState.OBJECTION and is_due(view, Stage.PUBLISH, today):
        yield Step.PUBLISH_RESULTS
    if view.correction_due:
        yield Step.PUBLISH_RESULTS
    if view.state is CycleState.RECTIFYING or (
        view.state is CycleState.PUBLISHED and is_due(view, Stage.RECTIFY, today)
    ):
        yield Step.TRACK_RECTIFICATION
    yield Step.SEND_OUTBOX
