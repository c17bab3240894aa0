"""Gates (审批), published editions (公开版次) and objections (申诉)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import ExactDecimal, JsonType, UtcTime, code_type
from models.states import Decision, Gate, ObjectionState


class Approval(SQLModel, table=True):
    """A decision at a gate (审批). ``digest`` is that of what was decided on; another digest needs another decision."""

    __table_args__ = (UniqueConstraint("cycle_id", "gate", "digest", "number"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    gate: Gate = Field(sa_type=code_type(Gate))
    digest: str = Field(max_length=64)
    number: int = 1
    prepared_by: str = Field(max_length=40)
    decision: Decision | None = Field(default=None, sa_type=code_type(Decision))
    decided_by: str | None = Field(default=None, max_length=40)
    reason: str | None = None
    prepared_at: datetime = Field(sa_type=UtcTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    summary: dict[str, Any] = Field(default_factory=dict, sa_type=JsonType)


class Edition(SQLModel, table=True):
    """One published edition (公开版次); a correction is a new edition with a list of changes."""

    __table_args__ = (UniqueConstraint("cycle_id", "number"), UniqueConstraint("cycle_id", "digest"))

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    number: int
    digest: str = Field(max_length=64)
    results: dict[str, Any] = Field(sa_type=JsonType)
    published_on: date
    changes: list[str] = Field(default_factory=list, sa_type=JsonType)


class Objection(SQLModel, table=True):
    """A department's objection to its result (申诉) and the decision on it."""

    __table_args__ = (UniqueConstraint("submission_id", "receipt_id"),)

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    receipt_id: int = Field(foreign_key="receipt.id")
    state: ObjectionState = Field(default=ObjectionState.RECEIVED, sa_type=code_type(ObjectionState))
    text: str
    received_on: date
    decided_by: str | None = Field(default=None, max_length=40)
    reason: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ObjectionAdjustment(SQLModel, table=True):
    """A line that an upheld objection corrects (申诉变更). The reviewer's or judged points stay; this goes before them.

    ``number`` counts the decisions on the objection. A line whose publication was refused (``refused_id``) counts no more.
    """

    __table_args__ = (UniqueConstraint("objection_id", "rule", "number"),)

    id: int = Field(default=None, primary_key=True)
    objection_id: int = Field(foreign_key="objection.id", index=True)
    rule: str = Field(max_length=60)
    score: Decimal = Field(sa_type=ExactDecimal)
    reason: str
    number: int = 1
    refused_id: int | None = Field(default=None, foreign_key="approval.id")
