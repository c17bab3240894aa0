"""Two reviewers and a third (双人复核): apart from each other, settled with a reason, and told to the department."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select
from year_kit import CLERK, YEAR, Year, cycle, decide, on, reset_settings, rows
from year_kit import advance as step

from flows.collect_submissions import collect_submissions
from flows.draw_spot_check import draw_spot_check, prepare_draw
from flows.feed_back_results import feed_back_results
from flows.forms import DrawForm, ReviewerForm
from flows.record_reviews import appoint_reviewer, record_reviews
from models import rules
from models.records import LetterAttachment, Receipt, Review, ReviewLine
from models.rules.cards import Outcome
from models.second_review import SecondReviewPolicy
from models.states import Gate, LetterKind, ReviewSeat
from tasks import filestore, lookup, settings, store, verification
from tasks.mail import token
from tasks.practice import post
from tasks.stages import double_review, items, overview, results, reviews
from tasks.stages.assigning import AssignmentError
from tasks.writing.review_workbook import fill_review_workbook
from tasks.writing.settlement_workbook import fill_settlement_workbook

FORM = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK, "reason": "金额较大，实行双人复核。"}
LEAD = "组长丙 <lead@review.example>"


def _review(code: str, seat: ReviewSeat) -> Review | None:
    with store.session() as db:
        draw = lookup.draw_in_force(db, cycle(db))
        assert draw is not None
        return double_review.seats(db, draw, lookup.submission_of(db, cycle(db), code)[0]).get(seat)


def _drawn() -> list[str]:
    with store.session() as db:
        draw = lookup.draw_in_force(db, cycle(db))
        assert draw is not None
        return [unit["code"] for unit in draw.record["units"] if unit["drawn"]]


def _workbook(year: Year, kind: LetterKind, code: str) -> bytes:
    letter = year.letters(kind, code)[-1]
    with store.session() as db:
        [attached] = db.exec(select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)).all()
    return filestore.content_of(attached.sha256)


def _scores(year: Year, code: str, changed: Mapping[str, str] | None = None) -> dict[str, tuple[Decimal, str, str]]:
    """What the county's data says a reviewer finds, with some scores changed by rule."""
    found = {
        year.world.rule_ids[line.line]: (line.score, line.reason or "", line.criterion or "")
        for line in year.world.county.department(code).review
    }
    return found | {rule: (Decimal(score), "佐证材料不足", "评价标准") for rule, score in (changed or {}).items()}


def _send(year: Year, code: str, key: str, content: bytes, sender: tuple[str, str]) -> None:
    file = year.home / f"{key}.xlsx"
    file.write_bytes(content)
    assert post.mail_in(
        settings.current().mailbox_folder,
        f"2025.{code}.{key}",
        sender=sender,
        to=settings.current().mail_from,
        subject=f"{token.make(YEAR.fiscal_year, code, token.Purpose.REVIEW)}复核工作簿",
        text="见附件。",
        files=[file],
    )
    collect_submissions(YEAR)


def _person(review: Review | None) -> tuple[str, str]:
    assert review is not None
    return review.reviewer, review.reviewer_address


def _waits() -> str:
    with store.session() as db:
        return "".join(overview.waiting_for(db, cycle(db)))


def _both_in(year: Year, code: str, changed: Mapping[str, str]) -> None:
    """The first and the second reviewer of a department send their workbooks; the second's differ as said."""
    first, second = _review(code, ReviewSeat.FIRST), _review(code, ReviewSeat.SECOND)
    own = fill_review_workbook(_workbook(year, LetterKind.REVIEW_TASK, code), _scores(year, code))
    other = fill_review_workbook(_workbook(year, LetterKind.SECOND_REVIEW_TASK, code), _scores(year, code, changed))
    _send(year, code, "first", own, _person(first))
    _send(year, code, "second", other, _person(second))
    record_reviews(YEAR)


def test_two_reviews_are_taken_apart_and_a_third_person_settles_what_differs(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 3))
    code = _drawn()[0]
    appoint_reviewer(ReviewerForm(**FORM, department=code))
    first, second = _review(code, ReviewSeat.FIRST), _review(code, ReviewSeat.SECOND)
    assert first is not None and second is not None and first.reviewer != second.reviewer
    assert f"等待第二复核人{second.reviewer}" in _waits()
    own = fill_review_workbook(_workbook(year, LetterKind.REVIEW_TASK, code), _scores(year, code))
    _send(year, code, "first", own, _person(first))
    record_reviews(YEAR)
    assert reviews.agreement(YEAR.fiscal_year) == ([], ""), "nothing is compared before both are in"
    changed = {"target-setting": "3", "target-achievement": "2.5"}
    blank = _workbook(year, LetterKind.SECOND_REVIEW_TASK, code)
    assert "第一复核人" not in str(blank) and blank != _workbook(year, LetterKind.REVIEW_TASK, code)
    other = fill_review_workbook(blank, _scores(year, code, changed))
    _send(year, code, "borrowed", other, _person(first))
    record_reviews(YEAR)
    with store.session() as db:
        assert "须由本人交回" in [r.reason or "" for r in db.exec(select(Receipt).order_by(Receipt.id))][-1]  # type: ignore[arg-type]
    assert "第一复核人" in year.letters(LetterKind.REVIEW_RETURNED)[-1].text
    _send(year, code, "second", other, _person(second))
    record_reviews(YEAR)
    assert "尚无定案人" in _waits(), "the county has two reviewers and no lead"
    assert feed_back_results(YEAR, return_state=True).name != "Completed"
    reset_settings(REVIEW_LEADS=LEAD)
    record_reviews(YEAR)
    assert "等待定案人组长丙" in _waits()
    held = rows()
    record_reviews(YEAR)
    assert rows() == held
    decided = {rule: (Decimal("6.5"), "到现场核对原件后认定", "评价标准第1条") for rule in changed}
    paper = fill_settlement_workbook(_workbook(year, LetterKind.SETTLEMENT_TASK, code), decided)
    _send(year, code, "settled", paper, ("组长丙", "lead@review.example"))
    record_reviews(YEAR)
    _check_settled(year, code, changed)


def _check_settled(year: Year, code: str, changed: Mapping[str, str]) -> None:
    truth = {rule: score for rule, (score, _, _) in _scores(year, code).items()}
    with store.session() as db:
        submission, _ = lookup.submission_of(db, cycle(db), code)
        outcome = results.outcome_of(db, cycle(db), submission)
        mine = {r.seat: r.id for r in db.exec(select(Review).where(Review.submission_id == submission.id))}
        kept = {
            seat: {x.rule: x.score for x in db.exec(select(ReviewLine).where(ReviewLine.review_id == number))}
            for seat, number in mine.items()
        }
        problems = [p.text for p in items.problems(db, cycle(db), submission)]
    assert outcome is not None
    assert kept[ReviewSeat.FIRST] == truth, "the first original is untouched"
    assert kept[ReviewSeat.SECOND] == truth | {rule: Decimal(score) for rule, score in changed.items()}
    assert outcome.review_score == sum((truth | dict.fromkeys(changed, Decimal("6.5"))).values())
    assert outcome.deviation is not None
    line = next(line for line in outcome.lines if line.rule == "target-achievement")
    assert "经定案核定为6.5分；到现场核对原件后认定（依据：评价标准第1条）" in line.explanation
    assert "两名复核人员分别独立进行，共11项，9项评分相同，2项由定案人核定" in outcome.total_explanation
    assert any("到现场核对原件后认定" in text for text in problems)
    assert not any("佐证材料不足" in text for text in problems), "what was not upheld is no problem of the department"
    table, told = reviews.agreement(YEAR.fiscal_year)
    assert [(row["代码"], row["项数"], row["相同"], row["已定案"]) for row in table] == [(code, 11, 9, 2)]
    assert "不足以计算" in told
    step(year, on(7, 20))
    step(year, on(8, 31))
    [letter] = year.letters(LetterKind.RESULT, code)
    assert "2项由定案人核定" in letter.text and "经定案核定为6.5分" in letter.text
    assert _person(_review(code, ReviewSeat.SECOND))[0] not in letter.text
    assert verification.verify().differences == ()
    assert verification.verify().checked["复核登记"] >= 4
    with store.session() as db:
        row = lookup.latest_outcome(db, lookup.submission_of(db, cycle(db), code)[0])
        second = db.exec(select(ReviewLine).where(ReviewLine.review_id == mine[ReviewSeat.SECOND])).first()
        assert second is not None
        second.score += 1
        db.add(second)
    told = verification.verify().differences
    assert any("第二复核人" in sentence and "与工作簿不一致" in sentence for sentence in told)
    assert row is not None and Outcome.model_validate(row.outcome).review_score == outcome.review_score


def test_where_both_agree_nobody_is_asked_and_the_department_is_told_so(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 3))
    code = _drawn()[0]
    reset_settings(REVIEW_LEADS=LEAD)
    appoint_reviewer(ReviewerForm(**FORM, department=code))
    _both_in(year, code, {})
    assert year.letters(LetterKind.SETTLEMENT_TASK) == []
    with store.session() as db:
        reviewed = double_review.reviewed(db, cycle(db), lookup.submission_of(db, cycle(db), code)[0])
    assert reviewed is not None and "11项评分相同" in reviewed.told
    with pytest.raises(AssignmentError, match="没有需要定案的指标"):
        appoint_reviewer(ReviewerForm(**FORM, department=code, seat=ReviewSeat.SETTLING))


def test_nobody_has_two_parts_in_one_review(year_at: Any) -> None:
    year_at("spot_checking", on(7, 3))
    code = _drawn()[0]
    first = _person(_review(code, ReviewSeat.FIRST))
    people = settings.current().reviewer_list
    other = next(person for person in people if person != first)
    for named, words in (
        (first[0], "已有分工，不能担任第二复核人"),
        (first[1], "已有分工"),
        ("没有这个人", "复核人员中没有“没有这个人”"),
    ):
        with pytest.raises(AssignmentError, match=words):
            appoint_reviewer(ReviewerForm(**FORM, department=code, reviewer=named))
    reset_settings(REVIEW_CONFLICTS=f"{other[0]}={code}")
    with pytest.raises(AssignmentError, match="都须回避"):
        appoint_reviewer(ReviewerForm(**FORM, department=code))
    reset_settings(
        REVIEW_CONFLICTS="", REVIEWERS=";".join(f"{n} <{a}>" for n, a in [*people, (first[0], "2@x.example")])
    )
    appoint_reviewer(ReviewerForm(**FORM, department=code))
    assert _person(_review(code, ReviewSeat.SECOND)) == other, "the same name at another address is the same person"
    with pytest.raises(AssignmentError, match="未被抽中"):
        appoint_reviewer(
            ReviewerForm(**FORM, department=next(c for c in ("105", "108", "109", "112") if c not in _drawn()))
        )


def test_who_sent_nothing_can_be_replaced_and_the_old_workbook_is_no_longer_taken(year_at: Any) -> None:
    year = year_at("spot_checking", on(7, 3))
    code = _drawn()[0]
    people = [*settings.current().reviewer_list, ("新人丁", "ding@review.example")]
    reset_settings(REVIEWERS=";".join(f"{name} <{address}>" for name, address in people))
    appoint_reviewer(ReviewerForm(**FORM, department=code))
    before = _person(_review(code, ReviewSeat.SECOND))
    instead = "新人丁" if before[0] != "新人丁" else people[-2][0]
    held = rows()
    appoint_reviewer(ReviewerForm(**FORM, department=code, reviewer=before[0]))
    assert rows() == held, "the same person again changes nothing"
    appoint_reviewer(ReviewerForm(**FORM, department=code, reviewer=instead))
    assert _person(_review(code, ReviewSeat.SECOND))[0] == instead
    letters = year.letters(LetterKind.SECOND_REVIEW_TASK, code)
    assert [letter.to_name for letter in letters] == [before[0], instead]
    filled = fill_review_workbook(_workbook(year, LetterKind.SECOND_REVIEW_TASK, code), _scores(year, code))
    _send(year, code, "old", filled, before)
    record_reviews(YEAR)
    second = _review(code, ReviewSeat.SECOND)
    assert second is not None and second.recorded_at is None


def test_the_policy_gives_second_reviewers_and_a_redraw_keeps_what_came_back(
    year_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = year_at("drawn", on(7, 1))
    real = rules.load
    doubled = SecondReviewPolicy(choose="all")
    monkeypatch.setattr(rules, "load", lambda name: real(name).model_copy(update={"second_review": doubled}))
    decide(Gate.DRAW)
    assert draw_spot_check(YEAR, return_state=True).is_completed()
    drawn = _drawn()
    assert len(year.letters(LetterKind.SECOND_REVIEW_TASK)) == len(drawn)
    for code in drawn:
        assert _person(_review(code, ReviewSeat.FIRST)) != _person(_review(code, ReviewSeat.SECOND))
    code = drawn[0]
    _both_in(year, code, {"target-setting": "3"})
    held = rows()
    draw_spot_check(YEAR)
    assert rows() == held
    again = {"fiscal_year": YEAR.fiscal_year, "operator": CLERK, "redraw_reason": "名单有误。"}
    seed = next(s for s in (f"重抽-{n}" for n in range(60)) if _draws(s, code))
    prepare_draw(DrawForm(**again, seed=seed))
    decide(Gate.DRAW)
    record_reviews(YEAR)
    for seat in (ReviewSeat.FIRST, ReviewSeat.SECOND):
        review = _review(code, seat)
        assert review is not None and review.recorded_at is not None, "taken over from the draw before"
    assert "尚无定案人" in _waits()


def _draws(seed: str, code: str) -> bool:
    from models import sampling
    from tasks.stages import draw

    with store.session() as db:
        year = cycle(db)
        made = sampling.draw(draw.frame(db, year), rules.load(year.ruleset_id).spot_check, seed)
    return code in made.drawn
