"""From judgement to publication: nobody's result is settled while a line is open, and what was altered is found."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel import select
from year_kit import CLERK, YEAR, Year, cycle, on, rows

from flows.collect_submissions import collect_submissions
from flows.feed_back_results import feed_back_results
from flows.forms import JudgementForm, VerificationForm
from flows.record_reviews import record_reviews
from flows.score_submissions import record_judgement
from flows.send_outbox import send_outbox
from flows.track_rectification import verify_rectification
from models.deviation import DeviationPolicy, assess
from models.records import Department, OutcomeRecord, ReceivedFile, Review, ReviewLine, ScoreCardRecord, Submission
from models.states import CycleState, LetterKind
from tasks import filestore, lookup, settings, store, verification
from tasks.mail import token
from tasks.practice import people, post
from tasks.stages import overview
from tasks.stages.rectification import RectificationError
from tasks.stages.results import UnsettledError, settle_all
from tasks.stages.scoring import JudgementError
from tasks.writing.review_layout import FIRST_ROW, LINES, Lines
from tasks.writing.review_workbook import fill_review_workbook


def _judgement(**changes: Any) -> JudgementForm:
    known: dict[str, Any] = {"fiscal_year": YEAR.fiscal_year, "department": "108", "rule": _open_rule()[0]}
    known |= {"score": Decimal(1), "reason": "核对佐证材料。", "operator": CLERK}
    return JudgementForm(**(known | changes))


def _open_rule() -> tuple[str, Decimal]:
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), "108")
        rule = next(iter(overview.open_rules(db, submission)))
        card = lookup.latest_card(db, submission)
    assert card is not None
    return rule, Decimal(next(line["maximum"] for line in card.card["lines"] if line["rule"] == rule))


def test_a_judgement_outside_the_range_is_refused(either_year_at: Any) -> None:
    either_year_at("scored", on(5, 16))
    rule, maximum = _open_rule()
    before = rows()
    with pytest.raises(JudgementError, match=f"0至{maximum.normalize():f}"):
        record_judgement(_judgement(rule=rule, score=maximum + Decimal("0.01")))
    with pytest.raises(ValidationError):
        _judgement(score=Decimal("-0.01"))
    with pytest.raises(JudgementError, match="没有“no-such-rule”"):
        record_judgement(_judgement(rule="no-such-rule"))
    with pytest.raises(LookupError, match="999"):
        record_judgement(_judgement(department="999"))
    assert rows() == before
    record_judgement(_judgement(rule=rule, score=maximum))


def test_a_line_that_the_rules_decide_cannot_be_judged_away(year_at: Any) -> None:
    year_at("scored", on(5, 16))
    with store.session() as db:
        card = lookup.latest_card(db, lookup.submission_of(db, cycle(db), "108")[0])
        assert card is not None
        computed = next(line["rule"] for line in card.card["lines"] if line["status"] == "computed")
    with pytest.raises(JudgementError, match="无需人工判定"):
        record_judgement(_judgement(rule=computed))


def test_a_later_judgement_replaces_the_earlier_one_and_both_are_kept(either_year_at: Any) -> None:
    either_year_at("scored", on(5, 16))
    rule, _ = _open_rule()
    record_judgement(_judgement(rule=rule, score=Decimal("1.5")))
    record_judgement(_judgement(rule=rule, score=Decimal("1.2"), reason="复核后更正。"))
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), "108")
        assert lookup.judgements_of(db, submission)[rule].score == Decimal("1.2")
        assert lookup.judgements_of(db, submission)[rule].number == 2


def test_nothing_is_settled_while_lines_are_open_and_the_departments_are_named(either_year_at: Any) -> None:
    either_year_at("scored", on(5, 16))
    before = rows()
    with pytest.raises(UnsettledError) as refused:
        settle_all(YEAR.fiscal_year)
    with store.session() as db:
        waiting = [d.name for s, d in lookup.submissions(db, cycle(db)) if overview.open_rules(db, s)]
    assert len(waiting) == 4
    for name in waiting:
        assert name in str(refused.value)
    assert rows() == before


def test_feedback_waits_for_the_reviewers_by_name(either_year_at: Any) -> None:
    year = either_year_at("spot_checking", on(8, 31))
    with store.session() as db:
        reviewers = {review.reviewer for review in db.exec(select(Review))}
    state = feed_back_results(YEAR, return_state=True)
    assert state.name == "无需办理"
    assert year.letters(LetterKind.RESULT) == []
    assert year.state() is CycleState.SPOT_CHECKING
    with store.session() as db:
        told = " ".join(overview.waiting_for(db, cycle(db)))
    assert reviewers
    for name in reviewers:
        assert name in told


def _task_workbook(year: Year) -> tuple[str, bytes]:
    task = year.arrived(LetterKind.REVIEW_TASK)[0]
    return task.code, next(c for n, c in people.attachments(task) if n.endswith(".xlsx"))


def _send_back(year: Year, code: str, key: str, content: bytes) -> None:
    file = year.home / f"{key}.xlsx"
    file.write_bytes(content)
    with store.session() as db:
        review = db.exec(select(Review).join(Submission).join(Department).where(Department.code == code)).one()
    sent = post.mail_in(
        settings.current().mailbox_folder,
        f"2025.{code}.{key}",
        sender=(review.reviewer, review.reviewer_address),
        to=settings.current().mail_from,
        subject=f"{token.make(YEAR.fiscal_year, code, token.Purpose.REVIEW)}复核工作簿",
        text="复核工作簿见附件。",
        files=[file],
    )
    assert sent


def _filled(year: Year, code: str, content: bytes) -> bytes:
    found = year.world.county.department(code).review
    scores = {year.world.rule_ids[r.line]: (r.score, r.reason or "", r.criterion or "") for r in found}
    return fill_review_workbook(content, scores)


def _edited(content: bytes, column: int, value: Any) -> bytes:
    """The same workbook with one cell of the first line changed."""
    book = load_workbook(io.BytesIO(content))
    book[LINES].cell(FIRST_ROW, column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(("fault", "said"), [("blank", "复核得分"), ("reason", "扣分"), ("high", "复核得分")])
def test_a_broken_review_workbook_goes_back_to_the_reviewer(year_at: Any, fault: str, said: str) -> None:
    year = year_at("spot_checking", on(7, 5))
    code, content = _task_workbook(year)
    good = _filled(year, code, content)
    broken = {
        "blank": lambda: _edited(good, Lines.SCORE, None),
        "reason": lambda: _edited(_edited(_edited(good, Lines.SCORE, 0), Lines.REASON, None), Lines.CRITERION, None),
        "high": lambda: _edited(good, Lines.SCORE, 99),
    }[fault]()
    _send_back(year, code, "broken", broken)
    collect_submissions(YEAR)
    assert record_reviews(YEAR, return_state=True).is_completed()
    with store.session() as db:
        assert db.exec(select(ReviewLine)).all() == [], "with one problem no line is taken"
    (returned,) = year.letters(LetterKind.REVIEW_RETURNED)
    assert said in returned.text
    with store.session() as db:
        assert returned.to_address in {r.reviewer_address for r in db.exec(select(Review))}
    send_outbox(YEAR)
    assert len(year.arrived(LetterKind.REVIEW_RETURNED)) == 1
    _send_back(year, code, "good", good)
    collect_submissions(YEAR)
    record_reviews(YEAR)
    with store.session() as db:
        assert len(db.exec(select(ReviewLine)).all()) >= 11


def test_what_was_overclaimed_is_deducted_as_the_policy_says(either_year_at: Any) -> None:
    either_year_at("objection", on(9, 1))
    with store.session() as db:
        settled = [row for row in db.exec(select(OutcomeRecord)) if row.review_score is not None]
    assert settled
    for row in settled:
        assert row.self_score is not None and row.review_score is not None
        assert row.final_score is not None
        deviation = assess(row.self_score, row.review_score, DeviationPolicy())
        assert Decimal(row.outcome["deduction"]) == deviation.deduction
        assert row.final_score <= 100


def test_every_department_is_told_its_own_result_and_until_when_it_may_object(either_year_at: Any) -> None:
    year = either_year_at("objection", on(9, 1))
    letters = year.letters(LetterKind.RESULT)
    assert {letter.key.split("/")[1] for letter in letters} == {"105", "108", "109", "112"}
    assert len(year.arrived(LetterKind.RESULT)) == 4
    assert all("9月9日" in letter.text for letter in letters), "seven working days after 31 August"


def test_only_what_was_reported_done_can_be_verified(year_at: Any) -> None:
    year_at("rectifying", on(10, 16))
    before = rows()
    form = {"fiscal_year": YEAR.fiscal_year, "department": "108", "operator": CLERK}
    with pytest.raises(RectificationError, match="报告完成后才能核实"):
        verify_rectification(VerificationForm(**form, items=[1], accepted=True))
    with pytest.raises(RectificationError, match="没有第99项"):
        verify_rectification(VerificationForm(**form, items=[99], accepted=True))
    with pytest.raises(ValidationError, match="必须填写意见"):
        VerificationForm(**form, items=[1], accepted=False, remark=" ")
    assert rows() == before


def _tamper_score(year: Year) -> str:
    with store.session() as db:
        row = db.exec(select(ScoreCardRecord).order_by(ScoreCardRecord.id)).first()  # type: ignore[arg-type]
        assert row is not None
        card = json.loads(json.dumps(row.card))
        card["computed_total"] = "99"
        row.card = card
        db.add(row)
    return "重新计算的结果与保存的不一致"


def _tamper_result(year: Year) -> str:
    with store.session() as db:
        row = db.exec(select(OutcomeRecord).order_by(OutcomeRecord.id)).first()  # type: ignore[arg-type]
        assert row is not None
        row.outcome = json.loads(json.dumps(row.outcome)) | {"final_score": "100"}
        db.add(row)
    return "重新核定的结果与保存的不一致"


def _tamper_final_column(year: Year) -> str:
    with store.session() as db:
        row = db.exec(select(OutcomeRecord).order_by(OutcomeRecord.id)).first()  # type: ignore[arg-type]
        assert row is not None
        row.final_score = Decimal(100)
        db.add(row)
    return "不一致"


def _tamper_audit(year: Year) -> str:
    with store.session() as db:
        db.execute(text("UPDATE auditevent SET who = 'somebody' WHERE number = 7"))
    return "审计日志第7条"


def _cut_audit(year: Year) -> str:
    with store.session() as db:
        db.execute(text("DELETE FROM auditevent WHERE number = 9"))
    return "审计日志第10条"


def _first_file() -> Path:
    with store.session() as db:
        file = db.exec(select(ReceivedFile).order_by(ReceivedFile.id)).first()  # type: ignore[arg-type]
    assert file is not None
    return filestore.path_of(file.sha256)


def _lose_file(year: Year) -> str:
    path = _first_file()
    path.unlink()
    return path.name


def _alter_file(year: Year) -> str:
    path = _first_file()
    path.write_bytes(path.read_bytes() + b"x")
    return path.name


def _lose_letter_attachment(year: Year) -> str:
    with store.session() as db:
        sha256 = db.execute(text("SELECT sha256 FROM letterattachment ORDER BY id LIMIT 1")).scalar_one()
    filestore.path_of(sha256).unlink()
    return str(sha256)


TAMPERINGS = [
    _tamper_score,
    _tamper_result,
    _tamper_final_column,
    _tamper_audit,
    _cut_audit,
    _lose_file,
    _alter_file,
    _lose_letter_attachment,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=[t.__name__.strip("_") for t in TAMPERINGS])
def test_verification_finds_what_was_altered(year_at: Any, tamper: Any) -> None:
    year = year_at("objection", on(9, 1))
    said = tamper(year)
    found = verification.verify().differences
    assert len(found) == 1, found
    assert said in found[0]


def test_an_untouched_year_verifies(year_at: Any) -> None:
    year_at("objection", on(9, 1))
    assert verification.verify().differences == ()


def test_the_published_results_hold_what_was_settled_and_nothing_else(year_at: Any) -> None:
    year = year_at("published", on(10, 15))
    told = json.loads((year.home / "results" / "results.json").read_text("utf-8"))
    with store.session() as db:
        settled = {d.code: lookup.latest_outcome(db, s) for s, d in lookup.submissions(db, cycle(db))}
    for department in told["departments"]:
        row = settled[department["code"]]
        if row is None:
            assert department["final_score"] is None
        else:
            assert Decimal(department["final_score"]) == row.final_score
            assert department["grade"] == row.grade
    everything = (year.home / "results" / "results.json").read_text("utf-8")
    for department in year.world.county.departments:
        assert department.contact.name not in everything
        assert (department.contact.address or "@") not in everything
    assert date.fromisoformat(told["published_on"]) == date(2026, 10, 15)
