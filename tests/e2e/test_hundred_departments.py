"""A large year, stepped day by day with the office shut at random: it closes, and nothing is lost, doubled or left open.

The cores of the flows run here without Prefect; the mail server, the mailbox, the files and the database are real.
``JIXIAO_TEST_DEPARTMENTS`` sets the number of departments: a hundred take some minutes, so that the suite runs fewer.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.agenda import Step, due_steps, has_work
from models.records import DrawRecord, Letter, RectificationItem, Review, Submission
from models.states import (
    CycleState,
    Decision,
    DeliveryMeans,
    Gate,
    LetterKind,
    LetterState,
    ObjectionState,
    RectificationState,
    Stage,
    SubmissionState,
)
from tasks import clock, lookup, settings, store, verification
from tasks.mail import outbox
from tasks.practice import catcher, county, paperpost, people, world
from tasks.practice.people import World
from tasks.stages import (
    closing,
    collection,
    comparing,
    cycle,
    delivered,
    delivery,
    draw,
    feedback,
    figures,
    findings,
    gates,
    items,
    notice,
    objection_decisions,
    objections,
    overview,
    paper,
    parsing,
    publication,
    rectification,
    remediation_extension,
    reminders,
    replies,
    reports,
    reviews,
    scoring,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1200)]

DEPARTMENTS = int(os.environ.get("JIXIAO_TEST_DEPARTMENTS", "24"))
SEED = 77
DRAW_SEED = "当场摇号：3-14-15-92"
# On so many days in a hundred nobody comes to the office and no schedule runs.
SHUT = 30
YEAR = world.FISCAL_YEAR
CLERK, LEADER = "经办甲", "负责人乙"
NUMBER, BULLETIN = "清财绩〔2026〕5号", "清财绩〔2026〕18号"
# Departments that never answer the remediation notice: escalated, then carried over.
MUTE = 3


@dataclass
class Office:
    """The bureau: the agenda's steps by their cores, and the staff who decide what waits for a person."""

    where: World
    shut: random.Random

    def day(self, today: date) -> CycleState:
        """One day: what is due, again while the staff's decisions or a new stage bring more."""
        state = self._state()
        for _ in range(9):
            with store.session() as db:
                view = overview.year_view(db, lookup.cycle_of(db, YEAR))
            for step in due_steps(view, today):
                if step is Step.SCORE_SUBMISSIONS and state is CycleState.SCORING and not view.cards_missing:
                    continue  # nobody corrects a reading in this year: the cards of the first day stand
                if step in (Step.SEND_OUTBOX, Step.PARSE_SUBMISSIONS) or has_work(step, view):
                    STEPS[step]()
            before, state = state, self._state()
            if not sum(1 for _ in self._staff(state, today)) and before is state:
                break
        return state

    def _state(self) -> CycleState:
        with store.session() as db:
            return lookup.cycle_of(db, YEAR).state

    def _staff(self, state: CycleState, today: date) -> Iterator[str]:
        with store.session() as db:
            year = lookup.cycle_of(db, YEAR)
            put = {gate: lookup.latest_approval(db, year, gate) for gate in Gate}
            due = {stage: row.due_on for stage, row in lookup.stage_dates(db, year).items()}
        if state is CycleState.DRAFTING and due[Stage.NOTICE] <= today and put[Gate.NOTICE] is None:
            notice.prepare(YEAR, NUMBER, CLERK)
            yield "notice"
        if state is CycleState.SCORING:
            yield from self._judge()
            if due[Stage.DRAW] <= today and put[Gate.DRAW] is None:
                draw.prepare(YEAR, DRAW_SEED, CLERK)
                yield "draw"
        if state is CycleState.OBJECTION:
            yield from self._objections()
        if state is CycleState.OBJECTION and due[Stage.PUBLISH] <= today and put[Gate.PUBLICATION] is None:
            publication.prepare(YEAR, BULLETIN, CLERK)
            yield "publication"
        yield from self._decide()
        yield from self._bring()
        if state is CycleState.RECTIFYING:
            yield from self._remediation(today)

    def _objections(self) -> Iterator[str]:
        objections.receive(YEAR)
        with store.session() as db:
            found = objections.of_year(db, lookup.cycle_of(db, YEAR))
            waiting = [(o.id, objections.digest_of(db, o)) for o, _, _ in found if o.state is ObjectionState.RECEIVED]
        for number, seen in waiting:
            objection_decisions.decide(
                YEAR, number, seen=seen, decision=ObjectionState.REJECTED, who=LEADER, reason="材料不足。"
            )
            yield "objection"

    def _decide(self) -> Iterator[str]:
        for gate in Gate:
            with store.session() as db:
                matter = lookup.latest_approval(db, lookup.cycle_of(db, YEAR), gate)
            if matter is not None and matter.decision is None:
                gates.decide(YEAR, gate, digest=matter.digest, decision=Decision.APPROVED, who=LEADER)
                yield gate

    def _bring(self) -> Iterator[str]:
        with store.session() as db:
            waiting = [(n.id, n.key) for n in delivered.waiting(db, lookup.cycle_of(db, YEAR))]
        for number, key in waiting:
            printed = next(paper.folder_of(YEAR).glob(f"*-{number}-*"), None)
            if printed is None:
                continue  # laid out with the next sending
            self.where.counter.mkdir(parents=True, exist_ok=True)
            paperpost.hand_over(printed, self.where.counter, key)
            proof = delivered.Proof(DeliveryMeans.BY_HAND, clock.today(), signed_by="收发室")
            delivered.record(YEAR, proof, CLERK, letters=[number])
            yield "brought"

    def _judge(self) -> Iterator[str]:
        with store.session() as db:
            year = lookup.cycle_of(db, YEAR)
            waiting = [
                (department.code, rule)
                for submission, department in lookup.submissions(db, year)
                if submission.state is SubmissionState.ACCEPTED
                for rule in overview.open_rules(db, submission)
            ]
        for code, rule in waiting:
            line = next(x for x in self.where.county.department(code).review if self.where.rule_ids[x.line] == rule)
            scoring.record_judgement(YEAR, code, rule, line.score, line.reason or "与佐证一致。", CLERK)
            yield rule

    def _remediation(self, today: date) -> Iterator[str]:
        with store.session() as db:
            year = lookup.cycle_of(db, YEAR)
            held = [(d.code, i) for s, d in lookup.submissions(db, year) for i in rectification.items_of(db, s)]
            escalated = {(code, i.number): rectification.escalation_day(year, i.due_on) for code, i in held}
        for code, item in held:
            if item.state is RectificationState.CLAIMED_DONE:
                rectification.verify(YEAR, code, item.number, accepted=True, remark="", who=CLERK)
                yield "verified"
            elif replies.wishes_extension(item) and replies.asked_until(item):
                until = replies.asked_until(item)
                assert until is not None
                remediation_extension.answer(
                    YEAR, code, [item.number], granted=True, until=until, reason="理由充分。", who=CLERK
                )
                yield "extended"
            elif item.state in rectification.WAITING and today > escalated[code, item.number] + timedelta(days=5):
                items.carry_over(YEAR, code, [item.number], "督办后仍未报送整改情况。", CLERK)
                yield "carried"


def _score() -> None:
    scoring.start_scoring(YEAR)
    comparing.compare_all(YEAR)
    findings.settle(YEAR)
    for submission, _ in scoring.to_score(YEAR):
        scoring.score_one(submission)
    scoring.finish_scoring(YEAR)


def _track() -> None:
    items.open_items(YEAR)
    replies.record(YEAR)
    rectification.remind(YEAR)
    closing.close_if_finished(YEAR)


def _read() -> None:
    for version, _ in parsing.to_read(YEAR):
        parsing.parse_one(version)


STEPS: dict[Step, Callable[[], Any]] = {
    Step.ISSUE_NOTICE: lambda: notice.release(YEAR),
    Step.COLLECT_SUBMISSIONS: lambda: collection.collect(YEAR),
    Step.PARSE_SUBMISSIONS: _read,
    Step.REMIND_DEPARTMENTS: lambda: reminders.remind(YEAR),
    Step.SCORE_SUBMISSIONS: _score,
    Step.DRAW_SPOT_CHECK: lambda: draw.release(YEAR),
    Step.RECORD_REVIEWS: lambda: reviews.record(YEAR),
    Step.FEED_BACK_RESULTS: lambda: feedback.feed_back(YEAR),
    Step.PUBLISH_RESULTS: lambda: publication.publish(YEAR),
    Step.TRACK_RECTIFICATION: _track,
    Step.SEND_OUTBOX: lambda: (paper.lay_out(YEAR), outbox.send_due()),
}


@dataclass(frozen=True)
class LargeYear:
    """What is left of the year."""

    home: Path
    state: CycleState
    days: int
    shut: int
    county_size: int


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LargeYear]:
    """The whole year, once."""
    home = tmp_path_factory.mktemp("large")
    kept = {name: value for name, value in os.environ.items() if name.startswith("JIXIAO_")}
    people_of = county.load(DEPARTMENTS, SEED)
    try:
        with catcher.catching(home / "mail" / "out") as port:
            found = world.configure(home, port, people_of)
            store.migrate()
            where = world.world_of(people_of, found)
            yield _walk(where, home)
            store.engine(settings.current().resolved_database_url).dispose()
    finally:
        for name in [n for n in os.environ if n.startswith("JIXIAO_")]:
            del os.environ[name]
        os.environ.update(kept)
        clock.set_now(None)
        settings.current.cache_clear()


def _walk(where: World, home: Path) -> LargeYear:
    """Every calendar day from the notice on; on some of them nobody comes to the office."""
    mute = {d.code for d in where.county.departments[-MUTE:]}
    office = Office(where, random.Random(4))
    day = date(YEAR + 1, 2, 26)
    clock.set_now(world.morning(day, where.settings.zone))
    _start(where)
    days = shut = seen = 0
    wake: date | None = day
    state = CycleState.DRAFTING
    with pytest.MonkeyPatch.context() as patch:
        _remember_letters(patch, mute)
        while state is not CycleState.CLOSED and days < 400:
            clock.set_now(world.morning(day, where.settings.zone))
            if wake is not None and day >= wake:
                people.act(where, day)
            if office.shut.randrange(100) < SHUT:
                shut += 1
            else:
                state = office.day(day)
            arrived = sum(1 for _ in where.outgoing.iterdir())
            if arrived != seen or (wake is not None and day >= wake):
                seen, wake = arrived, people.next_day(where, day)
            day += timedelta(days=1)
            days += 1
    return LargeYear(home, state, days, shut, len(where.county.departments))


def _start(where: World) -> None:
    roster, figure_book = world.write_inputs(where, [])
    bureau = where.county.bureau
    cycle.open_cycle(
        YEAR, county=where.county.name, bureau=bureau.name, office=bureau.office, ruleset_id=world.RULESET,
        roster=roster.read_bytes(), roster_name=roster.name, who=CLERK,
    )  # fmt: skip
    figures.import_figures(YEAR, figure_book.read_bytes(), figure_book.name, CLERK)
    silent = [d.code for d in where.county.departments if d.contact.address is None]
    delivery.tell_otherwise(YEAR, silent, DeliveryMeans.BY_HAND, "没有可用的邮箱。", CLERK)


def _remember_letters(patch: pytest.MonkeyPatch, mute: set[str]) -> None:
    """The people look at their post often: look again only when a letter came. The mute never see a remediation notice."""
    held: dict[int, list[catcher.Caught]] = {}
    look = catcher.letters

    def letters(folder: Path) -> list[catcher.Caught]:
        count = sum(1 for _ in os.scandir(folder))
        if count not in held:
            held.clear()
            held[count] = [c for c in look(folder) if not (c.code in mute and c.kind == LetterKind.RECTIFICATION.value)]
        return held[count]

    patch.setattr(people, "letters", letters)


def test_the_year_closes_though_the_office_was_often_shut(year: LargeYear) -> None:
    assert year.state is CycleState.CLOSED
    assert year.shut > year.days // 5
    assert year.county_size == DEPARTMENTS


def test_every_letter_arrived_exactly_once(year: LargeYear) -> None:
    with store.session() as db:
        kept = {letter.message_id for letter in db.exec(select(Letter).where(Letter.state == LetterState.SENT))}
        assert {letter.state for letter in db.exec(select(Letter))} == {LetterState.SENT, LetterState.DELIVERED}
        brought = {n.key for n in db.exec(select(Letter).where(Letter.state == LetterState.DELIVERED))}
        kinds = Counter(letter.kind for letter in db.exec(select(Letter)))
    arrived = Counter(c.message()["Message-ID"].strip() for c in catcher.letters(year.home / "mail" / "out"))
    assert set(arrived) == kept
    assert set(arrived.values()) == {1}
    assert sorted("/".join(c.key) for c in paperpost.letters(year.home / "mail" / "paper")) == sorted(brought)
    assert kinds[LetterKind.NOTICE] == kinds[LetterKind.PUBLISHED] == DEPARTMENTS
    assert kinds[LetterKind.DRAWN] == kinds[LetterKind.REVIEW_TASK]


def test_every_department_was_scored_or_is_known_not_to_have_submitted(year: LargeYear) -> None:
    results = json.loads((year.home / "results" / "results.json").read_text("utf-8"))
    with store.session() as db:
        states = Counter(s.state for s in db.exec(select(Submission)))
    assert set(states) <= {SubmissionState.ACCEPTED, SubmissionState.NOT_SUBMITTED}
    scored = [d for d in results["departments"] if d["final_score"] is not None]
    assert len(scored) == states[SubmissionState.ACCEPTED]
    assert all(Decimal(0) <= Decimal(d["final_score"]) <= Decimal(100) for d in scored)


def test_every_item_is_verified_or_went_to_the_leader(year: LargeYear) -> None:
    with store.session() as db:
        found = Counter(item.state for item in db.exec(select(RectificationItem)))
        sent = db.exec(select(Letter).where(Letter.kind == LetterKind.RECTIFICATION_REMINDER)).all()
        carried = {
            item.submission_id
            for item in db.exec(select(RectificationItem))
            if item.state is RectificationState.CARRIED_OVER
        }
        duties = {s.id: s.department_id for s in db.exec(select(Submission))}
    assert set(found) == {RectificationState.VERIFIED, RectificationState.CARRIED_OVER}
    assert found[RectificationState.VERIFIED] > found[RectificationState.CARRIED_OVER] > 0
    escalated = {letter.department_id for letter in sent if "督办" in letter.subject}
    assert {duties[one] for one in carried} <= escalated
    assert reports.ageing_rows(YEAR)


def test_no_reviewer_has_much_more_to_do_than_another(year: LargeYear) -> None:
    with store.session() as db:
        load = Counter(review.reviewer for review in db.exec(select(Review)))
    assert max(load.values()) - min(load.values()) <= 1


def _drawn_again(record: dict[str, Any]) -> set[str]:
    """The draw from its JSON with nothing of ours: in each stratum, whole steps through chances put in the seed's order."""

    def sha(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    taken = set()
    for name in {unit["stratum"] for unit in record["units"]}:
        chances = {u["code"]: Fraction(u["ratio"]) for u in record["units"] if u["stratum"] == name}
        taken |= {code for code, chance in chances.items() if chance == 1}
        mark, reached = Fraction(int(sha(f"{record['seed']}|{name}"), 16), 2**256), Fraction(0)
        for code in sorted(set(chances) - taken, key=lambda c: sha(f"{record['seed']}|{name}|{c}")):
            reached += chances[code]
            if mark < reached:
                taken.add(code)
                mark += 1
    return taken


def test_the_draw_can_be_repeated_by_a_few_lines(year: LargeYear) -> None:
    record = json.loads((year.home / "spot-check.json").read_text("utf-8"))
    assert (record["number"], record["seed"], record["previous"]) == (1, DRAW_SEED, [])
    again = _drawn_again(record)
    assert again == {unit["code"] for unit in record["units"] if unit["drawn"]}
    assert len(again) >= DEPARTMENTS // 5
    with store.session() as db:
        codes = {s.id: d.code for s, d in lookup.submissions(db, lookup.cycle_of(db, YEAR))}
        reviewed = {codes[review.submission_id] for review in db.exec(select(Review))}
        assert [row.digest for row in db.exec(select(DrawRecord))] == [record["digest"]]
    assert reviewed == again


def test_verify_confirms_everything(year: LargeYear) -> None:
    found = verification.verify()
    assert found.differences == ()
    assert found.checked["抽取记录"] == 1
    assert found.checked["评分表"] >= DEPARTMENTS * 9 // 10
