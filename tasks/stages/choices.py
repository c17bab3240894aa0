"""What the forms offer for choice (表单可选项): years, departments, letters, findings... as they stand in the database now.

Every entry begins with the code that the form keeps, then a blank, then words for people; ``code_of`` takes it apart again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.facts import Severity
from models.records import Cycle, Department, Letter, Objection, RectificationItem, Submission
from models.rules import RuleSetError
from models.states import CycleState, LetterKind, LetterState, ObjectionState, ReceiptOutcome
from tasks import lookup, settings, store
from tasks.intake import quarantine
from tasks.mail import again
from tasks.stages import findings, rectification

# A list longer than this is no help in a drop-down; the number can always be typed.
LONGEST = 400
WORDS = 40
TABLES = (".xlsx", ".csv")
# Files that staff hand in are looked for here, in this order.
FOLDERS = ("import", "documents")


class Listed(StrEnum):
    """The lists there are (清单)."""

    YEARS = "years"
    DEPARTMENTS = "departments"
    RULES = "rules"
    RULESETS = "rulesets"
    FILES = "files"
    FINDINGS = "findings"
    ITEMS = "items"
    OBJECTIONS = "objections"
    RECEIPTS = "receipts"
    UNKNOWN_LETTERS = "unknown_letters"
    FAILED_LETTERS = "failed_letters"
    LETTERS_TO_BRING = "letters_to_bring"
    RETURNED_LETTERS = "returned_letters"
    REVIEWERS = "reviewers"
    DRAWS = "draws"


# Lists whose entries stand for themselves: a name may hold blanks.
WHOLE = (Listed.FILES, Listed.REVIEWERS)


def code_of(kind: Listed, entry: str) -> str:
    """The code an entry stands for (选项代码): its first word; a code that was typed is taken as it is."""
    return entry if kind in WHOLE else (entry.split() or [""])[0]


def item_of(entry: str) -> tuple[str, str]:
    """Department code and number of a remediation item (整改事项): ``106-2 …``; a bare number has no code."""
    code, _, number = code_of(Listed.ITEMS, entry).rpartition("-")
    return code, number


def item_entry_of(department: Department, item: RectificationItem) -> str:
    """How the list names a remediation item (整改事项选项)."""
    return f"{department.code}-{item.number} {_short(f'{item.state.label}：{item.problem}')}"


def objection_entry(objection: Objection, department: Department) -> str:
    """How the list names an objection (申诉选项)."""
    return f"{objection.id} {department.code} {_short(department.name)} {objection.received_on}收到"


def department_entry(department: Department) -> str:
    """How the list names a department (部门选项)."""
    return f"{department.code} {_short(department.name)}"


def lists() -> dict[str, list[Any]]:
    """Every list (全部清单) by the value of ``Listed``; empty ones too. Closed years count only as years."""
    with store.session() as db:
        cycles = list(db.exec(select(Cycle).order_by(col(Cycle.fiscal_year).desc())))
        going = [cycle for cycle in cycles if cycle.state is not CycleState.CLOSED]
        found: dict[Listed, Iterable[Any]] = {
            Listed.YEARS: [cycle.fiscal_year for cycle in cycles],
            Listed.DEPARTMENTS: _departments(db, going),
            Listed.RULES: _rules(going),
            Listed.FINDINGS: _findings(db, going),
            Listed.ITEMS: _items(db, going),
            Listed.OBJECTIONS: _objections(db, going),
            Listed.RECEIPTS: _receipts(db, going),
            Listed.UNKNOWN_LETTERS: _letters(db, going, LetterState.UNKNOWN),
            Listed.FAILED_LETTERS: _letters(db, going, LetterState.FAILED),
            Listed.LETTERS_TO_BRING: _letters(db, going, LetterState.TO_DELIVER),
            Listed.RETURNED_LETTERS: (_letter(one) for cycle in going for one in again.waiting(db, cycle.id)),
            Listed.DRAWS: _draws(db, going),
        }
        made = {str(kind): list(dict.fromkeys(entries))[:LONGEST] for kind, entries in found.items()}
    made[Listed.RULESETS] = list(_rulesets())
    made[Listed.FILES] = files()
    made[Listed.REVIEWERS] = [name for name, _ in settings.current().reviewer_list]
    return made


def open_years() -> list[int]:
    """The years that are not closed (未办结的年度), oldest first."""
    with store.session() as db:
        query = select(Cycle.fiscal_year).where(Cycle.state != CycleState.CLOSED)
        return list(db.exec(query.order_by(col(Cycle.fiscal_year))))


def files() -> list[str]:
    """Workbooks that lie ready to be taken in (可导入的文件), newest first, by name."""
    found = [p for folder in FOLDERS for p in settings.current().folder(folder).iterdir() if p.suffix.lower() in TABLES]
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.name for path in newest if not path.name.startswith(("~", "."))][:LONGEST]


def file_at(named: Path) -> Path:
    """The file a form names (所指文件): a full path as it is, a bare name in the folders for hand-ins."""
    if named.is_absolute() or named.exists():
        return named
    places = [settings.current().home / folder / named for folder in FOLDERS]
    return next((place for place in places if place.is_file()), places[0])


def _departments(db: Session, cycles: list[Cycle]) -> Iterator[str]:
    query = select(Department).join(Submission, col(Submission.department_id) == col(Department.id))
    ids = [cycle.id for cycle in cycles]
    for department in db.exec(query.where(col(Submission.cycle_id).in_(ids)).order_by(Department.code)):
        yield department_entry(department)


def _rules(cycles: list[Cycle]) -> Iterator[str]:
    for cycle in cycles:
        try:
            yield from (f"{rule.id} {rule.label}" for rule in rules.load(cycle.ruleset_id).rules)
        except RuleSetError:
            continue  # A rule set that cannot be read is told by the steps that need it; the rule id can be typed.


def _rulesets() -> Iterator[str]:
    for name in rules.available():
        try:
            yield f"{name} {_short(rules.load(name).title)}"
        except RuleSetError:
            continue


def _submissions(db: Session, cycles: list[Cycle]) -> Iterator[tuple[Submission, Department]]:
    for cycle in cycles:
        yield from db.exec(
            select(Submission, Department)
            .join(Department, col(Department.id) == col(Submission.department_id))
            .where(Submission.cycle_id == cycle.id)
            .order_by(Department.code)
        )


def _findings(db: Session, cycles: list[Cycle]) -> Iterator[str]:
    """Findings that are loud and stand (待处理的疑点)."""
    judged = [c for c in cycles if c.state in (CycleState.COLLECTING, CycleState.SCORING, CycleState.SPOT_CHECKING)]
    for submission, department in _submissions(db, judged):
        for row in findings.records(db, submission):
            if row.dismissed_by is None and row.severity in (Severity.ERROR, Severity.QUESTION):
                yield f"{row.id} {department.code} {_short(row.message)}"


def _items(db: Session, cycles: list[Cycle]) -> Iterator[str]:
    for submission, department in _submissions(db, cycles):
        for item in rectification.items_of(db, submission):
            if item.closed_at is None:
                yield item_entry_of(department, item)


def _draws(db: Session, cycles: list[Cycle]) -> Iterator[tuple[int, str]]:
    """Year and seed of each year's newest draw (已有的抽取): another draw needs a reason, the same one again does not."""
    for cycle in cycles:
        last = lookup.latest_draw(db, cycle)
        if last is not None:
            yield cycle.fiscal_year, last.seed


def _objections(db: Session, cycles: list[Cycle]) -> Iterator[str]:
    for submission, department in _submissions(db, cycles):
        query = select(Objection).where(Objection.submission_id == submission.id)
        for objection in db.exec(query.where(Objection.state == ObjectionState.RECEIVED)):
            yield objection_entry(objection, department)


def _receipts(db: Session, cycles: list[Cycle]) -> Iterator[str]:
    for cycle in cycles:
        for outcome in (ReceiptOutcome.QUARANTINED, ReceiptOutcome.IGNORED):
            for one in quarantine.listing(db, cycle.id, outcome):
                words = (one.sender or one.channel.label, one.subject or "")
                yield f"{one.receipt_id} {_short(' '.join(words))}"


def _letters(db: Session, cycles: list[Cycle], state: LetterState) -> Iterator[str]:
    query = select(Letter).where(col(Letter.cycle_id).in_([c.id for c in cycles]), Letter.state == state)
    for letter in db.exec(query.where(Letter.kind != LetterKind.STAFF_ALERT).order_by(col(Letter.id))):
        yield _letter(letter)


def _letter(letter: Letter) -> str:
    return f"{letter.id} {letter.kind.label} {_short(f'{letter.to_name} {letter.to_address}')}"


def _short(text: str) -> str:
    """Words that fit into a line of a list (清单文字)."""
    flat = re.sub(r"\s+", " ", text).strip()
    return flat if len(flat) <= WORDS else f"{flat[: WORDS - 1]}…"
