"""What an item is opened with, what counts as the same problem again, and what a year hands to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from models.figures import FigureKey
from models.records import BureauFigure, Cycle, Department, Receipt, RectificationItem, StageDate, Submission
from models.remediation import RemediationPolicy, graver, problem, repeated, reviewed_problem
from models.states import (
    Channel,
    CycleState,
    ItemSeverity,
    ReceiptOutcome,
    RectificationOrigin,
    RectificationState,
    Stage,
    SubmissionState,
)
from tasks import store
from tasks.stages import use_of_results

POLICY = RemediationPolicy()
DUE = date(2026, 11, 14)


@pytest.mark.parametrize(
    ("score", "severity"),
    [("10", "minor"), ("8.01", "minor"), ("8", "serious"), ("5.01", "serious"), ("5", "grave"), ("0", "grave")],
)
def test_the_more_of_a_line_the_review_took_the_graver_the_problem(score: str, severity: str) -> None:
    assert reviewed_problem("目标实现：少", Decimal(score), Decimal(10), POLICY).severity == severity


def test_a_line_without_a_known_maximum_is_never_grave() -> None:
    assert reviewed_problem("某项：少", Decimal(0), None, POLICY).severity is ItemSeverity.MINOR


def test_every_origin_says_what_counts_as_evidence() -> None:
    for origin in RectificationOrigin:
        assert getattr(POLICY.evidence, origin)
        if origin is not RectificationOrigin.REVIEW:
            assert problem(origin, "问题", POLICY).evidence
    assert graver(ItemSeverity.MINOR) is ItemSeverity.SERIOUS
    assert graver(ItemSeverity.GRAVE) is ItemSeverity.GRAVE


def test_a_problem_that_came_back_is_found_under_another_number() -> None:
    earlier = [("2024年度第1项", "1、项目入库论证不够充分"), ("2024年度第2项", "一是预算编制不够精细，年中调剂较多。")]
    assert repeated("（三）预算编制不够精细，年中调剂较多", earlier, POLICY) == "2024年度第2项"
    assert repeated("档案管理不规范。", earlier, POLICY) is None
    assert repeated("档案管理不规范。", [], POLICY) is None


def a_year(db: Session, year: int, state: CycleState) -> Cycle:
    made = Cycle(fiscal_year=year, county="清禾县", bureau="清禾县财政局", office="绩效评价股", ruleset_id="practice-2025",
                 ruleset_digest="0" * 64, state=state, opened_at=datetime(year + 1, 3, 1, tzinfo=UTC))  # fmt: skip
    db.add(made)
    db.flush()
    return made


def a_duty(db: Session, cycle: Cycle, department: Department, state: SubmissionState) -> Submission:
    made = Submission(cycle_id=cycle.id, department_id=department.id, state=state)
    db.add(made)
    db.flush()
    return made


def two_years(*states: RectificationState, reported: date | None = DUE) -> None:
    """Two years with one department that had items in these states, and one that never submitted."""
    with store.session() as db:
        old, new = a_year(db, 2025, CycleState.RECTIFYING), a_year(db, 2026, CycleState.DRAFTING)
        db.add(StageDate(cycle_id=old.id, stage=Stage.RECTIFY_BY, due_on=DUE))
        for code, state in (("101", SubmissionState.ACCEPTED), ("102", SubmissionState.NOT_SUBMITTED)):
            department = Department(code=code, name=f"清禾县{code}局", stratum="社会事业")
            db.add(department)
            db.flush()
            duty = a_duty(db, old, department, state)
            a_duty(db, new, department, SubmissionState.AWAITED)
            if code == "101":
                _fill(db, old, duty, department, states, reported)


def _fill(
    db: Session,
    old: Cycle,
    duty: Submission,
    department: Department,
    states: tuple[RectificationState, ...],
    reported: date | None,
) -> None:
    opened = datetime(2026, 10, 15, tzinfo=UTC)
    for number, state in enumerate(states, 1):
        db.add(RectificationItem(submission_id=duty.id, number=number, origin=RectificationOrigin.REPORT,
                                 digest=f"{number}", problem=f"问题{number}", due_on=DUE, state=state, opened_at=opened))  # fmt: skip
    if reported:
        db.add(Receipt(cycle_id=old.id, channel=Channel.MAILBOX, origin="1", sha256="0" * 64, size=1,
                       received_at=datetime(reported.year, reported.month, reported.day, 4, tzinfo=UTC),
                       department_id=department.id, outcome=ReceiptOutcome.RECTIFICATION))  # fmt: skip


def handed() -> tuple[int, dict[str, dict[str, str]]]:
    with store.session() as db:
        old, new = (db.exec(select(Cycle).where(Cycle.fiscal_year == y)).one() for y in (2025, 2026))
        changed = use_of_results.hand_over(db, old, new)
    with store.session() as db:
        found: dict[str, dict[str, str]] = {}
        for row in db.exec(select(BureauFigure)):
            found.setdefault(db.get_one(Department, row.department_id).code, {})[row.key] = row.value
    return changed, found


def test_all_remedied_and_in_time(database: str) -> None:
    two_years(RectificationState.VERIFIED, RectificationState.VERIFIED)
    changed, found = handed()
    assert found == {
        "101": {
            FigureKey.LAST_YEAR_PROBLEMS: "2",
            FigureKey.LAST_YEAR_REMEDIED: "2",
            FigureKey.LAST_YEAR_MEASURES_APPLIED: "1",
            FigureKey.LAST_YEAR_REPORTED_IN_TIME: "1",
        }
    }
    assert changed == 4
    assert handed() == (0, found)


@pytest.mark.parametrize(("reported", "told"), [(None, "0"), (date(2026, 11, 15), "0"), (date(2026, 11, 14), "1")])
def test_a_report_counts_as_in_time_up_to_its_day(home: object, reported: date | None, told: str) -> None:
    two_years(RectificationState.VERIFIED, RectificationState.CARRIED_OVER, reported=reported)
    figures = handed()[1]["101"]
    assert figures[FigureKey.LAST_YEAR_REPORTED_IN_TIME] == told
    assert figures[FigureKey.LAST_YEAR_REMEDIED] == "1"
    assert figures[FigureKey.LAST_YEAR_MEASURES_APPLIED] == "0"


def test_who_had_no_problem_has_none_and_the_rest_stays_unknown(home: object) -> None:
    two_years(reported=None)
    assert handed()[1] == {"101": {FigureKey.LAST_YEAR_PROBLEMS: "0", FigureKey.LAST_YEAR_REMEDIED: "0"}}


def test_what_staff_took_in_from_a_workbook_stays(home: object) -> None:
    two_years(RectificationState.VERIFIED)
    handed()
    with store.session() as db:
        row = db.exec(select(BureauFigure).where(BureauFigure.key == FigureKey.LAST_YEAR_REMEDIED)).one()
        row.value, row.origin = "0", "财政数据.xlsx 工作表“数据”Z5"
        db.add(row)
    changed, found = handed()
    assert (changed, found["101"][FigureKey.LAST_YEAR_REMEDIED]) == (0, "0")
