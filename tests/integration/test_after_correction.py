"""After a correction: findings anew, the old ones on record; material returned for a misreading accepted and told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import correction_kit as kit
import docx
import pytest
from mail_kit import found_year
from sqlmodel import col, select

from models import rules
from models.acceptance import AcceptancePolicy
from models.facts import Severity
from models.records import FindingRecord, Letter, Reading, StageDate, Submission
from models.states import LetterKind, Stage, SubmissionState
from tasks import lookup, store, verification
from tasks.stages import corrections, effective, findings, parsing, rechecking
from tasks.stages import scoring as scoring_stage

SCORE = "rubric/目标实现/score"
PROJECT = "money/project@2025/value"
PROSE = "2025年度，本年支出合计100万元，其中：基本支出60万元，项目支出45万元。"


@pytest.fixture
def year(database: str, morning: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "pingjia@czj.example")
    found_year()
    with store.session() as db:
        cycle = lookup.cycle_of(db, 2025)
        cycle.ruleset_digest = rules.load(cycle.ruleset_id).digest
        db.add_all([cycle, StageDate(cycle_id=cycle.id, stage=Stage.SCORING, due_on=date(2026, 5, 15))])
    yield database


def with_prose() -> bytes:
    """A report whose parts do not add up to their total as it was read."""
    document = docx.Document(io.BytesIO(kit.report()))
    document.add_paragraph(PROSE)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def read(*files: tuple[str, bytes]) -> dict[str, object]:
    return parsing.parse_one(kit.arrive("101", *files))


def correct(path: str, value: str) -> list[str]:
    corrections.record_one(2025, "101", path, value, "与原件核对", "经办甲")
    return rechecking.after_correction(2025, "101")


def stored(code: str = "sum-of-parts") -> list[FindingRecord]:
    with store.session() as db:
        query = select(FindingRecord).where(FindingRecord.code == code).order_by(col(FindingRecord.id))
        return list(db.exec(query))


def standing(code: str = "sum-of-parts") -> set[Severity]:
    with store.session() as db:
        return {f.severity for f in findings.standing(db, kit.submission(db)) if f.code == code}


def letters(kind: LetterKind) -> list[Letter]:
    with store.session() as db:
        return list(db.exec(select(Letter).where(Letter.kind == kind).order_by(col(Letter.id))))


def state() -> Submission:
    with store.session() as db:
        return kit.submission(db)


def test_a_contradiction_that_was_only_misread_no_longer_stands_and_stays_on_record(year: str) -> None:
    read(("报告.docx", with_prose()))
    [before] = stored()
    assert before.severity is Severity.QUESTION and "合计为105万元" in before.message
    told = correct(PROJECT, "40")
    assert told == ["疑点重新核对：不再成立1处，恢复0处，新增1处。"]
    assert standing() == {Severity.CONFIRMED}, "with the right value it adds up"
    old, new = stored()
    assert (old.id, new.severity) == (before.id, Severity.CONFIRMED)
    assert old.replaced_at is not None and "更正第1号" in (old.replaced_because or "")
    assert "项目支出40万元" in new.message
    with pytest.raises(findings.DismissalError, match="不再成立"):
        findings.dismiss(2025, "101", before.id, "不成立", "经办甲")
    assert rechecking.after_correction(2025, "101") == [], "the same corrections are followed up once"


def test_a_correction_taken_back_brings_the_old_finding_back(year: str) -> None:
    read(("报告.docx", with_prose()))
    correct(PROJECT, "40")
    told = correct(PROJECT, "（撤销）")
    assert told == ["疑点重新核对：不再成立1处，恢复1处，新增0处。"]
    assert standing() == {Severity.QUESTION}
    correct(PROJECT, "50")
    assert len(stored()) == 3 and standing() == {Severity.QUESTION}, "it still does not add up, with the right value"


def test_what_was_dismissed_stays_dismissed(year: str) -> None:
    read(("报告.docx", with_prose()))
    [row] = stored()
    findings.dismiss(2025, "101", row.id, "项目支出另含上年结转", "经办甲")
    correct(SCORE, "8")
    assert standing() == set()
    correct(PROJECT, "40")
    correct(PROJECT, "（撤销）")
    assert standing() == set()
    assert stored()[0].dismissed_by == "经办甲"


def test_material_returned_for_a_misreading_is_accepted_and_the_department_told(year: str) -> None:
    read(("报告.docx", kit.report(year=2024)))
    assert state().state is SubmissionState.NEEDS_CORRECTION
    [returned] = letters(LetterKind.CORRECTION)
    told = correct("fiscal_year", "2025")
    assert any("材料接收" in sentence for sentence in told)
    now = state()
    assert (now.state, now.correct_by) == (SubmissionState.ACCEPTED, None)
    assert now.accepted_version_id is not None
    [receipt] = letters(LetterKind.RECEIPT)
    assert "是系统读取有误造成的" in receipt.text and "无须因此重新报送" in receipt.text
    assert letters(LetterKind.CORRECTION)[0].id == returned.id
    with store.session() as db:
        assert effective.effective_facts(db, kit.submission(db)).fiscal_year == "2025"
        assert store.broken_links(db) == []
    rechecking.after_correction(2025, "101")
    assert len(letters(LetterKind.RECEIPT)) == 1


def test_a_correction_that_does_not_heal_what_was_returned_changes_nothing(year: str) -> None:
    read(("报告.docx", kit.report(year=2024)))
    told = correct(SCORE, "8")
    assert any("仍须退回" in sentence for sentence in told)
    assert state().state is SubmissionState.NEEDS_CORRECTION and letters(LetterKind.RECEIPT) == []


def test_a_file_that_cannot_be_read_still_returns_the_material(year: str) -> None:
    read(("报告.docx", kit.report(year=2024)), ("附表.docx", kit.encrypted_docx()))
    correct("fiscal_year", "2025")
    assert state().state is SubmissionState.NEEDS_CORRECTION


def test_the_rule_set_can_leave_it_to_a_new_version(year: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rules.load
    policy = AcceptancePolicy(rejudge_after_correction=False)
    monkeypatch.setattr(rules, "load", lambda name: real(name).model_copy(update={"acceptance": policy}))
    read(("报告.docx", kit.report(year=2024)))
    assert correct("fiscal_year", "2025") == ["疑点重新核对，没有变化。"]
    assert state().state is SubmissionState.NEEDS_CORRECTION


def test_what_a_killed_run_left_undone_is_caught_up(year: str) -> None:
    read(("报告.docx", kit.report(year=2024)))
    corrections.record_one(2025, "101", "fiscal_year", "2025", "与原件核对", "经办甲")
    assert any("材料接收" in sentence for sentence in rechecking.catch_up(2025))
    assert rechecking.catch_up(2025) == []


def test_scoring_again_reads_no_facts_while_nothing_has_changed(year: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read(("报告.docx", kit.report()))
    first = scoring_stage.score_one(state().id)
    real = effective.effective_facts
    monkeypatch.setattr(effective, "effective_facts", lambda *_: pytest.fail("the facts were read"))
    assert scoring_stage.score_one(state().id) == first
    monkeypatch.setattr(effective, "effective_facts", real)
    correct(SCORE, "8")
    changed = scoring_stage.score_one(state().id)
    assert changed["claimed"] == first["claimed"] and verification.verify().differences == ()
    with store.session() as db:
        assert len(db.exec(select(Reading)).all()) == 1
