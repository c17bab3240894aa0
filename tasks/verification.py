"""Verifying a year (核验): stored files, the audit chain, and every score recomputed from its stored inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models import rules, sampling, scoring
from models.facts import ReportFacts
from models.records import (
    Cycle,
    Department,
    DrawRecord,
    OutcomeRecord,
    Reading,
    Receipt,
    ReceivedFile,
    ScoreCardRecord,
    Submission,
)
from tasks import filestore, store
from tasks.stages import results
from tasks.stages.figures import bureau_figures


@dataclass(frozen=True)
class Verified:
    """What was checked and what differs (核验结果): Chinese sentences, none when all is well."""

    checked: dict[str, int]
    differences: tuple[str, ...]


def verify() -> Verified:
    """Verify everything that is stored (核验全部数据). Changes nothing."""
    found: list[str] = [f"文件 {sha256} 的内容与摘要不符。" for sha256 in filestore.altered()]
    checked: dict[str, int] = {}
    with store.session() as db:
        found += [f"审计日志第{number}条与前后不连贯。" for number in store.broken_links(db)]
        for name, differences in (
            ("收到的文件", _files(db)),
            ("抽取记录", _draws(db)),
            ("评分表", _cards(db)),
            ("评价结果", _outcomes(db)),
        ):
            answers = list(differences)
            checked[name] = len(answers)
            found += [answer for answer in answers if answer]
    return Verified(checked, tuple(found))


def _files(db: Session) -> Iterator[str]:
    """One answer per stored file that the ledger names: an empty one when it is there."""
    receipts = [r.sha256 for r in db.exec(select(Receipt))]
    files = [f.sha256 for f in db.exec(select(ReceivedFile))]
    for sha256 in dict.fromkeys(receipts + files):
        yield "" if filestore.path_of(sha256).exists() else f"收件台账中的文件 {sha256} 不在文件库中。"


def _draws(db: Session) -> Iterator[str]:
    for draw in db.exec(select(DrawRecord)):
        same = sampling.verify(draw.record) and draw.record["digest"] == draw.digest
        yield "" if same else f"第{draw.number}次抽取按种子“{draw.seed}”不能重现。"


def _cards(db: Session) -> Iterator[str]:
    for row in db.exec(select(ScoreCardRecord).order_by(col(ScoreCardRecord.id))):
        submission = db.get_one(Submission, row.submission_id)
        department = db.get_one(Department, submission.department_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        reading = db.get_one(Reading, row.reading_id)
        ruleset = rules.load(row.ruleset_id)
        facts = ReportFacts.model_validate(reading.facts)
        card = scoring.score(facts, bureau_figures(row.figures, department.code, cycle.fiscal_year), ruleset)
        where = f"{department.name}第{row.number}张评分表"
        if ruleset.digest != row.ruleset_digest:
            yield f"{where}：评价规则 {row.ruleset_id} 已被改动。"
        else:
            yield "" if card.model_dump(mode="json") == row.card else f"{where}：重新计算的结果与保存的不一致。"


def _outcomes(db: Session) -> Iterator[str]:
    """The newest outcome of each department against what is stored; older versions rest on decisions since replaced."""
    newest = {row.submission_id: row for row in db.exec(select(OutcomeRecord).order_by(col(OutcomeRecord.number)))}
    for submission_id, row in newest.items():
        submission = db.get_one(Submission, submission_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        department = db.get_one(Department, submission.department_id)
        again = results.outcome_of(db, cycle, submission)
        same = again is not None and again.model_dump(mode="json") == row.outcome
        yield "" if same else f"{department.name}：重新核定的结果与保存的不一致。"
