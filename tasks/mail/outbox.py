"""The outbox (发件台账): approved letters leave once each; what is not certain goes to a person.

The mail is written and kept, then the letter is claimed (SENDING, committed with the mail's digest), then the server is
spoken to. No transaction is open while mail is sent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import Session, col, select

from models import transitions
from models.records import Letter
from models.states import LetterState
from tasks import clock, filestore, settings, store
from tasks.mail import messages
from tasks.mail.board import BoardRow, board
from tasks.mail.decisions import approve, readdress, settle_unknown, withdraw
from tasks.mail.lock import sole_sender
from tasks.mail.messages import Ready
from tasks.mail.smtp import (
    Lost,
    Outcome,
    Refused,
    Sender,
    Sent,
    ServerUnavailableError,
    Unknown,
    UnsendableError,
)

__all__ = [
    "BoardRow",
    "Dealt",
    "RetryPolicy",
    "SendReport",
    "approve",
    "board",
    "readdress",
    "send_due",
    "settle_unknown",
    "withdraw",
]


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait after each temporary refusal (重试间隔); after the last one the letter has failed.

    An unchanged letter is handed over as the same mail for as long as ``fresh_for``; filters take older dates for spam.
    """

    delays: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
        timedelta(hours=12),
    )
    fresh_for: timedelta = timedelta(days=3)


@dataclass(frozen=True)
class Dealt:
    """What became of one letter in a run (单封结果)."""

    letter_id: int
    key: str
    state: LetterState
    error: str | None = None


@dataclass(frozen=True)
class SendReport:
    """What a run did (发送情况): numbers of letters, each letter's fate, and why the run ended early if it did.

    ``waiting`` are approved letters still in the outbox, those not yet due included; ``orphaned`` were left in
    "sending" by a run that died and are part of ``unknown``.
    """

    sent: int = 0
    failed: int = 0
    retry_later: int = 0
    unknown: int = 0
    waiting: int = 0
    orphaned: int = 0
    error: str | None = None
    letters: tuple[Dealt, ...] = ()


@dataclass
class _Run:
    policy: RetryPolicy
    dealt: list[Dealt] = field(default_factory=list)
    error: str | None = None

    def count(self, state: LetterState) -> int:
        return sum(1 for d in self.dealt if d.state is state)


def send_due(limit: int | None = None, dry_run: bool = False, policy: RetryPolicy | None = None) -> SendReport:
    """Send the approved letters that are due (发送待发函件), oldest first, over one connection.

    An unreachable server changes nothing and is told in ``error``. A dry run only counts.
    """
    run = _Run(policy or RetryPolicy())
    if dry_run:
        return SendReport(waiting=len(_due(limit)))
    with sole_sender() as alone:
        if not alone:
            return SendReport(waiting=_waiting(), error="另一个发信任务正在进行，本次不再发送；待其结束后自动继续")
        orphans = _settle_orphans()
        due = _due(limit)
        if due:
            _send_all(run, due)
    return SendReport(
        sent=run.count(LetterState.SENT),
        failed=run.count(LetterState.FAILED),
        retry_later=run.count(LetterState.APPROVED),
        unknown=run.count(LetterState.UNKNOWN) + len(orphans),
        waiting=_waiting(),
        orphaned=len(orphans),
        error=run.error,
        letters=tuple(orphans + run.dealt),
    )


def _send_all(run: _Run, due: list[int]) -> None:
    per_minute = settings.current().mail_per_minute
    pause = 60 / per_minute if per_minute > 0 else 0.0
    try:
        with Sender(settings.current()) as sender:
            last = 0.0
            for letter_id in due:
                if last:
                    time.sleep(max(0.0, last + pause - time.monotonic()))
                last = time.monotonic()
                _send_one(run, sender, letter_id)
    except ServerUnavailableError as error:
        run.error = str(error)


def _send_one(run: _Run, sender: Sender, letter_id: int) -> None:
    try:
        ready = messages.prepare(letter_id, run.policy.fresh_for)
    except UnsendableError as error:
        _fail(run, letter_id, str(error))
        return
    except filestore.UnusableError as error:
        # The file store does not answer: nothing is wrong with the letter, the next run sends it.
        raise ServerUnavailableError(str(error)) from error
    if ready is None or not _claim(ready):
        return
    try:
        outcome = sender.send(ready.to_address, ready.content)
    except ServerUnavailableError:
        _release(letter_id)
        raise
    _settle(run, letter_id, outcome)


def _due(limit: int | None) -> list[int]:
    with store.session() as db:
        query = (
            select(Letter.id)
            .where(Letter.state == LetterState.APPROVED)
            .where(or_(col(Letter.not_before).is_(None), col(Letter.not_before) <= clock.now()))
            .order_by(col(Letter.id))
            .limit(limit)
        )
        return list(db.exec(query))


def _waiting() -> int:
    with store.session() as db:
        return db.exec(select(func.count()).select_from(Letter).where(Letter.state == LetterState.APPROVED)).one()


def _settle_orphans() -> list[Dealt]:
    """Letters in "sending" while we hold the sender's lock were left there by a run that died (中断遗留)."""
    found = []
    with store.session() as db:
        for letter in db.exec(select(Letter).where(Letter.state == LetterState.SENDING).order_by(col(Letter.id))):
            reason = "上次发送过程中断，不能确定是否送达：请向收件单位核实后选择“已送达”或“重新发送”"
            found.append(_change(db, letter, LetterState.UNKNOWN, "system", "letter.unknown", reason))
    return found


def _claim(ready: Ready) -> bool:
    """Commit SENDING with the digest of what leaves (占用); False when another was faster or the letter was taken back."""
    with store.session() as db:
        if not _taken(db, ready.letter_id, col(Letter.to_address) == ready.to_address):
            return False
        letter = db.exec(select(Letter).where(Letter.id == ready.letter_id)).one()
        messages.enter(db, ready)
        new = {"state": letter.state.value, "to": letter.to_address, "message": ready.sha256}
        old = {"state": LetterState.APPROVED.value}
        store.record(db, "system", "letter.sending", f"letter:{letter.key}", old, new | {"attempt": letter.attempts})
    return True


def _taken(db: Session, letter_id: int, *conditions: ColumnElement[bool]) -> bool:
    changed = db.execute(
        update(Letter)
        .where(col(Letter.id) == letter_id, col(Letter.state) == LetterState.APPROVED, *conditions)
        .values(state=LetterState.SENDING, sending_at=clock.now(), attempts=col(Letter.attempts) + 1)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def _fail(run: _Run, letter_id: int, reason: str) -> None:
    """Say of a letter that no mail can be made of it (无法成为邮件); nothing was handed to anybody."""
    with store.session() as db:
        if _taken(db, letter_id):
            letter = db.exec(select(Letter).where(Letter.id == letter_id)).one()
            run.dealt.append(_change(db, letter, LetterState.FAILED, "system", "letter.failed", reason))


def _release(letter_id: int) -> None:
    """Give a claimed letter back unharmed (退回待发送): it never left."""
    with store.session() as db:
        letter = db.exec(select(Letter).where(Letter.id == letter_id)).one()
        letter.attempts -= 1
        _change(db, letter, LetterState.APPROVED, "system", "letter.released", letter.error)


def _settle(run: _Run, letter_id: int, outcome: Outcome) -> None:
    with store.session() as db:
        letter = db.exec(select(Letter).where(Letter.id == letter_id)).one()
        match outcome:
            case Sent():
                letter.sent_at = clock.now()
                dealt = _change(db, letter, LetterState.SENT, "system", "letter.sent", None)
            case Unknown(message):
                dealt = _change(db, letter, LetterState.UNKNOWN, "system", "letter.unknown", message)
            case Refused(code, message, permanent) if permanent:
                reason = f"服务器拒收（{code}）：{message}" if code else message
                dealt = _change(db, letter, LetterState.FAILED, "system", "letter.failed", reason)
            case Refused(code, message):
                dealt = _later(db, run.policy, letter, f"服务器暂时拒收（{code}）：{message}")
            case Lost(message):
                dealt = _later(db, run.policy, letter, message)
    run.dealt.append(dealt)


def _later(db: Session, policy: RetryPolicy, letter: Letter, reason: str) -> Dealt:
    if letter.attempts > len(policy.delays):
        words = f"{reason}；已尝试{letter.attempts}次，不再自动重试"
        return _change(db, letter, LetterState.FAILED, "system", "letter.failed", words)
    letter.not_before = clock.now() + policy.delays[letter.attempts - 1]
    return _change(db, letter, LetterState.APPROVED, "system", "letter.retry", reason)


def _change(db: Session, letter: Letter, state: LetterState, who: str, what: str, error: str | None) -> Dealt:
    old = letter.state
    letter.state = transitions.require(transitions.LETTER, old, state)
    letter.error = error
    db.add(letter)
    details = {"state": state.value} | ({"reason": error} if error else {})
    store.record(db, who, what, f"letter:{letter.key}", {"state": old.value}, details)
    return Dealt(letter.id, letter.key, state, error)
