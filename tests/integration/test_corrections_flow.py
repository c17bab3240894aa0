"""From a reading to a review sheet, a person's corrections, what counts for the score, and the department's letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import correction_kit as kit
import pytest
from mail_kit import found_year
from sqlmodel import col, select

from models import scoring
from models.figures import BureauFigures
from models.records import AuditEvent, CorrectionRecord, Cycle, Letter, Reading, ScoreCardRecord, StageDate
from models.rules import load
from models.states import CycleState, LetterKind, Stage, SubmissionState
from tasks import clock, filestore, lookup, store, verification
from tasks.stages import corrections, effective, parsing
from tasks.stages import scoring as scoring_stage

SCORE = "rubric/目标实现/score"


@pytest.fixture
def year(database: str, morning: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "pingjia@czj.example")
    found_year()
    yield database


def read(code: str, *files: tuple[str, bytes]) -> dict:
    return parsing.parse_one(kit.arrive(code, *files))


def count(table: type) -> int:
    with store.session() as db:
        return len(db.exec(select(table)).all())


def letter(kind: LetterKind) -> Letter:
    with store.session() as db:
        return db.exec(select(Letter).where(Letter.kind == kind).order_by(col(Letter.id).desc())).first()


def scores(code: str = "101") -> dict[str, Decimal | None]:
    with store.session() as db:
        return {line.level3: line.score for line in effective.effective_facts(db, kit.submission(db, code)).rubric}


def test_a_reading_brings_a_review_sheet_and_a_receipt_that_says_what_was_understood(year: str) -> None:
    row = read("101", ("报告.docx", kit.report()))
    assert row["审核结论"] == "接收"
    assert Path(row["审读表"]).name == "2025-101-青禾县第101局-第1版.xlsx"
    text = letter(LetterKind.RECEIPT).text
    assert "“目标实现”自评得分" in text and "9分（分值10分）" in text
    with store.session() as db:
        facts = effective.effective_facts(db, kit.submission(db))
        stored = db.exec(select(Reading)).one().facts
    assert facts.model_dump(mode="json") == stored


def test_a_filled_sheet_is_recorded_once_beside_the_reading(year: str) -> None:
    sheet = Path(read("101", ("报告.docx", kit.report()))["审读表"])
    filled = kit.filled(
        sheet.read_bytes(), {SCORE: (8.5, "原件为8.5", "经办甲"), "self_score": (23.5, "原件为23.5", "经办甲")}
    )
    made = corrections.record_sheet(2025, "101", filled, "经办乙")
    assert [(row["序号"], row["读取值"], row["更正后"]) for row in made.rows] == [(1, "24", "23.5"), (2, "9", "8.5")]
    assert scores()["目标实现"] == Decimal("8.5")
    with store.session() as db:
        reading = db.exec(select(Reading)).one()
        assert [line["score"] for line in reading.facts["rubric"]] == ["8", "9", "7"]
        record = db.exec(select(CorrectionRecord).where(CorrectionRecord.path == SCORE)).one()
        event = db.exec(select(AuditEvent).where(AuditEvent.subject == f"2025/101/{SCORE}")).one()
        assert store.broken_links(db) == []
    assert (record.read_value, record.source["quote"], record.corrected_by) == ("9", "9", "经办甲")
    assert (event.who, event.old["read"], event.new["value"], event.new["entered_by"]) == (
        "经办甲",
        "9",
        "8.5",
        "经办乙",
    )
    assert corrections.record_sheet(2025, "101", filled, "经办乙").rows == ()
    assert count(CorrectionRecord) == 2


def test_one_broken_cell_and_nothing_is_recorded(year: str) -> None:
    sheet = Path(read("101", ("报告.docx", kit.report()))["审读表"])
    filled = kit.filled(sheet.read_bytes(), {SCORE: (11, "看错", "甲"), "rubric/支出控制/score": (6, "看错", "甲")})
    with pytest.raises(corrections.CorrectionError, match="高于分值10分"):
        corrections.record_sheet(2025, "101", filled, "经办乙")
    assert count(CorrectionRecord) == 0


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (SCORE, "11", "高于分值"),
        (SCORE, "九分", "不是数字"),
        ("self_score", "100.5", "满分"),
        ("rubric/没有/score", "5", "没有编号为"),
        (SCORE, "（撤销）", "没有更正可以撤销"),
    ],
)
def test_a_single_value_that_does_not_fit_is_refused(
    home: Path, morning: object, path: str, value: str, said: str
) -> None:
    found_year()
    read("101", ("报告.docx", kit.report()))
    with pytest.raises(corrections.CorrectionError, match=said):
        corrections.record_one(2025, "101", path, value, "理由", "经办甲")


def test_a_new_version_keeps_what_is_unchanged_and_asks_again_for_the_rest(year: str) -> None:
    read("101", ("报告.docx", kit.report()))
    corrections.record_one(2025, "101", SCORE, "8.5", "原件为8.5", "经办甲")
    corrections.record_one(2025, "101", "rubric/支出控制/score", "6", "原件为6", "经办甲")
    row = read("101", ("修改.docx", kit.report(scores={"支出控制": "7.5"})))
    assert row["待人工核对"] == 1
    assert scores() == {"目标制定": 8, "目标实现": Decimal("8.5"), "支出控制": Decimal("7.5")}
    with store.session() as db:
        now = effective.newest(db, kit.submission(db))
        view = corrections.sheet_view(
            db, lookup.cycle_of(db, 2025), lookup.submission_of(db, lookup.cycle_of(db, 2025), "101")[1], now
        )
        waits = effective.asked_again(db, lookup.cycle_of(db, 2025))
    assert waits == ["青禾县第101局第2版材料有1项以前的更正须重新确认，见审读表。"]
    (question,) = now.again
    assert question.field == view.rows[0].fact.path == "rubric/支出控制/score"
    changes = letter(LetterKind.RECEIPT).text
    assert "7.5" in changes and "请重新确认" not in changes
    corrections.record_one(2025, "101", "rubric/支出控制/score", "7", "再次核对", "经办甲")
    assert scores()["支出控制"] == 7


def test_a_correction_survives_another_reading_of_the_same_file(year: str, monkeypatch: pytest.MonkeyPatch) -> None:
    version = kit.arrive("101", ("报告.docx", kit.report()))
    parsing.parse_one(version)
    corrections.record_one(2025, "101", SCORE, "8.5", "原件为8.5", "经办甲")
    monkeypatch.setattr(parsing, "READER", "jixiao 99")
    parsing.parse_one(version)
    parsing.parse_one(version)
    assert count(Reading) == 2
    assert scores()["目标实现"] == Decimal("8.5")


def test_a_withdrawn_correction_leaves_the_reading_and_another_digest(year: str) -> None:
    read("101", ("报告.docx", kit.report()))
    with store.session() as db:
        before = effective.effective_facts(db, kit.submission(db))
    corrections.record_one(2025, "101", SCORE, "8.5", "原件为8.5", "经办甲")
    corrections.record_one(2025, "101", SCORE, "（撤销）", "看错了行", "经办甲")
    with store.session() as db:
        after = effective.effective_facts(db, kit.submission(db))
    assert after.rubric == before.rubric
    assert after.warnings != before.warnings


def test_a_card_is_recomputed_from_the_corrections_it_was_made_with(year: str) -> None:
    read("101", ("报告.docx", kit.report()))
    corrections.record_one(2025, "101", SCORE, "8.5", "原件为8.5", "经办甲")
    ruleset = load("sichuan-2023")
    with store.session() as db:
        mine = kit.submission(db)
        facts = effective.effective_facts(db, mine)
        card = scoring.score(facts, BureauFigures(department="101", fiscal_year=2025), ruleset)
        made = ScoreCardRecord(
            submission_id=mine.id, number=1, reading_id=db.exec(select(Reading)).one().id, ruleset_id=ruleset.id,
            ruleset_digest=ruleset.digest, inputs_digest="0" * 64, figures={}, card=card.model_dump(mode="json"),
            scored_at=clock.now(),
        )  # fmt: skip
        db.add(made)
        effective.note_inputs(db, made)
    corrections.record_one(2025, "101", SCORE, "7", "又核对了一遍", "经办甲")
    with store.session() as db:
        assert effective.facts_of_card(db, db.exec(select(ScoreCardRecord)).one()) == facts
        assert effective.effective_facts(db, kit.submission(db)).rubric[1].score == 7


def test_scoring_again_after_a_correction_makes_a_second_card_and_both_verify(year: str) -> None:
    read("101", ("报告.docx", kit.report()))
    with store.session() as db:
        cycle, mine = db.exec(select(Cycle)).one(), kit.submission(db)
        cycle.ruleset_digest = load(cycle.ruleset_id).digest
        db.add(cycle)
    first = scoring_stage.score_one(mine.id)
    assert scoring_stage.score_one(mine.id) == first
    corrections.record_one(2025, "101", "self_score", "23.5", "原件为23.5", "经办甲")
    second = scoring_stage.score_one(mine.id)
    assert [Decimal(one["claimed"]) for one in (first, second)] == [Decimal(24), Decimal("23.5")]
    assert scoring_stage.score_one(mine.id) == second
    corrections.record_one(2025, "101", "self_score", "（撤销）", "看错了", "经办甲")
    assert Decimal(scoring_stage.score_one(mine.id)["claimed"]) == 24
    assert count(ScoreCardRecord) == 3
    assert verification.verify().differences == ()


def test_the_source_file_of_a_correction_is_the_one_its_place_names(home: Path, morning: object) -> None:
    found_year()
    other = kit.report(scores={"目标实现": "6"})
    read("101", ("一.docx", kit.report()), ("二.docx", other))
    corrections.record_one(2025, "101", "rubric/目标实现#2/score", "5", "第二份为5", "经办甲")
    with store.session() as db:
        record = db.exec(select(CorrectionRecord)).one()
    assert (record.read_value, record.file_sha256) == ("6", filestore.digest_of(other))


def test_after_the_scoring_stage_a_reading_is_not_corrected(home: Path, morning: object) -> None:
    found_year()
    read("101", ("报告.docx", kit.report()))
    with store.session() as db:
        cycle = db.exec(select(Cycle)).one()
        cycle.state = CycleState.SPOT_CHECKING
        db.add(cycle)
    with pytest.raises(corrections.CorrectionError, match="复核或申诉"):
        corrections.record_one(2025, "101", SCORE, "8.5", "原件为8.5", "经办甲")


def test_a_department_without_a_reading_has_nothing_to_correct(home: Path, morning: object) -> None:
    found_year()
    with pytest.raises(corrections.CorrectionError, match="没有读出的材料"):
        corrections.record_one(2025, "102", SCORE, "8.5", "原件为8.5", "经办甲")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("报告.docx", kit.encrypted_docx(), "密码"),
        ("报告.doc", kit.word_6_file(), "Word 6.0"),
        ("扫描.pdf", kit.scanned_pdf(), "扫描件"),
        ("旧.wps", b"\x01\xfe\x32\x00 some old file", "WPS"),
    ],
    ids=["encrypted", "word-6", "scan", "old-wps"],
)
def test_a_file_that_cannot_be_read_is_sent_back_with_what_to_send_instead(
    home: Path, morning: object, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    monkeypatch.setenv("JIXIAO_MAIL_FROM", "pingjia@czj.example")
    found_year()
    with store.session() as db:
        cycle = lookup.cycle_of(db, 2025)
        db.add(StageDate(cycle_id=cycle.id, stage=Stage.SCORING, due_on=date(2026, 5, 15)))
    row = read("101", (name, content))
    assert row["审核结论"] == "退回修改" and row["审读表"] is None
    told = letter(LetterKind.CORRECTION)
    for text in (told.text, told.html):
        assert said in text and name in text
        assert "docx" in text and "PDF" in text
        assert "--ocr" not in text and "pip" not in text
    with store.session() as db:
        assert kit.submission(db).state is SubmissionState.NEEDS_CORRECTION


def test_the_flow_takes_a_sheet_or_one_value(year: str, tmp_path: Path, prefect_harness: None) -> None:
    from flows.correct_reading import correct_reading
    from flows.forms import CorrectionForm

    sheet = Path(read("101", ("报告.docx", kit.report()))["审读表"])
    back = tmp_path / "交回.xlsx"
    back.write_bytes(kit.filled(sheet.read_bytes(), {SCORE: (8.5, "原件为8.5", "经办甲")}))
    whole = CorrectionForm(fiscal_year=2025, department="101", operator="经办乙", sheet=str(back))
    state = correct_reading(whole, return_state=True)
    assert state.is_completed() and "登记更正1项" in (state.message or "")
    assert correct_reading(whole, return_state=True).name == "无需办理"
    single = CorrectionForm(
        fiscal_year=2025, department="101", operator="经办乙", fact=SCORE, value="11", reason="看错"
    )
    refused = correct_reading(single, return_state=True)
    assert refused.is_failed() and "高于分值10分" in (refused.message or "")
    assert scores()["目标实现"] == Decimal("8.5")


@pytest.mark.parametrize("fields", [{}, {"fact": SCORE, "value": "9"}, {"sheet": "a.xlsx", "value": "9"}])
def test_a_form_that_says_neither_or_both_is_refused(fields: dict[str, str]) -> None:
    from flows.forms import CorrectionForm

    with pytest.raises(ValueError, match="审读表"):
        CorrectionForm(fiscal_year=2025, department="101", operator="经办乙", **fields)
