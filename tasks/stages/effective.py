"""What counts of a reading (有效事实): what was read together with what people corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.corrections import Correction, apply_corrections
from models.document import Source
from models.facts import Question, ReportFacts
from models.records import (
    CardCorrection,
    CorrectionRecord,
    Cycle,
    Reading,
    ScoreCardRecord,
    Submission,
    SubmissionVersion,
)
from tasks import clock, lookup


@dataclass(frozen=True)
class Effective:
    """A version's reading and what counts of it (读取结果与有效事实); ``again`` must be confirmed by a person."""

    version: SubmissionVersion
    read: ReportFacts
    facts: ReportFacts
    again: tuple[Question, ...]
    corrections: tuple[Correction, ...]


def effective_facts(db: Session, submission: Submission) -> ReportFacts:
    """The facts that a department is scored on (评分所用事实): those of its accepted version, with the corrections.

    Without corrections they are the reading, unchanged. Raises LookupError when nothing accepted was read.
    """
    accepted = db.get(SubmissionVersion, submission.accepted_version_id or 0)
    found = of_version(db, submission, accepted) if accepted is not None else None
    if found is None:
        raise LookupError("该部门没有已接收并审读的材料。")
    return found.facts


def newest(db: Session, submission: Submission) -> Effective | None:
    """What counts of the newest version that could be read (最新材料的有效事实), accepted or not."""
    found = (of_version(db, submission, version) for version in reversed(lookup.versions(db, submission)))
    return next((one for one in found if one is not None), None)


def of_version(db: Session, submission: Submission, version: SubmissionVersion) -> Effective | None:
    """What counts of one version (一个版本的有效事实); None where it was not read or could not be."""
    reading = lookup.latest_reading(db, version.id)
    if reading is None or reading.facts is None:
        return None
    corrections = corrections_of(db, submission.id)
    read = ReportFacts.model_validate(reading.facts)
    facts, again = apply_corrections(read, corrections, material=version.digest)
    return Effective(version, read, facts, tuple(again), corrections)


def corrections_of(db: Session, submission_id: int) -> tuple[Correction, ...]:
    """All corrections of a department's material (全部更正), in their order."""
    return tuple(map(pure, records_of(db, submission_id)))


def asked_again(db: Session, cycle: Cycle) -> list[str]:
    """Corrections that a newer version has put in doubt (须重新确认的更正), a sentence for each department."""
    sentences = []
    corrected = set(db.exec(select(CorrectionRecord.submission_id).distinct()))
    for submission, department in lookup.submissions(db, cycle):
        now = newest(db, submission) if submission.id in corrected else None
        if now is not None and now.again:
            sentences.append(
                f"{department.name}第{now.version.number}版材料有{len(now.again)}项以前的更正须重新确认，见审读表。"
            )
    return sentences


def records_of(db: Session, submission_id: int) -> Sequence[CorrectionRecord]:
    """The stored corrections of a department's material (更正记录), in their order."""
    query = select(CorrectionRecord).where(CorrectionRecord.submission_id == submission_id)
    return db.exec(query.order_by(col(CorrectionRecord.number))).all()


def note_inputs(db: Session, card: ScoreCardRecord) -> None:
    """Note which corrections a new card rests on (登记评分所用更正), in the transaction that adds the card."""
    db.flush()
    for record in records_of(db, card.submission_id):
        db.add(CardCorrection(card_id=card.id, correction_id=record.id))


def facts_of_card(db: Session, card: ScoreCardRecord) -> ReportFacts:
    """The facts that a card was computed from (评分表所依据的事实), rebuilt from its reading and its corrections."""
    reading = db.get_one(Reading, card.reading_id)
    version = db.get_one(SubmissionVersion, reading.version_id)
    used = select(CorrectionRecord).join(CardCorrection).where(CardCorrection.card_id == card.id)
    return _applied(ReportFacts.model_validate(reading.facts), db.exec(used), version.digest)


def _applied(read: ReportFacts, records: Iterable[CorrectionRecord], material: str) -> ReportFacts:
    return apply_corrections(read, map(pure, records), material=material)[0]


def pure(record: CorrectionRecord) -> Correction:
    """A stored correction as a value (更正)."""
    return Correction(
        number=record.number,
        path=record.path,
        label=record.label,
        read_value=record.read_value,
        source=Source.model_validate(record.source) if record.source else None,
        material=record.material,
        file_sha256=record.file_sha256,
        source_digest=record.source_digest,
        value=record.value,
        withdrawn=record.withdrawn,
        who=record.corrected_by,
        on=clock.local_date(record.corrected_at),
        reason=record.reason,
    )
