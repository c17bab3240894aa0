"""Approved targets and budgets (批复的绩效目标和预算): every import is a version; the newest is in force, old ones stay."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.facts import Operator
from models.records.base import ExactDecimal, UtcTime, code_type


class TargetVersion(SQLModel, table=True):
    """One import of the bureau's workbook (批复目标的一个版本); ``digest`` covers what it says, ``sha256`` names the file."""

    __table_args__ = (UniqueConstraint("cycle_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    number: int
    digest: str = Field(max_length=64)
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    imported_by: str = Field(max_length=40)
    imported_at: datetime = Field(sa_type=UtcTime)


class ApprovedProjectRecord(SQLModel, table=True):
    """A project of a version (批复的项目), budget in 万元; ``row`` is its first row in the workbook."""

    __table_args__ = (UniqueConstraint("version_id", "department_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="targetversion.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    name: str = Field(max_length=200)
    code: str = Field(max_length=60)
    budget: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    goal: str = Field(default="")
    row: int


class ApprovedIndicatorRecord(SQLModel, table=True):
    """An indicator of an approved project (批复的绩效指标); ``row`` is its row in the workbook."""

    __table_args__ = (UniqueConstraint("project_id", "row"),)

    id: int = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="approvedprojectrecord.id", index=True)
    row: int
    level1: str = Field(max_length=60)
    level2: str = Field(max_length=60)
    name: str = Field(max_length=200)
    operator: Operator = Field(sa_type=code_type(Operator))
    target: str = Field(max_length=200)
    unit: str = Field(max_length=40)
    weight: Decimal | None = Field(default=None, sa_type=ExactDecimal)
