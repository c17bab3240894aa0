"""Who may send what (名册快照): read once per run, so that identifying needs no database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlmodel import Session, select

from models.records import Contact, Cycle, Department, DrawRecord, Review, Submission

# Shorter printed names mean too many departments.
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Known:
    """One department as intake needs it (部门)."""

    id: int
    code: str
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Roster:
    """The departments of a year, their addresses and the reviewers' (名册快照)."""

    fiscal_year: int
    own_address: str
    departments: dict[int, Known]
    contacts: dict[str, frozenset[int]]
    reviewers: dict[str, frozenset[int]]

    def by_code(self, code: str) -> int | None:
        """The department with this code (按代码查部门)."""
        return next((d.id for d in self.departments.values() if d.code.casefold() == code.casefold()), None)

    def by_folder(self, folder: str) -> int | None:
        """The department a drop folder belongs to (按文件夹查部门): its code, name, short name, or "code name"."""
        wanted = folded(folder)
        for known in self.departments.values():
            exact = {folded(known.code), *(folded(n) for n in known.names)}
            if wanted in exact or wanted in {folded(known.code) + folded(n) for n in known.names}:
                return known.id
        return None

    def named(self, printed: str) -> frozenset[int]:
        """Departments a printed name can mean (按印刷名称查部门).

        An exact name wins; then the longest roster name that is part of the printed one; then the names that end with
        what is printed (教育局 for 青禾县教育局). A bare county name means nobody.
        """
        wanted = folded(printed)
        names = [(known.id, folded(name)) for known in self.departments.values() for name in known.names]
        exact = {found for found, name in names if name == wanted}
        if exact or len(wanted) < SHORTEST_NAME:
            return frozenset(exact)
        within = [(len(name), found) for found, name in names if len(name) > 1 and name in wanted]
        if within:
            longest = max(length for length, _ in within)
            return frozenset(found for length, found in within if length == longest)
        return frozenset(found for found, name in names if name.endswith(wanted))

    def label(self, department_id: int) -> str:
        """A department for staff to read (部门名称与代码)."""
        known = self.departments.get(department_id)
        return f"{known.name}（{known.code}）" if known else f"部门{department_id}"


def folded(text: str) -> str:
    """A name for comparison (名称归一): full width folded, without blanks and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def snapshot(db: Session, cycle_id: int, own_address: str) -> Roster:
    """Read the roster of a year (名册快照)."""
    cycle = db.exec(select(Cycle).where(Cycle.id == cycle_id)).one()
    departments = {d.id: Known(d.id, d.code, d.name, (d.name, *d.short_names)) for d in db.exec(select(Department))}
    contacts: dict[str, set[int]] = {}
    for contact in db.exec(select(Contact)):
        contacts.setdefault(contact.address.strip().lower(), set()).add(contact.department_id)
    reviewers: dict[str, set[int]] = {}
    query = (
        select(Review.reviewer_address, Submission.department_id)
        .join(Submission, Review.submission_id == Submission.id)  # type: ignore[arg-type]
        .join(DrawRecord, Review.draw_id == DrawRecord.id)  # type: ignore[arg-type]
        .where(DrawRecord.cycle_id == cycle_id)
    )
    for address, department_id in db.exec(query):
        reviewers.setdefault(address.strip().lower(), set()).add(department_id)
    return Roster(
        fiscal_year=cycle.fiscal_year,
        own_address=own_address.strip().lower(),
        departments=departments,
        contacts={a: frozenset(ids) for a, ids in contacts.items()},
        reviewers={a: frozenset(ids) for a, ids in reviewers.items()},
    )
