"""Running any flow again changes nothing, and the year as a whole is sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from year_kit import (
    BULLETIN_NUMBER,
    CLERK,
    LEADER,
    NUMBER,
    SEED,
    YEAR,
    Year,
    advance,
    audit_events,
    cycle,
    on,
    published_files,
    rows,
)

from flows.advance_cycle import advance_cycle
from flows.collect_submissions import collect_submissions
from flows.decide_gate import decide_gate
from flows.draw_spot_check import draw_spot_check, prepare_draw
from flows.feed_back_results import feed_back_results
from flows.forms import (
    DrawForm,
    ExtensionForm,
    GateForm,
    ImportFiguresForm,
    ItemExtensionForm,
    JudgementForm,
    NoticeForm,
    OpenYearForm,
    PublicationForm,
    VerificationForm,
)
from flows.issue_notice import issue_notice, prepare_notice
from flows.open_year import import_figures, open_year
from flows.parse_submissions import parse_submissions
from flows.publish_results import prepare_publication, publish_results
from flows.record_reviews import record_reviews
from flows.remind_departments import extend_deadline, remind_departments
from flows.score_submissions import record_judgement, score_submissions
from flows.send_outbox import send_outbox
from flows.track_rectification import extend_rectification, track_rectification, verify_rectification
from models.states import CycleState, Decision, Gate, SubmissionState
from tasks import lookup, store, verification
from tasks.practice import people, world
from tasks.stages import overview, rectification

Make = Callable[[Year], Any]
Y = {"fiscal_year": YEAR.fiscal_year}


def _year(_: Year) -> Any:
    return YEAR


def _open(year: Year) -> Any:
    bureau = year.world.county.bureau
    roster = year.home / "documents" / "部门名册.xlsx"
    names = {"county": year.world.county.name, "bureau": bureau.name, "office": bureau.office}
    return OpenYearForm(**Y, **names, ruleset=world.RULESET, roster=roster, operator=CLERK)


def _figures(year: Year) -> Any:
    return ImportFiguresForm(**Y, workbook=year.home / "documents" / "财政数据（已填）.xlsx", operator=CLERK)


def _gate(gate: Gate) -> Make:
    def make(_: Year) -> Any:
        with store.session() as db:
            matter = lookup.latest_approval(db, cycle(db), gate)
        assert matter is not None
        return GateForm(**Y, gate=gate, digest=matter.digest, decision=Decision.APPROVED, approver=LEADER, reason="")

    return make


def _judgement(_: Year) -> Any:
    with store.session() as db:
        submission, _department = lookup.submission_of(db, cycle(db), "108")
        rule = next(iter(overview.open_rules(db, submission)))
    return JudgementForm(
        **Y, department="108", rule=rule, score=Decimal("1.5"), reason="核对佐证材料。", operator=CLERK
    )


def _item(year: Year) -> tuple[str, int, date]:
    with store.session() as db:
        items = rectification.items_of(db, lookup.submission_of(db, cycle(db), "108")[0])
    return "108", items[0].number, items[0].due_on


def _item_extension(year: Year) -> Any:
    code, number, due = _item(year)
    until = due + timedelta(days=9)
    return ItemExtensionForm(**Y, department=code, items=[number], until=until, reason="同意。", operator=CLERK)


def _verification(year: Year) -> Any:
    track_rectification(YEAR)
    return VerificationForm(**Y, department="105", items=[1], accepted=False, remark="请补充佐证。", operator=CLERK)


def _extension(_: Year) -> Any:
    return ExtensionForm(**Y, department="111", until=date(2026, 5, 8), reason="人员调整。", operator=CLERK)


def _with(form: Any) -> Make:
    return lambda _: form


FLOWS: list[tuple[str, Any, Any, Make]] = [
    ("opened", on(3, 7), open_year, _open),
    ("opened", on(3, 7), import_figures, _figures),
    ("opened", on(3, 10), prepare_notice, _with(NoticeForm(**Y, document_number=NUMBER, operator=CLERK))),
    ("notice_prepared", on(3, 10), decide_gate, _gate(Gate.NOTICE)),
    ("notice_approved", on(3, 10), issue_notice, _year),
    ("collecting", on(4, 3), collect_submissions, _year),
    ("late_in", on(5, 11), remind_departments, _year),
    ("corrected", on(4, 20), extend_deadline, _extension),
    ("late_in", on(5, 15), score_submissions, _year),
    ("scored", on(5, 16), record_judgement, _judgement),
    ("judged", on(7, 1), prepare_draw, _with(DrawForm(**Y, seed=SEED, operator=CLERK))),
    ("drawn", on(7, 1), draw_spot_check, _year),
    ("reviews_returned", on(7, 11), record_reviews, _year),
    ("reviewed", on(8, 31), feed_back_results, _year),
    ("objection", on(10, 15), prepare_publication, _with(PublicationForm(**Y, document_number=BULLETIN_NUMBER, operator=CLERK))),
    ("publication_approved", on(10, 15), publish_results, _year),
    ("remediation_returned", on(10, 30), track_rectification, _year),
    ("rectifying", on(10, 20), extend_rectification, _item_extension),
    ("remediation_returned", on(10, 30), verify_rectification, _verification),
    ("notice_approved", on(3, 10), send_outbox, _year),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "moment", "flow", "make"), FLOWS, ids=[f[2].fn.__name__ for f in FLOWS])
def test_running_a_flow_again_changes_nothing(
    either_year_at: Any, stage: str, moment: Any, flow: Any, make: Make
) -> None:
    year = either_year_at(stage, moment)
    people.act(year.world, moment.date())
    if flow in (record_reviews, track_rectification, verify_rectification):
        collect_submissions(YEAR)
    if flow is send_outbox:
        issue_notice(YEAR)
    form = make(year)
    before = rows()
    assert flow(form, return_state=True).is_completed()
    after, events = rows(), audit_events()
    if flow not in (open_year, import_figures, prepare_draw, draw_spot_check):
        assert after != before, "the first run did something"
    year.at(moment + timedelta(hours=1))
    assert flow(form, return_state=True).is_completed()
    assert rows() == after
    assert audit_events() == events


def test_a_day_of_the_year_can_be_run_again(either_year_at: Any) -> None:
    year = either_year_at("collecting", on(3, 27))
    advance(year, on(3, 27))
    after, events = rows(), audit_events()
    assert advance_cycle(YEAR, return_state=True).is_completed()
    assert (rows(), audit_events()) == (after, events)


def test_material_that_was_read_is_not_read_again(year_at: Any) -> None:
    year = year_at("collecting", on(3, 27))
    people.act(year.world, date(2026, 3, 27))
    collect_submissions(YEAR)
    assert parse_submissions(YEAR, return_state=True).name == "Completed"
    after = rows()
    assert parse_submissions(YEAR, return_state=True).name == "无需办理"
    assert rows() == after


def test_a_closed_year_is_left_alone(either_year_at: Any) -> None:
    year = either_year_at("closed", on(12, 31))
    assert year.state() is CycleState.CLOSED
    after, events, files = rows(), audit_events(), published_files(year.home)
    year.at(on(12, 31) + timedelta(days=40))
    assert advance_cycle(YEAR, return_state=True).is_completed()
    assert (rows(), audit_events(), published_files(year.home)) == (after, events, files)
    assert len(year.arrived()) == len({c.key for c in year.arrived()}), "a letter arrived twice"


def test_a_finished_year_verifies_on_either_database(either_year_at: Any) -> None:
    year = either_year_at("closed", on(12, 31))
    found = verification.verify()
    assert found.differences == ()
    assert found.checked["评分表"] >= 4
    assert year.submission("111").state is SubmissionState.NOT_SUBMITTED
