"""The board's keys and pages hold for any department code."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tasks.stages.board import Page, key_of

CODES = st.text(alphabet=st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(CODES)
def test_a_key_has_only_what_the_ui_accepts(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", key_of(2025, code))


@given(CODES, CODES)
def test_two_departments_never_share_a_key(one: str, other: str) -> None:
    assert (key_of(2025, one) == key_of(2025, other)) is (one == other)


def test_a_page_that_says_something_else_has_another_fingerprint() -> None:
    page = Page("department-2025-101", "第一局", (("通知", "待发送"),), (), ())
    sent = Page("department-2025-101", "第一局", (("通知", "2026-03-10已发送"),), (), ())
    assert page.fingerprint() != sent.fingerprint()
    assert page.fingerprint() == Page("department-2025-101", "第一局", (("通知", "待发送"),), (), ()).fingerprint()
