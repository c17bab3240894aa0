"""What was read from a version (读取结果), what looks wrong in it (疑点) and what staff corrected (更正)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.facts import Severity
from models.records.base import JsonType, UtcTime, code_type


class Reading(SQLModel, table=True):
    """The reading of one version (读取结果): facts as JSON (``models.facts.ReportFacts``) or the reason why not."""

    __table_args__ = (UniqueConstraint("version_id", "reader"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="submissionversion.id", index=True)
    reader: str = Field(max_length=40)  # version of the reading code
    facts: dict[str, Any] | None = Field(default=None, sa_type=JsonType)
    error_code: str | None = Field(default=None, max_length=60)
    error_message: str | None = None
    read_at: datetime = Field(sa_type=UtcTime)


class FindingRecord(SQLModel, table=True):
    """One finding (疑点) of a reading; ``digest`` covers code and quotes, so a dismissal holds for the same text."""

    __table_args__ = (UniqueConstraint("reading_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    reading_id: int = Field(foreign_key="reading.id", index=True)
    number: int
    code: str = Field(max_length=60)
    severity: Severity = Field(sa_type=code_type(Severity))
    message: str
    places: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonType)
    computed: dict[str, str] = Field(default_factory=dict, sa_type=JsonType)
    digest: str = Field(max_length=64, index=True)
    dismissed_by: str | None = Field(default=None, max_length=40)
    dismissed_because: str | None = None
    replaced_at: datetime | None = Field(default=None, sa_type=UtcTime)  # no longer found since a person's correction
    replaced_because: str | None = None


class BureauFigure(SQLModel, table=True):
    """One figure from the bureau's own books (财政部门掌握的数据), as text so that dates and amounts both fit."""

    __table_args__ = (UniqueConstraint("cycle_id", "department_id", "key"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    key: str = Field(max_length=60)
    value: str = Field(max_length=400)
    imported_at: datetime = Field(sa_type=UtcTime)
    origin: str = Field(max_length=200)  # workbook name, sheet and cell
