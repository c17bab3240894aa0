"""推进年度工作: look where the year stands and run what is due. Correctness never depends on one run of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import progress_page, reporting
from flows.collect_submissions import collect_submissions
from flows.desk import flow
from flows.draw_spot_check import draw_spot_check
from flows.feed_back_results import feed_back_results
from flows.forms import YearForm
from flows.issue_notice import issue_notice
from flows.parse_submissions import parse_submissions
from flows.publish_results import publish_results
from flows.record_reviews import record_reviews
from flows.remind_departments import remind_departments
from flows.score_submissions import score_submissions
from flows.send_outbox import send_outbox
from flows.track_rectification import track_rectification
from models.agenda import Step, YearView, due_steps, has_work
from tasks import clock, lookup, store
from tasks.stages import overview

FLOWS: dict[Step, Callable[..., Any]] = {
    Step.ISSUE_NOTICE: issue_notice,
    Step.COLLECT_SUBMISSIONS: collect_submissions,
    Step.PARSE_SUBMISSIONS: parse_submissions,
    Step.REMIND_DEPARTMENTS: remind_departments,
    Step.SCORE_SUBMISSIONS: score_submissions,
    Step.DRAW_SPOT_CHECK: draw_spot_check,
    Step.RECORD_REVIEWS: record_reviews,
    Step.FEED_BACK_RESULTS: feed_back_results,
    Step.PUBLISH_RESULTS: publish_results,
    Step.TRACK_RECTIFICATION: track_rectification,
    Step.SEND_OUTBOX: send_outbox,
}
# A day can open one stage after another (a year that was left alone for weeks); the states bound how often.
MOST_ROUNDS = 9


def _view(fiscal_year: int) -> YearView:
    with store.session() as db:
        return overview.year_view(db, lookup.cycle_of(db, fiscal_year))


@flow(name="推进年度工作", flow_run_name="{form.which}-推进")
@reporting.once_opened
def advance_cycle(form: YearForm) -> State[Any]:
    """Run what is due (推进年度工作), again while a run moved the year on, and say who waits for whom.

    Without a year it does so for every year that is not closed, oldest first.
    """
    today = clock.today()
    ran: list[str] = []
    failed: list[str] = []
    for _ in range(MOST_ROUNDS):
        before = _view(form.fiscal_year)
        seen: YearView | None = before
        for step in due_steps(before, today):
            # Counting a year is much work: it is counted anew only after a step ran.
            seen = seen or _view(form.fiscal_year)
            if not has_work(step, seen):
                continue
            # One step that fails (a mailbox that does not answer) must not keep the others from running.
            state = FLOWS[step](form, return_state=True)
            seen = None
            said = (state.message or state.name or "").partition("\n")[0]
            reporting.say(f"{form.fiscal_year}年度{step.label}：{said}")
            if state.is_completed():
                ran.append(step.label)
            else:
                failed.append(f"{step.label}（{said[:200]}）")
        after = seen or _view(form.fiscal_year)
        if after.state is before.state:
            break
    shown = progress_page.show(form.fiscal_year)
    sentence = f"{shown.state.label}，进度{shown.percent}%；已办：{'、'.join(dict.fromkeys(ran)) or '无'}。"
    sentence += f"等待{len(shown.waits_for)}项，见进度页。" if shown.waits_for else ""
    if failed:
        return Failed(
            message=f"{sentence}未成功：{'、'.join(dict.fromkeys(failed))}，原因见各步骤的运行记录，下次运行将自动重试。"
        )
    return reporting.done(sentence)
