"""Verifying a year (核验): stored files, the audit chain, and every score recomputed from its stored inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models import rules, sampling
from models.numbers import trimmed
from models.records import (
    AuditEvent,
    Cycle,
    Department,
    DrawRecord,
    Edition,
    Letter,
    LetterAttachment,
    LetterMessage,
    OutcomeRecord,
    Receipt,
    ReceivedFile,
    Review,
    ReviewLine,
    ScoreCardRecord,
    Submission,
)
from models.rules.cards import Outcome
from models.states import SubmissionState
from tasks import filestore, lookup, store
from tasks.stages import effective, results, scoring
from tasks.stages.figures import bureau_figures
from tasks.writing.opened import UnreadableWorkbookError
from tasks.writing.review_return import scores_in

# The event with which a letter begins to leave; it names the mail's digest.
MAILED = "letter.sending"
# How many differences of one card are named; the card itself holds the rest.
MOST_NAMED = 6
TOTALS = {
    "claimed_total": "自评总分",
    "sum_of_claims": "自评各项合计",
    "computed_total": "计算总分",
    "ruleset_digest": "规则摘要",
}


@dataclass(frozen=True)
class Verified:
    """What was checked and what differs (核验结果): Chinese sentences, none when all is well."""

    checked: dict[str, int]
    differences: tuple[str, ...]


def verify() -> Verified:
    """Verify everything that is stored (核验全部数据). Changes nothing."""
    found: list[str] = [f"文件 {sha256} 的内容与摘要不符。" for sha256 in filestore.altered()]
    checked: dict[str, int] = {}
    kept = frozenset(filestore.names())
    with store.session() as db:
        found += [f"审计日志第{number}条与前后不连贯。" for number in store.broken_links(db)]
        for name, differences in (
            ("文件", _files(db, kept)),
            ("邮件原文", _messages(db, kept)),
            ("抽取记录", _draws(db)),
            ("复核登记", _reviews(db)),
            ("评分表", _cards(db)),
            ("评价结果", _outcomes(db)),
            ("公开版次", _editions(db)),
            ("现行结果", _in_force(db)),
        ):
            answers = list(differences)
            checked[name] = len(answers)
            found += [answer for answer in answers if answer]
    return Verified(checked, tuple(found))


def _files(db: Session, kept: frozenset[str]) -> Iterator[str]:
    """One answer per file that came or left: an empty one when it is there."""
    came = [r.sha256 for r in db.exec(select(Receipt))] + [f.sha256 for f in db.exec(select(ReceivedFile))]
    left = [a.sha256 for a in db.exec(select(LetterAttachment))]
    reviews = [r.workbook_sha256 for r in db.exec(select(Review)) if r.workbook_sha256]
    for sha256 in dict.fromkeys(came + left + reviews):
        yield "" if sha256 in kept else f"台账中的文件 {sha256} 不在文件库中。"


def _messages(db: Session, kept: frozenset[str]) -> Iterator[str]:
    """Every mail that was handed to a server: in the file store, and the one that the audit trail names for its letter."""
    query = select(Letter.id, Letter.key, LetterMessage.sha256).join(
        LetterMessage, col(LetterMessage.letter_id) == col(Letter.id)
    )
    entered = {(f"letter:{key}", sha256): number for number, key, sha256 in db.exec(query.order_by(col(Letter.id)))}
    handed_over = set()
    for event in db.exec(select(AuditEvent).where(AuditEvent.what == MAILED)):
        sha256 = (event.new or {}).get("message", "")
        handed_over.add((event.subject, sha256))
        if (event.subject, sha256) not in entered:
            yield f"审计日志第{event.number}条记载发出的邮件原文 {sha256} 没有登记在该函件名下。"
    for found, number in entered.items():
        if found not in handed_over:
            yield f"函件{number}登记的邮件原文 {found[1]} 不是审计日志记载发出的那一份。"
        else:
            yield "" if found[1] in kept else f"函件{number}的邮件原文 {found[1]} 不在文件库中。"


def _draws(db: Session) -> Iterator[str]:
    for draw in db.exec(select(DrawRecord)):
        same = sampling.verify(draw.record) and draw.record["digest"] == draw.digest
        yield "" if same else f"第{draw.number}次抽取按种子“{draw.seed}”不能重现。"


def _reviews(db: Session) -> Iterator[str]:
    """What was recorded of each review against the workbook it came in: both reviewers' and who settled."""
    for review in db.exec(select(Review).where(col(Review.recorded_at).is_not(None)).order_by(col(Review.id))):
        lines = {line.rule: line.score for line in db.exec(select(ReviewLine).where(ReviewLine.review_id == review.id))}
        submission = db.get_one(Submission, review.submission_id)
        where = f"{db.get_one(Department, submission.department_id).name}的{review.seat.label}{review.reviewer}"
        try:
            came = scores_in(filestore.content_of(review.workbook_sha256 or ""))
        except (UnreadableWorkbookError, FileNotFoundError, filestore.LostError):
            yield f"{where}：复核工作簿不在文件库中或已损坏，不能与登记的得分核对。"
            continue
        different = [rule for rule in lines | came if lines.get(rule) != came.get(rule)]
        yield f"{where}：登记的复核得分与工作簿不一致（{'、'.join(different[:MOST_NAMED])}）。" if different else ""


def _cards(db: Session) -> Iterator[str]:
    for row in db.exec(select(ScoreCardRecord).order_by(col(ScoreCardRecord.id))):
        submission = db.get_one(Submission, row.submission_id)
        department = db.get_one(Department, submission.department_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        ruleset = rules.load(row.ruleset_id)
        facts = effective.facts_of_card(db, row)
        card = scoring.computed_card(
            facts, bureau_figures(row.figures, department.code, cycle.fiscal_year), ruleset
        ).model_dump(mode="json")
        where = f"{department.name}第{row.number}张评分表"
        if ruleset.digest != row.ruleset_digest:
            yield f"{where}：评价规则 {row.ruleset_id} 已被改动。"
        else:
            different = list(_different(row.card, card))
            told = (
                f"（{'、'.join(different[:MOST_NAMED])}{'等' if len(different) > MOST_NAMED else ''}）"
                if different
                else ""
            )
            yield "" if card == row.card else f"{where}：重新计算的结果与保存的不一致{told}。"


def _different(stored: dict[str, Any], again: dict[str, Any]) -> Iterator[str]:
    """What differs between a stored card and the one computed again (不一致之处): lines, totals, then projects."""
    yield from _lines(stored, again, "rule")
    yield from (f"“{label}”" for key, label in TOTALS.items() if stored.get(key) != again.get(key))
    before, after = stored.get("projects", []), again["projects"]
    if len(before) != len(after):
        yield f"项目个数（保存的{len(before)}个，重新计算{len(after)}个）"
        return
    for one, two in zip(before, after, strict=True):
        inside = [*_lines(one, two, "id")]
        inside += [f"“{label}”" for key, label in TOTALS.items() if one.get(key) != two.get(key)]
        if one != two:
            yield f"项目“{two['project']}”{'、'.join(inside)}"


def _lines(stored: dict[str, Any], again: dict[str, Any], key: str) -> Iterator[str]:
    before = {line[key]: line for line in stored["lines"]}
    for line in again["lines"]:
        old = before.pop(line[key], None)
        if old != line:
            was = "没有" if old is None else old["computed"]
            yield f"“{line['label']}”（保存的{_points(was)}，重新计算{_points(line['computed'])}）"
    yield from (f"“{line['label']}”（多出）" for line in before.values())


def _points(value: str | None) -> str:
    return "待判定" if value is None else value


def _outcomes(db: Session) -> Iterator[str]:
    """The newest outcome of each department, and the one in force, against what was stored when they were settled."""
    for row in _standing(db):
        submission = db.get_one(Submission, row.submission_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        department = db.get_one(Department, submission.department_id)
        card = db.get_one(ScoreCardRecord, row.card_id)
        if rules.load(card.ruleset_id).digest != card.ruleset_digest:
            yield f"{department.name}：评价规则已被改动，不能重新核定。"
            continue
        again = results.outcome_of(db, cycle, submission, row)
        same = again is not None and again.model_dump(mode="json") == row.outcome and _columns_agree(row, again)
        yield "" if same else f"{department.name}：重新核定的结果与保存的不一致。"


def _standing(db: Session) -> Iterator[OutcomeRecord]:
    for submission in db.exec(select(Submission).order_by(col(Submission.id))).all():
        newest, counts = lookup.latest_outcome(db, submission), lookup.outcome_in_force(db, submission)
        yield from {row.id: row for row in (newest, counts) if row is not None}.values()


def _columns_agree(row: OutcomeRecord, outcome: Outcome) -> bool:
    """Whether the columns that lists and searches use say what the outcome says."""
    grade = outcome.grade.name if outcome.grade else None
    told = (outcome.self_score, outcome.review_score, outcome.final_score, grade)
    return (row.self_score, row.review_score, row.final_score, row.grade) == told


def _editions(db: Session) -> Iterator[str]:
    """What was published against the digest that was approved; only the day was added after the approval."""
    for edition in db.exec(select(Edition).order_by(col(Edition.number))):
        approved = edition.results | {"published_on": ""}
        same = scoring.digest(approved) == edition.digest
        yield "" if same else f"公开的第{edition.number}版与批准的内容不一致。"


def _in_force(db: Session) -> Iterator[str]:
    """The results in force against what the public sees (现行结果): the newest edition of each year."""
    for cycle in db.exec(select(Cycle).order_by(col(Cycle.fiscal_year))).all():
        published = lookup.editions(db, cycle)
        shown = {d["code"]: d for d in published[-1].results["departments"]} if published else {}
        for submission, department in lookup.submissions(db, cycle):
            if department.code not in shown:
                continue
            row = lookup.outcome_in_force(db, submission)
            told = [shown[department.code][name] for name in ("self_score", "review_score", "final_score", "grade")]
            counts: list[str | None] = [None, None, None, None]
            if row is not None and submission.state is SubmissionState.ACCEPTED:
                counts = [_plain(x) for x in (row.self_score, row.review_score, row.final_score)] + [row.grade]
            number = published[-1].number
            yield "" if told == counts else f"{department.name}：现行结果与公开的第{number}版不一致。"


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else trimmed(value)
