"""Remediation items (整改事项)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import UtcTime, code_type
from models.states import ItemSeverity, RectificationOrigin, RectificationState


class RectificationItem(SQLModel, table=True):
    """One problem to be put right (整改事项). ``digest`` covers origin and text, so it is opened once."""

    __table_args__ = (UniqueConstraint("submission_id", "number"), UniqueConstraint("submission_id", "digest"))

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    number: int
    origin: RectificationOrigin = Field(sa_type=code_type(RectificationOrigin))
    digest: str = Field(max_length=64)
    problem: str
    severity: ItemSeverity = Field(default=ItemSeverity.MINOR, sa_type=code_type(ItemSeverity))
    evidence_needed: str | None = None  # what would count as evidence
    repeats: str | None = None  # the item of an earlier year that says the same, in words
    measure: str | None = None
    owner: str | None = Field(default=None, max_length=60)
    due_on: date
    asked_until: date | None = None  # the due date that the department's report names
    progress: str | None = None
    evidence: str | None = None
    state: RectificationState = Field(default=RectificationState.OPEN, sa_type=code_type(RectificationState))
    remark: str | None = None  # the bureau's words when it returned, extended or closed the item
    opened_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    closed_by: str | None = Field(default=None, max_length=40)
