"""What an edition shows otherwise than the one before: from, to and why, nothing left out and nobody withdrawn named again."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "writing"))

import writing_samples as samples

from models import editions
from models.published import PublishedCorrection, PublishedResults

OLD = samples.results()


def changed(code: str, **values: object) -> PublishedResults:
    departments = [d.model_copy(update=values) if d.code == code else d for d in OLD.departments]
    return OLD.model_copy(update={"departments": tuple(departments), "edition": "2"})


def test_equal_results_have_no_changes() -> None:
    assert editions.compare(OLD, OLD.model_copy(update={"edition": "2", "published_on": "2025-11-20"}), {}) == ()


def test_a_change_says_from_to_and_why() -> None:
    first = OLD.departments[0]
    line = first.lines[0].model_copy(update={"judged": Decimal(3), "final": Decimal(3)})
    new = changed(first.code, lines=(line, *first.lines[1:]), final_score=Decimal(60), grade="中")
    found = {c.item: c for c in editions.compare(OLD, new, {})}
    assert set(found) == {line.label, "最终得分", "等级"}
    assert (found[line.label].after, found[line.label].why) == ("3分", editions.JUDGED)
    assert (found["等级"].before, found["等级"].after, found["等级"].why) == (first.grade, "中", editions.FOLLOWS)
    said = editions.compare(OLD, new, {(first.code, line.rule): "申诉成立（编号3）"})
    assert said[0].why == "申诉成立（编号3）"
    assert editions.sentences(said, 0)[0].endswith("（申诉成立（编号3））。")


def test_a_reworded_explanation_is_a_change_too() -> None:
    first = OLD.departments[0]
    line = first.lines[1].model_copy(update={"explanation": "另一种说法。"})
    new = changed(first.code, lines=(first.lines[0], line, *first.lines[2:]))
    [change] = editions.compare(OLD, new, {})
    assert "得分不变" in (change.after or "") and change.why == editions.WORDED


def test_places_that_moved_are_counted_not_listed() -> None:
    new = changed(OLD.departments[1].code, rank="7")
    [change] = editions.compare(OLD, new, {})
    assert change.kind == "rank"
    assert editions.sentences((change,), 0) == ("另有1个部门得分不变，名次随之变动。",)


def test_whoever_is_withdrawn_is_counted_and_never_named() -> None:
    gone = OLD.departments[2]
    new = OLD.model_copy(update={"departments": tuple(d for d in OLD.departments if d != gone), "edition": "2"})
    changes = editions.compare(OLD, new, {})
    assert editions.withdrawn(OLD, new) == 1
    assert not [text for text in editions.sentences(changes, 1) if gone.name in text or gone.code in text]


def test_an_earlier_correction_is_shown_without_whom_a_later_one_withdrew() -> None:
    first, second = OLD.departments[0], OLD.departments[1]
    revisions = editions.compare(OLD, changed(first.code, final_score=Decimal(1)), {})
    revisions += editions.compare(OLD, changed(second.code, final_score=Decimal(2)), {})
    correction = PublishedCorrection(reason="更正", edition="1", published_on="2025-10-15", document_number=None)
    middle = OLD.model_copy(update={"edition": "2", "revisions": revisions, "correction": correction})
    newest = OLD.model_copy(update={"edition": "3", "departments": OLD.departments[1:]})
    shown = editions.without(middle, newest)
    assert first.name not in shown.model_dump_json()
    assert [c.code for c in shown.revisions] == [second.code] and len(shown.changes) == 1


def test_a_department_that_is_added_says_so() -> None:
    new = OLD.model_copy(update={"edition": "2"})
    old = OLD.model_copy(update={"departments": OLD.departments[1:]})
    [change] = editions.compare(old, new, {})
    assert (change.item, change.before, change.why) == ("评价结果", None, editions.ADDED)
