"""Findings are stored once, dismissed with a name and a reason, and what is dismissed is not raised again for the same text."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models import rules
from models.checks import CHECKS
from models.document import FileIdentity, Source
from models.facts import Finding, FindingPlace, MoneyFact, ProjectFacts, ReportFacts, Severity
from models.records import (
    AuditEvent,
    Cycle,
    Department,
    FindingRecord,
    Reading,
    Receipt,
    Submission,
    SubmissionVersion,
)
from models.states import Channel, CycleState, SubmissionState
from tasks import clock, store
from tasks.stages import comparing, findings

YEAR = 2025
COUNTY = """
id: county
title: 县级规则
version: "1"
effective_years: [2025]
authority: 某县财政局
document: 评价办法
citation: {authority: 某县财政局, document: 评价办法}
extends: sichuan-2023
overrides:
  - path: checks.growth-rate
    value: false
    reason: 本县不核对增减幅度。
    citation: {authority: 某县财政局, document: 评价办法}
"""


@pytest.fixture
def county(database: str, morning: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A rule set of the county's own, as a file, with one check switched off; its address as a year stores it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yml").write_text(COUNTY, "utf-8")
    return "county.yml"


def facts(**changes: Any) -> ReportFacts:
    known = {"file": FileIdentity(name="自评.docx", sha256="0" * 64, format="docx"), "fiscal_year": str(YEAR)}
    return ReportFacts(**(known | changes))


def finding(code: str = "sum-of-parts", quote: str = "合计100万元", severity: Severity = Severity.ERROR) -> Finding:
    places = (
        FindingPlace(quote=quote, source=Source(paragraph=3, quote=quote)),
        FindingPlace(quote="其中60万元、30万元", source=Source(table=1, row=2, quote="其中60万元、30万元")),
    )
    return Finding(code=code, severity=severity, message=f"“{quote}”与各项之和不一致。", places=places)


def a_cycle(db: store.Session, ruleset: str = "practice-2025", year: int = YEAR) -> Cycle:
    cycle = Cycle(
        fiscal_year=year, county="清禾县", bureau="清禾县财政局", office="绩效评价股", ruleset_id=ruleset,
        ruleset_digest=rules.load(ruleset).digest, state=CycleState.COLLECTING, opened_at=clock.now(),
    )  # fmt: skip
    db.add(cycle)
    db.flush()
    return cycle


def a_submission(db: store.Session, cycle: Cycle, code: str = "101", name: str = "清禾县教育局") -> Submission:
    department = db.exec(select(Department).where(Department.code == code)).first()
    department = department or Department(code=code, name=name, stratum="社会事业")
    db.add(department)
    db.flush()
    submission = Submission(cycle_id=cycle.id, department_id=department.id, state=SubmissionState.RECEIVED)
    db.add(submission)
    db.flush()
    return submission


def a_reading(db: store.Session, submission: Submission, said: ReportFacts, *, accepted: bool = False) -> Reading:
    """A new version of a department's material, read."""
    number = len(db.exec(select(SubmissionVersion).where(SubmissionVersion.submission_id == submission.id)).all()) + 1
    receipt = Receipt(
        cycle_id=submission.cycle_id, channel=Channel.DROP_FOLDER, origin=f"{submission.id}/{number}", sha256="0" * 64, size=1,
        received_at=clock.now(),
    )  # fmt: skip
    db.add(receipt)
    db.flush()
    version = SubmissionVersion(
        submission_id=submission.id, receipt_id=receipt.id, number=number, digest=f"{submission.id}-{number}",
        received_on=date(2026, 4, 1),
    )  # fmt: skip
    db.add(version)
    db.flush()
    reading = Reading(version_id=version.id, reader="test", facts=said.model_dump(mode="json"), read_at=clock.now())
    db.add(reading)
    db.flush()
    if accepted:
        submission.accepted_version_id, submission.state = version.id, SubmissionState.ACCEPTED
    return reading


def keep(db: store.Session, reading: Reading, *found: Finding) -> list[Finding]:
    version = db.get_one(SubmissionVersion, reading.version_id)
    submission = db.get_one(Submission, version.submission_id)
    cycle, department = db.get_one(Cycle, submission.cycle_id), db.get_one(Department, submission.department_id)
    return findings.keep(db, cycle, department, reading, found)


def stored(db: store.Session) -> list[FindingRecord]:
    return list(db.exec(select(FindingRecord).order_by(FindingRecord.id)))  # type: ignore[arg-type]


def events(db: store.Session, what: str) -> list[AuditEvent]:
    return list(db.exec(select(AuditEvent).where(AuditEvent.what == what)))


def test_a_dismissal_holds_for_the_same_text_in_a_new_version_and_not_for_another(
    database: str, morning: datetime
) -> None:
    with store.session() as db:
        submission = a_submission(db, a_cycle(db))
        assert len(keep(db, a_reading(db, submission, facts()), finding(), finding(quote="合计8万元"))) == 2
        first = stored(db)[0].id
    findings.dismiss(YEAR, "101", first, "分项另有一项未列，已电话核实。", "经办甲")
    with store.session() as db:
        again = db.get_one(Submission, submission.id)
        cycle = db.get_one(Cycle, again.cycle_id)
        assert findings.upheld(db, cycle, again, [finding(), finding("share")]) == (finding("share"),)
        standing = keep(db, a_reading(db, again, facts()), finding(), finding(quote="合计101万元"))
        assert [one.places[0].quote for one in standing] == ["合计101万元"]
        assert findings.standing(db, again) == standing
        copied = findings.records(db, again)[0]
        assert (copied.dismissed_by, copied.dismissed_because) == ("经办甲", "分项另有一项未列，已电话核实。")


def test_a_dismissal_names_who_and_why_on_the_audit_trail_once(database: str, morning: datetime) -> None:
    with store.session() as db:
        keep(db, a_reading(db, a_submission(db, a_cycle(db)), facts()), finding())
        number = stored(db)[0].id
    for _ in range(2):
        findings.dismiss(YEAR, "101", number, "口径不同。", "经办甲")
    with store.session() as db:
        (event,) = events(db, "finding.dismissed")
        assert (event.who, event.new["reason"], event.new["finding"]) == ("经办甲", "口径不同。", number)
        assert store.broken_links(db) == []


def test_a_dismissal_taken_back_stands_again(database: str, morning: datetime) -> None:
    with store.session() as db:
        submission = a_submission(db, a_cycle(db))
        keep(db, a_reading(db, submission, facts()), finding())
        number = stored(db)[0].id
    findings.dismiss(YEAR, "101", number, "口径不同。", "经办甲")
    findings.dismiss(YEAR, "101", number, "排除有误。", "经办乙", withdrawn=True)
    with store.session() as db:
        assert findings.standing(db, db.get_one(Submission, submission.id)) == [finding()]
        assert [e.who for e in events(db, "finding.reinstated")] == ["经办乙"]


@pytest.mark.parametrize(
    ("code", "shift", "reason", "who", "told"),
    [("101", 0, " ", "经办甲", "理由"), ("101", 0, "口径不同。", "", "经办人"), ("101", 9, "口径不同。", "经办甲", "没有编号为"),
     ("102", 0, "口径不同。", "经办甲", "没有编号为")],
)  # fmt: skip
def test_a_dismissal_without_name_reason_or_finding_is_refused(
    home: Path, morning: datetime, code: str, shift: int, reason: str, who: str, told: str
) -> None:
    with store.session() as db:
        cycle = a_cycle(db)
        keep(db, a_reading(db, a_submission(db, cycle), facts()), finding())
        a_submission(db, cycle, "102", "清禾县民政局")
        number = stored(db)[0].id
    with pytest.raises(findings.DismissalError, match=told):
        findings.dismiss(YEAR, code, number + shift, reason, who)
    with store.session() as db:
        assert [row.dismissed_by for row in stored(db)] == [None]


def test_a_check_that_the_rule_set_switches_off_stores_nothing_and_says_so_once(county: str) -> None:
    with store.session() as db:
        submission = a_submission(db, a_cycle(db, county))
        reading = a_reading(db, submission, facts())
        kept = keep(db, reading, finding("growth-rate"), finding("growth-rate", "增长5%"), finding())
        assert [one.code for one in kept] == ["sum-of-parts"]
        assert [row.code for row in stored(db)] == ["sum-of-parts"]
        cycle = db.get_one(Cycle, submission.cycle_id)
        assert findings.upheld(db, cycle, submission, [finding("growth-rate"), finding()]) == (finding(),)
        assert [e.new["switched_off"] for e in events(db, "findings.stored")] == [["growth-rate"]]


def test_what_was_stored_before_its_check_was_switched_off_does_not_stand(county: str) -> None:
    with store.session() as db:
        cycle = a_cycle(db)
        submission = a_submission(db, cycle)
        keep(db, a_reading(db, submission, facts(), accepted=True), finding("growth-rate"), finding())
        cycle.ruleset_id = county
        assert [one.code for one in findings.standing(db, submission)] == ["sum-of-parts"]
    assert [findings.settle(YEAR), findings.settle(YEAR)] == [1, 0]
    with store.session() as db:
        assert [row.dismissed_by for row in stored(db)] == [findings.RULESET, None]
        off = stored(db)[0].id
    with pytest.raises(findings.DismissalError, match="停用"):
        findings.dismiss(YEAR, "101", off, "恢复。", "经办甲", withdrawn=True)


def test_a_code_is_off_only_when_every_check_that_makes_it_is_off() -> None:
    base = rules.load("practice-2025")
    shared = [(check.code, code) for check in CHECKS for code in check.also if code != check.code]
    assert shared
    for maker, code in shared:
        others = [c.code for c in CHECKS if code in (c.code, *c.also) and c.code != maker]
        only_maker = base.model_copy(update={"checks": {maker: False}})
        assert findings.switched_off(only_maker, code) is not bool(others)
        assert findings.switched_off(base.model_copy(update={"checks": {code: False}}), code)
        assert not findings.switched_off(base, code)


def test_two_relations_in_one_sentence_and_two_without_a_quote_are_dismissed_one_by_one(
    home: Path, morning: datetime
) -> None:
    one = finding().model_copy(update={"computed": {"sum": "90"}})
    two = finding().model_copy(update={"computed": {"sum": "80"}})
    bare = [finding().model_copy(update={"places": (), "message": text}) for text in ("缺少甲表。", "缺少乙表。")]
    with store.session() as db:
        submission = a_submission(db, a_cycle(db))
        keep(db, a_reading(db, submission, facts()), one, two, *bare)
        numbers = [row.id for row in stored(db)]
    assert len(numbers) == 4
    findings.dismiss(YEAR, "101", numbers[0], "口径不同。", "经办甲")
    findings.dismiss(YEAR, "101", numbers[2], "无此项支出。", "经办甲")
    with store.session() as db:
        assert findings.standing(db, db.get_one(Submission, submission.id)) == [two, bare[1]]


def test_storing_the_same_findings_again_adds_none(database: str, morning: datetime) -> None:
    with store.session() as db:
        reading = a_reading(db, a_submission(db, a_cycle(db)), facts())
        for _ in range(2):
            keep(db, reading, finding(), finding(quote="合计8万元"))
        assert [row.number for row in stored(db)] == [1, 2]


def full(*names: str) -> tuple[ProjectFacts, ...]:
    return tuple(ProjectFacts(name=name, self_score=100, source=Source(paragraph=n)) for n, name in enumerate(names, 1))


def test_departments_and_years_are_compared_once_and_numbered_after_the_readings_own(
    database: str, morning: datetime
) -> None:
    money = {"key": "expenditure_total", "source": Source(paragraph=9)}
    with store.session() as db:
        last = a_submission(db, a_cycle(db, year=YEAR - 1))
        earlier = MoneyFact(value="120.5", year=str(YEAR - 1), **money)
        a_reading(db, last, facts(fiscal_year=str(YEAR - 1), money=(earlier,)), accepted=True)
        cycle = a_cycle(db)
        one, two = a_submission(db, cycle), a_submission(db, cycle, "102", "清禾县民政局")
        told = MoneyFact(value="118.5", year=str(YEAR - 1), **money)
        reading = a_reading(db, one, facts(money=(told,)), accepted=True)
        keep(db, reading, finding())
        a_reading(db, two, facts(projects=full("甲", "乙", "丙")), accepted=True)
    assert [comparing.compare_all(YEAR), comparing.compare_all(YEAR)] == [2, 0]
    with store.session() as db:
        one, two = db.get_one(Submission, one.id), db.get_one(Submission, two.id)
        assert [(r.number, r.code, r.severity) for r in findings.records(db, one)] == [
            (1, "sum-of-parts", Severity.ERROR), (2, "last-year-figure", Severity.ERROR),
        ]  # fmt: skip
        assert findings.records(db, one)[1].computed["difference"] == "2"
        assert [(r.number, r.code) for r in findings.records(db, two)] == [(1, "all-projects-full")]
        assert findings.records(db, db.get_one(Submission, last.id)) == []
        (event,) = events(db, comparing.DONE)
        # The readings of this test have no files, so they are compared by their facts alone, and that is said.
        assert event.new["unread"] == ["清禾县教育局", "清禾县民政局"]


def test_a_finding_between_departments_is_dismissed_for_all_of_them(database: str, morning: datetime) -> None:
    with store.session() as db:
        cycle = a_cycle(db)
        pair = [a_submission(db, cycle), a_submission(db, cycle, "102", "清禾县民政局")]
        for submission in pair:
            reading = a_reading(db, submission, facts(), accepted=True)
            keep(db, reading, finding("identical-figures", severity=Severity.QUESTION), finding())
        number = findings.records(db, pair[0])[0].id
    findings.dismiss(YEAR, "101", number, "同一笔共管资金。", "经办甲")
    with store.session() as db:
        for submission in pair:
            standing = findings.standing(db, db.get_one(Submission, submission.id))
            assert [one.code for one in standing] == ["sum-of-parts"]
