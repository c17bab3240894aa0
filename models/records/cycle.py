"""The evaluation year (年度评价工作) and its dates."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import UtcTime, code_type
from models.states import CycleState, Stage


class Cycle(SQLModel, table=True):
    """One evaluation year of one bureau (年度评价工作); ``fiscal_year`` is the year that is evaluated."""

    id: int = Field(default=None, primary_key=True)
    fiscal_year: int = Field(unique=True)
    county: str = Field(max_length=60)
    bureau: str = Field(max_length=60)
    office: str = Field(max_length=60)
    ruleset_id: str = Field(max_length=60)
    ruleset_digest: str = Field(max_length=64)
    document_number: str | None = Field(default=None, max_length=60)
    report_number: str | None = Field(default=None, max_length=60)  # that of the year-end report on remediation
    state: CycleState = Field(default=CycleState.DRAFTING, sa_type=code_type(CycleState))
    opened_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class StageDate(SQLModel, table=True):
    """When a stage is due (阶段日期) and when it was done; due means "not later than today and not done"."""

    __table_args__ = (UniqueConstraint("cycle_id", "stage"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    stage: Stage = Field(sa_type=code_type(Stage))
    due_on: date
    done_at: datetime | None = Field(default=None, sa_type=UtcTime)
