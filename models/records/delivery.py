"""Letters that do not go by mail (另行送达): which departments are told otherwise, and how each letter reached its addressee."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import UtcTime, code_type
from models.states import DeliveryMeans


class OtherDelivery(SQLModel, table=True):
    """A department whose letters of a year are delivered on paper (另行送达登记), from a person's decision until another.

    In force while ``ended_at`` is empty. ``number`` counts a department's records of a year, so that two people who
    decide at the same time make one.
    """

    __table_args__ = (UniqueConstraint("cycle_id", "department_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    number: int
    means: DeliveryMeans = Field(sa_type=code_type(DeliveryMeans))
    reason: str = Field(max_length=500)
    recorded_by: str = Field(max_length=60)
    recorded_at: datetime = Field(sa_type=UtcTime)
    ended_by: str | None = Field(default=None, max_length=60)
    ended_because: str | None = Field(default=None, max_length=500)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)


class LetterDelivery(SQLModel, table=True):
    """How one letter reached its addressee without mail (送达记录): by what means, on which day, and the proof of it."""

    __table_args__ = (UniqueConstraint("letter_id"),)

    id: int = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id")
    means: DeliveryMeans = Field(sa_type=code_type(DeliveryMeans))
    delivered_on: date
    signed_by: str = Field(default="", max_length=60)
    receipt_number: str = Field(default="", max_length=80)
    remark: str = Field(default="", max_length=500)
    recorded_by: str = Field(max_length=60)
    recorded_at: datetime = Field(sa_type=UtcTime)
