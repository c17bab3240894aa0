"""The second year takes what the first one handed on: its lines, its draw, its items, and its public site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select
from year_kit import CLERK, LEADER, SEED, YEAR, cycle, on

from models import rules
from models.figures import FigureKey
from models.records import BureauFigure, Reading, RectificationItem, StageDate, SubmissionVersion
from models.states import (
    CycleState,
    Decision,
    Gate,
    ItemSeverity,
    LetterKind,
    RectificationOrigin,
    RectificationState,
    Stage,
    SubmissionState,
)
from tasks import clock, lookup, store, verification
from tasks.practice import world
from tasks.stages import cycle as cycles
from tasks.stages import draw, gates, items, publication, rectification, results, scoring, use_of_results

SECOND = YEAR.fiscal_year + 1
CODE = "105"
NUMBER = "清财绩〔2027〕18号"


def next_spring() -> datetime:
    return on(12, 31) + timedelta(days=64)


def carry_one(db: Session) -> RectificationItem:
    """One item of the first year that was handed on instead of put right."""
    item = rectification.items_of(db, lookup.submission_of(db, cycle(db), CODE)[0])[0]
    item.state = RectificationState.CARRIED_OVER
    db.add(item)
    return item


def open_second(year: Any) -> None:
    roster = Path(year.home / "documents" / "部门名册.xlsx")
    cycles.open_cycle(
        SECOND, county=year.world.county.name, bureau=year.world.county.bureau.name, office="绩效股",
        ruleset_id=world.RULESET, roster=roster.read_bytes(), roster_name=roster.name, who=CLERK,
    )  # fmt: skip


def hand_in_again(db: Session) -> None:
    """The same departments hand in the same figures for the second year, and the bureau's own are the same too."""
    first, second = cycle(db), lookup.cycle_of(db, SECOND)
    for old, department in lookup.submissions(db, first):
        new = lookup.submission_of(db, second, department.code)[0]
        if old.state is not SubmissionState.ACCEPTED:
            new.state = SubmissionState.NOT_SUBMITTED
            continue
        version = db.get_one(SubmissionVersion, old.accepted_version_id)
        again = SubmissionVersion(**version.model_dump(exclude={"id", "submission_id"}), submission_id=new.id)
        again.number = 1
        db.add(again)
        db.flush()
        reading = lookup.latest_reading(db, version.id)
        assert reading is not None and reading.facts is not None
        facts = reading.facts | {"fiscal_year": str(SECOND)}
        db.add(Reading(version_id=again.id, reader=reading.reader, facts=facts, read_at=clock.now()))
        new.state, new.accepted_version_id = SubmissionState.ACCEPTED, again.id
        handed = lookup.figures_of(db, second, department)
        for row in db.exec(
            select(BureauFigure).where(BureauFigure.cycle_id == first.id, BureauFigure.department_id == department.id)
        ):
            if row.key not in handed and not row.key.startswith("last_year"):
                db.add(BureauFigure(**row.model_dump(exclude={"id", "cycle_id"}), cycle_id=second.id))


def move_to(db: Session, state: CycleState) -> None:
    found = lookup.cycle_of(db, SECOND)
    found.state = state
    db.add(found)


def score_and_settle() -> None:
    with store.session() as db:
        ids = [s.id for s, _ in lookup.submissions(db, lookup.cycle_of(db, SECOND)) if s.accepted_version_id]
    for one in ids:
        scoring.score_one(one)
    with store.session() as db:
        second = lookup.cycle_of(db, SECOND)
        waiting = [
            (d.code, line["rule"])
            for s, d in lookup.submissions(db, second)
            if (card := lookup.latest_card(db, s))
            for line in card.card["lines"]
            if line["status"] == "needs_person" and line["rule"] != "self-accuracy"
        ]
    for code, rule in waiting:
        scoring.record_judgement(SECOND, code, rule, Decimal(2), "按佐证材料判定。", CLERK)
    results.settle_all(SECOND)


def line_of(db: Session, code: str, rule: str) -> dict[str, Any]:
    card = lookup.latest_card(db, lookup.submission_of(db, lookup.cycle_of(db, SECOND), code)[0])
    assert card is not None
    return next(line for line in card.card["lines"] if line["rule"] == rule)


@pytest.fixture
def second(year_at: Callable[..., Any]) -> Any:
    """The second year with its material in, after a first one that handed one item on."""
    year = year_at("closed", on(12, 31))
    with store.session() as db:
        carry_one(db)
    clock.set_now(next_spring())
    open_second(year)
    with store.session() as db:
        hand_in_again(db)
        move_to(db, CycleState.SCORING)
    return year


def test_lines_and_draw_of_the_second_year_rest_on_the_first(second: Any) -> None:
    score_and_settle()
    with store.session() as db:
        following = lookup.cycle_of(db, SECOND)
        own = rectification.items_of(db, lookup.submission_of(db, cycle(db), CODE)[0])
        put_right = sum(item.state is RectificationState.VERIFIED for item in own)
        assert 0 < put_right < len(own)
        figures = lookup.figures_of(db, following, lookup.submission_of(db, following, CODE)[1])
        assert figures[FigureKey.LAST_YEAR_REMEDIED] == str(put_right)
        line = line_of(db, CODE, "result-rectification")
        assert line["status"] == "needs_person" and line["computed"] is None and "请评价人员判定" in line["reason"]
        assert line_of(db, CODE, "result-feedback")["computed"] == (
            "4" if figures["last_year_reported_in_time"] == "1" else "0"
        )
        clean = next(
            d.code
            for s, d in lookup.submissions(db, following)
            if (f := lookup.figures_of(db, following, d)).get("last_year_problems")
            and f["last_year_problems"] == f["last_year_remedied"]
        )
        assert line_of(db, clean, "result-rectification")["computed"] == "4"
        policy = rules.load(following.ruleset_id).spot_check.risk
        units = {unit.code: unit for unit in draw.frame(db, following)}
        before = {d.code: lookup.latest_outcome(db, s) for s, d in lookup.submissions(db, cycle(db))}
        drawn = {code for code, row in before.items() if row is not None and row.outcome["spot_checked"]}
        assert drawn and drawn < set(units), "some were drawn last year and some were not"
        never = {units[code].risk for code in set(units) - drawn}
        assert min(never) >= 1 + policy.never_drawn
    assert draw.prepare(SECOND, SEED, CLERK).number == 1


def test_public_history_items_and_budget_list_of_the_second_year(second: Any) -> None:
    score_and_settle()
    with store.session() as db:
        following = lookup.cycle_of(db, SECOND)
        move_to(db, CycleState.OBJECTION)
        db.add(StageDate(cycle_id=following.id, stage=Stage.OBJECT_BY, due_on=clock.today() - timedelta(days=1)))
    prepared = publication.prepare(SECOND, NUMBER, CLERK)
    gates.decide(SECOND, Gate.PUBLICATION, digest=prepared.digest, decision=Decision.APPROVED, who=LEADER)
    publication.publish(SECOND)
    page = (second.home / "site" / "departments" / f"{CODE}.html").read_text("utf-8")
    assert "历年结果" in page and f"{YEAR.fiscal_year}年度" in page
    assert "历年平均得分" in (second.home / "site" / "index.html").read_text("utf-8")

    items.open_items(SECOND)
    with store.session() as db:
        own = rectification.items_of(db, lookup.submission_of(db, lookup.cycle_of(db, SECOND), CODE)[0])
        first = own[0]
        assert (first.origin, first.severity) == (RectificationOrigin.CARRIED, ItemSeverity.GRAVE)
        assert f"{YEAR.fiscal_year}年度第1项，未完成" in first.problem
        again = [item for item in own if item.repeats]
        assert again and all(item.severity is not ItemSeverity.MINOR for item in again), "the same words came back"
    told = [one for one in second.letters(LetterKind.RECTIFICATION, CODE) if one.key.startswith(str(SECOND))]
    assert "已经提出" in told[0].text
    _budget_list(second)
    assert verification.verify().differences == ()


def _budget_list(year: Any) -> None:
    use_of_results.write_list(SECOND)
    sheet = load_workbook(year.home / "documents" / f"结果应用清单-{SECOND}.xlsx")["结果应用"]
    listed = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    advice = {row[0]: row[6] for row in listed}
    order = [grade for grade in ("优", "良", "中", "差") if grade in advice]
    words = {"优": "优先保障", "良": "继续支持", "中": "不增长", "差": "压减预算"}
    assert [row[0] for row in listed if row[0] in order] == sorted(
        (row[0] for row in listed if row[0] in order), key=order.index
    )
    assert order and all(words[grade] in advice[grade] for grade in order)
    assert "从严安排预算" in advice["未报送"]
    with store.session() as db:
        assert len(listed) == len(lookup.submissions(db, lookup.cycle_of(db, SECOND)))
