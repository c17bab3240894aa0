"""The roster (部门名册): departments, their contacts and their projects."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import JsonType, code_type
from models.states import ContactRole


class Department(SQLModel, table=True):
    """A budget department (预算部门). ``stratum`` is its class for the draw (部门类别)."""

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=20)
    name: str = Field(unique=True, max_length=120)
    short_names: list[str] = Field(default_factory=list, sa_type=JsonType)
    stratum: str = Field(max_length=40)
    projects: list[str] = Field(default_factory=list, sa_type=JsonType)
    withheld: bool = Field(default=False)  # a classified unit (涉密单位): never on the public site


class Contact(SQLModel, table=True):
    """Whom letters go to (联系人)."""

    __table_args__ = (UniqueConstraint("department_id", "address"),)

    id: int = Field(default=None, primary_key=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    name: str = Field(max_length=40)
    role: ContactRole = Field(sa_type=code_type(ContactRole))
    address: str = Field(max_length=254)
