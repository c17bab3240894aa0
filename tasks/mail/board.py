"""The board (台账看板): who has been told, has answered, is late, was returned, and which letters need a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.records import (
    Cycle,
    Department,
    Letter,
    LetterDelivery,
    MailedAgain,
    OtherDelivery,
    Receipt,
    StageDate,
    Submission,
    SubmissionVersion,
)
from models.states import LetterKind, LetterState, ReceiptOutcome, Stage, SubmissionState
from tasks import clock
from tasks.mail import again, delivery

# Letters in these states wait for a person.
_TROUBLED = {LetterState.FAILED, LetterState.UNKNOWN}
_REACHED = {LetterState.SENT, LetterState.DELIVERED}
_ON_THE_WAY = {LetterState.DRAFT, LetterState.APPROVED, LetterState.SENDING}


@dataclass(frozen=True)
class BoardRow:
    """One department's line (部门一行). Dates are local; ``days_late`` is that of the latest version.

    ``notified_by`` is how the notice was brought where it did not go by mail, or that it was mailed again;
    ``letters_to_bring`` wait for being brought. ``notice_returned`` says what is being done about a notice that came back:
    a letter that came back told nobody anything, so it counts neither as notice nor as reminder.
    ``told_otherwise`` says how and why a department's letters are brought. ``trouble`` are sentences about letters that
    failed, bounced or have an unknown outcome.
    """

    code: str
    name: str
    state: SubmissionState
    deadline: date | None
    notified_on: date | None
    notified_by: str
    notice_returned: str
    reminders: int
    escalations: int
    version: int | None
    received_on: date | None
    days_late: int | None
    returned: int
    letters_sent: int
    letters_waiting: int
    letters_to_bring: int
    told_otherwise: str
    quarantined: int
    trouble: tuple[str, ...]


def board(db: Session, cycle: Cycle) -> list[BoardRow]:
    """The board of a year (台账看板), one row a department, by code."""
    general = db.exec(
        select(StageDate).where(StageDate.cycle_id == cycle.id, StageDate.stage == Stage.SUBMIT_BY)
    ).first()
    letters = _by_department(db.exec(select(Letter).where(Letter.cycle_id == cycle.id).order_by(col(Letter.id))))
    held: dict[int | None, int] = defaultdict(int)
    query = select(Receipt).where(Receipt.cycle_id == cycle.id, Receipt.outcome == ReceiptOutcome.QUARANTINED)
    for receipt in db.exec(query):
        held[receipt.department_id] += 1
    latest = {}
    versions = select(SubmissionVersion).join(Submission).where(Submission.cycle_id == cycle.id)
    for version in db.exec(versions.order_by(col(SubmissionVersion.number))):
        latest[version.submission_id] = version
    otherwise = delivery.all_in_force(db, cycle.id)
    brought = delivery.deliveries(db, [letter for found in letters.values() for letter in found])
    mailed_again = again.of_year(db, cycle.id)
    rows = []
    joined = select(Submission, Department).join(Department).where(Submission.cycle_id == cycle.id)
    for submission, department in db.exec(joined.order_by(col(Department.code))):
        deadline = submission.extended_to or (general.due_on if general else None)
        rows.append(
            _row(
                submission,
                department,
                deadline,
                letters.get(department.id, []),
                latest.get(submission.id),
                held[department.id],
                otherwise.get(department.id),
                brought,
                mailed_again,
            )
        )
    return rows


def _row(
    submission: Submission,
    department: Department,
    deadline: date | None,
    letters: list[Letter],
    version: SubmissionVersion | None,
    quarantined: int,
    otherwise: OtherDelivery | None,
    brought: dict[int, LetterDelivery],
    mailed_again: dict[int, MailedAgain],
) -> BoardRow:
    editions = {record.again_id for record in mailed_again.values()}
    left = [letter for letter in letters if letter.state in _REACHED]
    sent = [letter for letter in left if not delivery.came_back(letter)]
    notices = sorted(_reached(letter, brought, editions) for letter in sent if letter.kind is LetterKind.NOTICE)
    standing = [letter for letter in letters if letter.id not in mailed_again]
    troubled = [n for n in standing if n.state in _TROUBLED or (n.state is LetterState.SENT and n.error)]
    return BoardRow(
        code=department.code,
        name=department.name,
        state=submission.state,
        deadline=deadline,
        notified_on=notices[0][0] if notices else None,
        notified_by=notices[0][1] if notices else "",
        notice_returned=_returned(standing, left),
        reminders=_count(sent, LetterKind.REMINDER),
        escalations=_count(sent, LetterKind.ESCALATION),
        version=version.number if version else None,
        received_on=version.received_on if version else None,
        days_late=version.days_late if version else None,
        returned=_count([letter for letter in left if letter.id not in editions], LetterKind.CORRECTION),
        letters_sent=len(sent),
        letters_waiting=sum(1 for letter in letters if letter.state in _ON_THE_WAY),
        letters_to_bring=sum(1 for letter in letters if letter.state is LetterState.TO_DELIVER),
        told_otherwise=f"{otherwise.means.label}（{otherwise.reason}）" if otherwise else "",
        quarantined=quarantined,
        trouble=tuple(f"{n.kind.label}（{n.state.label}）：{n.error or '原因不明'}" for n in troubled),
    )


def _reached(letter: Letter, brought: dict[int, LetterDelivery], editions: set[int]) -> tuple[date, str]:
    """When a letter reached its addressee, and by what means where it was not the first mail (送达日期与方式)."""
    if letter.id in brought:
        return brought[letter.id].delivered_on, brought[letter.id].means.label
    return clock.local_date(letter.sent_at or letter.composed_at), "补发" if letter.id in editions else ""


def _returned(standing: list[Letter], left: list[Letter]) -> str:
    """What is being done about a notice that came back (被退回的通知), in words."""
    if not any(letter.kind is LetterKind.NOTICE and delivery.came_back(letter) for letter in left):
        return ""
    waits = any(letter.kind is LetterKind.NOTICE and letter.state in _ON_THE_WAY for letter in standing)
    return "被退回，补发待发送" if waits else "被退回，未送达"


def _count(letters: list[Letter], kind: LetterKind) -> int:
    return sum(1 for letter in letters if letter.kind is kind)


def _by_department(letters: Iterable[Letter]) -> dict[int | None, list[Letter]]:
    found: dict[int | None, list[Letter]] = defaultdict(list)
    for letter in letters:
        found[letter.department_id].append(letter)
    return found
