"""What a department owes and what it sent (报送材料), and the ledger of everything that arrived (收件台账)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import JsonType, UtcTime, code_type
from models.states import Channel, ReceiptOutcome, SubmissionState


class Submission(SQLModel, table=True):
    """One department's duty to report in one year (报送任务). ``extended_to`` replaces the general deadline.

    ``correct_by`` is the day until which returned material is to be corrected (改正期限), while it is returned.
    """

    __table_args__ = (UniqueConstraint("cycle_id", "department_id"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    state: SubmissionState = Field(default=SubmissionState.AWAITED, sa_type=code_type(SubmissionState))
    extended_to: date | None = None
    correct_by: date | None = None
    accepted_version_id: int | None = None


class Receipt(SQLModel, table=True):
    """One message or file that arrived (收件), stored before anything is done with it. Never deleted.

    ``origin`` is the place in the channel (mailbox folder with UIDVALIDITY/UID, Maildir key or drop-folder path) and
    is unique per channel, so that reading a channel again adds nothing.
    """

    __table_args__ = (UniqueConstraint("channel", "origin"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    channel: Channel = Field(sa_type=code_type(Channel))
    origin: str = Field(max_length=400)
    sha256: str = Field(max_length=64, index=True)
    size: int
    sender: str | None = Field(default=None, max_length=254)
    subject: str | None = Field(default=None, max_length=400)
    message_id: str | None = Field(default=None, max_length=200, index=True)  # as the mail says; recognises copies
    received_at: datetime = Field(sa_type=UtcTime)
    department_id: int | None = Field(default=None, foreign_key="department.id", index=True)
    identified_by: str | None = Field(default=None, max_length=60)
    outcome: ReceiptOutcome = Field(default=ReceiptOutcome.PENDING, sa_type=code_type(ReceiptOutcome))
    reason: str | None = None  # a Chinese sentence for staff: why it was set aside, or what came of it
    handled_at: datetime | None = Field(default=None, sa_type=UtcTime)  # when a later step took it up


class ReceivedFile(SQLModel, table=True):
    """One document inside a receipt (收到的文件), stored under its sha256; ``name`` is only a label."""

    __table_args__ = (UniqueConstraint("receipt_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    receipt_id: int = Field(foreign_key="receipt.id", index=True)
    number: int
    name: str = Field(max_length=200)
    sha256: str = Field(max_length=64, index=True)
    size: int


class SubmissionVersion(SQLModel, table=True):
    """One version of a department's material (报送版本). ``digest`` covers all its files; equal digest = a duplicate."""

    __table_args__ = (UniqueConstraint("submission_id", "number"), UniqueConstraint("submission_id", "digest"))

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    receipt_id: int = Field(foreign_key="receipt.id")
    number: int
    digest: str = Field(max_length=64)
    received_on: date
    days_late: int = 0
    files: list[int] = Field(default_factory=list, sa_type=JsonType)  # ids of ReceivedFile, in order
