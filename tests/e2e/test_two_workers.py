"""Two workers on PostgreSQL, each killed in turn in the middle of reading and scoring: the year ends as an undisturbed one.

One Prefect server and two workers as the compose file starts them. Rows that another transaction holds decide when a plug
is pulled, not the clock, so that it is always in the middle, on any machine.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import test_hundred_departments as cores
from sqlmodel import select
from workers_kit import Bureau, copy_database, new_database
from workers_year import SCORING_DAY, YEAR, at, collect_material, opened

from models.records import FindingRecord, Letter, Reading, ScoreCardRecord, Submission, SubmissionVersion
from models.states import CycleState
from tasks import clock, lookup, store, verification
from tasks.practice import people
from tasks.practice.people import World
from tasks.stages import parsing

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(1200)]

FORM = {"fiscal_year": YEAR}
DEPARTMENTS = 10
MACHINES = ("机房一", "机房二")
OURS = {
    "JIXIAO_SHARE_READING_FROM": "2",
    "JIXIAO_SHARE_SCORING_FROM": "2",
    "JIXIAO_HOLD_SECONDS": "2",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}


def told() -> dict[str, Any]:
    """What reading and scoring have made, by department: readings, findings, cards, states and letters."""
    with store.session() as db:
        duties = {s.id: (s, d.code) for s, d in lookup.submissions(db, lookup.cycle_of(db, YEAR))}
        versions = {v.id: f"{duties[v.submission_id][1]}/{v.number}" for v in db.exec(select(SubmissionVersion))}
        readings = {r.id: r for r in db.exec(select(Reading))}
        return {
            "readings": sorted(
                (versions[r.version_id], r.reader, repr(r.facts), r.error_message) for r in readings.values()
            ),
            "findings": sorted(
                (versions[readings[f.reading_id].version_id], f.code, f.digest, f.message)
                for f in db.exec(select(FindingRecord))
            ),
            "cards": sorted(
                (duties[c.submission_id][1], c.number, c.inputs_digest, repr(c.card))
                for c in db.exec(select(ScoreCardRecord))
            ),
            "states": sorted((code, s.state.value) for s, code in duties.values()),
            "letters": sorted((x.key, x.subject, x.html) for x in db.exec(select(Letter))),
        }


@dataclass
class Story:
    """What happened, and what was there when each plug was pulled."""

    home: Path
    url: str
    calm: dict[str, Any]
    rough: dict[str, Any] = field(default_factory=dict)
    versions: int = 0
    read_at_kill: int = 0
    cards_at_kill: int = 0
    reading: dict[str, Any] = field(default_factory=dict)
    scoring: dict[str, Any] = field(default_factory=dict)
    scored_again: dict[str, Any] = field(default_factory=dict)
    helped: set[str] = field(default_factory=set)
    state: CycleState = CycleState.DRAFTING
    differences: tuple[str, ...] = ("not verified",)


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def holders(url: str) -> dict[int, str]:
    """Who has what in hand: submission -> machine."""
    return {s: h.split("/")[0] for s, h in ask(url, "SELECT subject, holder FROM sharedwork WHERE held_until > 0")}


def count(url: str, table: str) -> int:
    return int(ask(url, f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture(scope="module")
def story(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    root = tmp_path_factory.mktemp("machines")
    rough, calm = new_database(postgres, "rough"), postgres.replace("/postgres?", "/calm_year?")
    bureau = Bureau(root / "bureau", rough, dict(OURS))
    moment = os.environ.get(clock.ENVIRONMENT)
    try:
        bureau.start_server(postgres)
        with opened(root / "rough", rough, DEPARTMENTS) as where:
            collect_material(where)
        copy_database(postgres, rough, "calm_year")
        shutil.copytree(root / "rough", root / "calm")
        with opened(root / "calm", calm, DEPARTMENTS):
            at(SCORING_DAY)
            for version, _ in parsing.to_read(YEAR):
                parsing.parse_one(version)
            cores._score()
            made = Story(root / "rough", rough, told())
        with opened(root / "rough", rough, DEPARTMENTS) as where:
            at(SCORING_DAY)
            bureau.extra = OURS | {k: v for k, v in os.environ.items() if k.startswith("JIXIAO_") and k not in OURS}
            _two_machines(bureau, made)
            made.rough = told()
            _rest_of_the_year(where, made)
        yield made
    finally:
        bureau.close()
        os.environ.pop(clock.ENVIRONMENT, None)
        if moment:
            os.environ[clock.ENVIRONMENT] = moment


def _two_machines(bureau: Bureau, story: Story) -> None:
    url, home = story.url, story.home
    story.versions = count(url, "submissionversion")
    bureau.register()
    for machine in MACHINES:
        bureau.start_worker(machine, home)
    bureau.online(*MACHINES)

    # Rows that another transaction holds: a department's reading waits there, read but not yet stored.
    with psycopg.connect(url) as connection:
        unread = [s for (s,) in ask(url, "SELECT submission_id FROM submissionversion ORDER BY id")]
        _hold(connection, unread[0], unread[3])
        run = bureau.press("23 审读材料", FORM)
        bureau.wait("the run to take the first department", lambda: unread[0] in holders(url))
        first = holders(url)[unread[0]]
        (other,) = set(MACHINES) - {first}
        # The other machine is asked for help, comes, and reads until it waits as well.
        bureau.wait("help", lambda: holders(url).get(unread[3]) == other and count(url, "reading") > 1)
        story.read_at_kill = count(url, "reading")
        story.helped = {r["name"] for r in bureau.runs("89 协助办理")}
        bureau.pull_the_plug(other)
        connection.rollback()
    story.reading = bureau.ended(run)

    # Now the one that went on so far, in the middle of scoring.
    with psycopg.connect(url) as connection:
        accepted = [s for (s,) in ask(url, "SELECT id FROM submission WHERE state = 'accepted' ORDER BY id")]
        _hold(connection, accepted[2])
        run = bureau.press("30 评分", FORM)
        # Whether help was asked depends on whether the server has missed the dead one yet; the third waits either way.
        bureau.wait("the scoring to come to the third", lambda: count(url, "scorecardrecord") > 1)
        story.cards_at_kill = count(url, "scorecardrecord")
        bureau.start_worker(other, home)
        bureau.pull_the_plug(first)
        connection.rollback()
    bureau.crash(run)
    story.scoring = bureau.state(run)
    bureau.start_worker(first, home)
    story.scored_again = bureau.ended(bureau.press("30 评分", FORM))


def _hold(connection: psycopg.Connection[Any], *submissions: int) -> None:
    for submission in submissions:
        connection.execute("SELECT id FROM submission WHERE id = %s FOR UPDATE", (submission,))


def _rest_of_the_year(where: World, story: Story) -> None:
    office, day = cores.Office(where, random.Random(4)), SCORING_DAY
    while story.state is not CycleState.CLOSED and day < date(YEAR + 2, 3, 1):
        at(day)
        people.act(where, day)
        story.state = office.day(day)
        day += timedelta(days=7)
    story.differences = verification.verify().differences


def test_the_machines_were_stopped_in_the_middle(story: Story) -> None:
    assert 0 < story.read_at_kill < story.versions
    assert 0 < story.cards_at_kill < len(story.calm["cards"])
    assert story.helped, "the other machine was asked for help"
    assert story.scoring["type"] == "CRASHED"


def test_the_run_that_asked_for_help_does_what_its_dead_helper_held(story: Story) -> None:
    assert story.reading["type"] == "COMPLETED", story.reading
    assert story.reading["message"].startswith("审读") and "未能审读" not in story.reading["message"]


def test_the_other_machine_scores_what_the_dead_one_did_not(story: Story) -> None:
    assert story.scored_again["type"] == "COMPLETED", story.scored_again


def test_every_version_was_read_once_and_every_department_scored_once(story: Story) -> None:
    assert len(story.rough["readings"]) == story.versions
    assert set(Counter(version for version, *_ in story.rough["readings"]).values()) == {1}
    assert [(code, number) for code, number, *_ in story.rough["cards"]] == [
        (code, 1) for code, *_ in story.calm["cards"]
    ]


@pytest.mark.parametrize("what", ["readings", "findings", "cards", "states", "letters"])
def test_all_is_as_in_an_undisturbed_year(story: Story, what: str) -> None:
    assert story.calm[what], f"there are no {what} to compare"
    assert story.rough[what] == story.calm[what]


def test_the_year_closes_and_verifies(story: Story) -> None:
    assert story.state is CycleState.CLOSED
    assert story.differences == ()
    with opened(story.home, story.url, DEPARTMENTS), store.session() as db:
        assert lookup.cycle_of(db, YEAR).state is CycleState.CLOSED
        assert not [s for s in db.exec(select(Submission)) if s.state.value in ("received", "resubmitted")]
