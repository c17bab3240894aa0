"""Corrections by a person (人工更正): beside the reading, never in its place, and asked again when the source changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.correctable import QUESTIONS, Fact, ValueKind, asked, facts_in, quantity
from models.correction_entry import NUMBERS, beside_of, misfit
from models.document import Frozen, Source
from models.facts import Finding, IndicatorLine, Operator, Question, Read, ReportFacts, ReportKind, Severity

CERTAIN = Decimal(1)


class Correction(Frozen):
    """One correction (一项更正). ``value`` None means that the report has nothing there.

    ``material`` is the digest of the version's files, ``file_sha256`` that of the source file, ``source_digest`` that of
    value and quote as read. ``withdrawn`` takes back the earlier corrections of the same path. Later numbers win.
    """

    number: int
    path: str
    label: str
    read_value: str | None
    source: Source | None
    material: str
    file_sha256: str
    source_digest: str
    value: str | None
    withdrawn: bool = False
    who: str
    on: date
    reason: str


def apply_corrections(
    facts: ReportFacts, corrections: Iterable[Correction], *, material: str | None = None
) -> tuple[ReportFacts, list[Question]]:
    """The facts with what a person corrected (更正后的事实), and what has to be asked again.

    A correction holds for the same files however they are read (``material``; without it the file's own sha256). In
    other files it holds where value and quote are the same; elsewhere it is not applied and comes back as a Question,
    except where the report now says what the person had corrected it to. Applied corrections leave a sentence in
    ``warnings``, confidence 1 and questions instead of errors on the corrected cells. Pure; facts are not changed.
    """
    found = facts_in(facts)
    again: list[Question] = []
    applied: dict[str, tuple[Fact, Correction]] = {}
    notes: list[str] = []
    for correction in sorted(in_force(corrections).values(), key=lambda c: c.number):
        if correction.withdrawn:
            notes.append(_taken_back(correction))
            continue
        same = correction.material == material if material else correction.file_sha256 == facts.file.sha256
        fact = _target(correction, found, same)
        if fact is None and correction.path.startswith(f"{QUESTIONS}/"):
            continue
        if fact is None or not (same or fact.digest == correction.source_digest):
            if fact is None or fact.value != correction.value:
                again.append(_again(correction, fact))
            continue
        applied[fact.path] = (fact, correction)
    values = {path: correction.value for path, (_, correction) in applied.items()}
    for path, (fact, correction) in list(applied.items()):
        if misfit(fact, correction.value, beside_of(found, values)):
            again.append(_again(correction, fact))
            del applied[path]
    made = facts
    for fact, correction in applied.values():
        made = _with_value(made, fact, correction.value)
        notes.append(_note(correction, fact))
    made = _surer(made, found, applied)
    changed = [fact for fact, correction in applied.values() if correction.value != fact.value]
    findings = tuple(doubted(finding, [fact.source for fact in changed]) for finding in made.findings)
    return made.model_copy(update={"findings": findings, "warnings": (*made.warnings, *notes)}), again


def changed_facts(
    facts: ReportFacts, corrections: Iterable[Correction], *, material: str | None = None
) -> list[tuple[Fact, str | None]]:
    """The facts whose value the corrections change (被更正的事实), each with its new value: as ``apply_corrections`` does."""
    before = facts_in(facts)
    after = facts_in(apply_corrections(facts, corrections, material=material)[0])
    return [
        (fact, after[path].value) for path, fact in before.items() if path in after and after[path].value != fact.value
    ]


def in_force(corrections: Iterable[Correction]) -> dict[str, Correction]:
    """The correction in force for each path (有效的更正): the one with the highest number."""
    found: dict[str, Correction] = {}
    for correction in corrections:
        known = found.get(correction.path)
        if known is None or known.number < correction.number:
            found[correction.path] = correction
    return found


def _target(correction: Correction, found: Mapping[str, Fact], same: bool) -> Fact | None:
    """The fact that a correction is about: in the same file the one at the same place, whatever its row is called now."""
    fact = found.get(correction.path)
    if not same or correction.source is None or (fact is not None and fact.source == correction.source):
        return fact
    collection, field = correction.path.partition("/")[0], correction.path.rpartition("/")[2]
    here = [
        f for f in found.values() if f.collection == collection and f.field == field and f.source == correction.source
    ]
    return here[0] if len(here) == 1 else fact


def _with_value(facts: ReportFacts, fact: Fact, value: str | None) -> ReportFacts:
    if fact.kind is ValueKind.ANSWER:
        return facts.model_copy(update={"questions": tuple(q for q in facts.questions if asked(q).path != fact.path)})
    if value == fact.value:
        return facts  # confirmed: nothing to change, however the row was understood
    new = Decimal(value) if value is not None and fact.kind in NUMBERS else value
    if not fact.collection:
        return _with_overall(facts, fact.field, new)
    rows: list[Read] = list(getattr(facts, fact.collection))
    row = rows[fact.index]
    update = {fact.field: new}
    if isinstance(row, IndicatorLine) and fact.kind is ValueKind.QUANTITY:
        update = _quantity_fields(row, fact.field, value)
    rows[fact.index] = row.model_copy(update=update)
    return facts.model_copy(update={fact.collection: tuple(rows)})


def _with_overall(facts: ReportFacts, field: str, new: Any) -> ReportFacts:
    """A value of the whole file: also in the report it was taken from, so that both go on saying the same."""
    old, done, parts = getattr(facts, field), False, []
    for part in facts.reports:
        mine = not done and part.kind is ReportKind.DEPARTMENT and getattr(part, field) == old
        filled = {"score_blank": False} if field == "self_score" and new is not None else {}
        parts.append(part.model_copy(update={field: new} | filled) if mine else part)
        done = done or mine
    return facts.model_copy(update={field: new, "reports": tuple(parts)})


def _quantity_fields(row: IndicatorLine, field: str, value: str | None) -> dict[str, Any]:
    read = quantity(value) if value is not None else None
    update: dict[str, Any] = {f"{field}_text": value, field: read[1] if read else None}
    if field == "target" and read:
        # A sign in a column of its own goes on holding for a new number without one.
        kept = row.operator if row.operator is not Operator.TEXT else None
        update["operator"] = read[0] or kept
        update |= {"unit": read[2]} if read[2] else {}
    elif field == "target":
        update["operator"] = Operator.TEXT if value is not None else None
    return update


def _surer(
    facts: ReportFacts, found: Mapping[str, Fact], applied: Mapping[str, tuple[Fact, Correction]]
) -> ReportFacts:
    """Confidence 1 for rows in which a person has confirmed or corrected every value that was read."""
    update: dict[str, Any] = {}
    for collection, index in {(fact.collection, fact.index) for fact, _ in applied.values() if fact.collection}:
        mine = [f for f in found.values() if (f.collection, f.index) == (collection, index)]
        if all(f.path in applied for f in mine if f.value is not None):
            rows = list(update.get(collection, getattr(facts, collection)))
            rows[index] = rows[index].model_copy(update={"confidence": CERTAIN})
            update[collection] = tuple(rows)
    return facts.model_copy(update=update)


def doubted(finding: Finding, misread: Sequence[Source | None]) -> Finding:
    """An error that rests on a cell which was misread is only a question (存疑) until it is checked with the right value."""
    spots = {_spot(source) for source in misread if source is not None}
    touched = any(_spot(place.source) in spots for place in finding.places)
    if finding.severity is not Severity.ERROR or not touched:
        return finding
    return finding.model_copy(update={"severity": Severity.QUESTION})


def _spot(source: Source) -> Source:
    return source.model_copy(update={"quote": None})


def told(value: str | None) -> str:
    """A value in a sentence (数值的说法): blank is said, not shown as nothing."""
    return "空白" if value is None else f"“{value if len(value) <= 60 else value[:60] + '…'}”"


def _note(correction: Correction, fact: Fact) -> str:
    what = "确认为" if correction.value == fact.value else "更正为"
    verb = "答复：" if fact.kind is ValueKind.ANSWER else f"由读取值{told(fact.value)}{what}"
    return (
        f"更正第{correction.number}号：{correction.label}{verb}{told(correction.value)}"
        f"（{correction.who}，{correction.on.isoformat()}，理由：{correction.reason}）。"
    )


def _taken_back(correction: Correction) -> str:
    return (
        f"更正第{correction.number}号：{correction.label}的更正已由{correction.who}于{correction.on.isoformat()}撤销，"
        f"以读取值为准（理由：{correction.reason}）。"
    )


def _again(correction: Correction, fact: Fact | None) -> Question:
    before = (
        f"{correction.label}曾由{correction.who}于{correction.on.isoformat()}"
        f"从{told(correction.read_value)}更正为{told(correction.value)}"
    )
    if fact is None:
        now = "现在的材料中没有找到这一处"
    elif fact.value == correction.read_value:
        now = f"现在的材料此处的原文或相关数值有变化，读取值为{told(fact.value)}"
    else:
        now = f"现在的材料此处为{told(fact.value)}"
    return Question(
        field=correction.path,
        message=f"{before}；{now}，原更正未采用，请重新确认。",
        source=fact.source if fact else None,
    )
