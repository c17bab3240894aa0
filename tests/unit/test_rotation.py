"""Reviewers rotate, nobody reviews where he is barred, and the work is spread evenly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rotation import NobodyLeftError, assign

CODES = [f"{n}" for n in range(101, 113)]


def test_without_conflicts_the_reviewers_take_turns() -> None:
    assert list(assign(CODES[:4], ["甲", "乙", "丙"], {}).values()) == ["甲", "乙", "丙", "甲"]


def test_who_reviewed_a_department_last_time_does_not_review_it_again() -> None:
    assert assign(["101"], ["甲", "乙"], {}, {"101": "甲"}) == {"101": "乙"}
    assert assign(["101"], ["甲"], {}, {"101": "甲"}) == {"101": "甲"}


def test_a_department_that_nobody_may_review_is_named() -> None:
    with pytest.raises(NobodyLeftError) as refused:
        assign(["101", "102"], ["甲"], {"102": {"甲"}})
    assert refused.value.departments == ("102",)


@given(
    st.lists(st.sampled_from(CODES), unique=True, min_size=1),
    st.integers(2, 5),
    st.dictionaries(st.sampled_from(CODES), st.integers(0, 4)),
)
def test_conflicts_hold_and_the_load_stays_even(codes: list[str], many: int, barred: dict[str, int]) -> None:
    reviewers = [f"r{n}" for n in range(many)]
    conflicts = {code: {f"r{n}"} for code, n in barred.items()}
    chosen = assign(codes, reviewers, conflicts)
    assert set(chosen) == set(codes)
    assert all(who not in conflicts.get(code, ()) for code, who in chosen.items())
    assert assign(codes, reviewers, conflicts) == chosen
    if not conflicts:
        loads = [list(chosen.values()).count(r) for r in reviewers]
        assert max(loads) - min(loads) <= 1
