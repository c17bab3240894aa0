"""Whose delivery it is: agreement identifies, disagreement goes to a person."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasks.intake.identify import Evidence, Identified, Unclear, identify
from tasks.intake.roster import Known, Roster
from tasks.mail.token import Purpose, Token

ROSTER = Roster(
    fiscal_year=2025,
    own_address="pingjia@czj.example",
    departments={
        1: Known(1, "101", "青禾县教育局", ("青禾县教育局", "教育局")),
        2: Known(2, "102", "青禾县水务局", ("青禾县水务局", "水务局")),
        3: Known(3, "103", "青禾县水务局河道管理所", ("青禾县水务局河道管理所",)),
    },
    contacts={
        "jy@qh.example": frozenset({1}),
        "sw@qh.example": frozenset({2, 3}),
    },
    reviewers={"fuhe@firm.example": frozenset({1}), "jy@qh.example": frozenset({2})},
)


def mark(code: str, purpose: Purpose = Purpose.MATERIAL, year: int = 2025) -> Token:
    return Token(year, code, purpose)


def test_a_known_sender_is_enough():
    assert identify(Evidence(senders=("jy@qh.example",)), ROSTER) == Identified(1, Purpose.MATERIAL, "发件地址")


def test_the_strongest_evidence_is_named():
    evidence = Evidence((mark("101"),), (mark("101"),), ("jy@qh.example",))
    assert identify(evidence, ROSTER) == Identified(1, Purpose.MATERIAL, "工作簿指纹")


def test_an_address_shared_by_two_departments_needs_a_token():
    assert isinstance(identify(Evidence(senders=("sw@qh.example",)), ROSTER), Unclear)
    evidence = Evidence(tokens=(mark("103"),), senders=("sw@qh.example",))
    assert identify(evidence, ROSTER) == Identified(3, Purpose.MATERIAL, "主题标记")


def test_an_unknown_sender_with_the_right_token_waits_for_a_person():
    found = identify(Evidence(tokens=(mark("101"),), senders=("who@mail.example",)), ROSTER)
    assert isinstance(found, Unclear)
    assert found.perhaps == 1
    assert "不是名册中的联系人" in found.reason


def test_two_senders_in_one_mail_are_suspicious():
    found = identify(Evidence(senders=("jy@qh.example", "who@mail.example")), ROSTER)
    assert isinstance(found, Unclear)
    assert "多个发件地址" in found.reason


def test_a_token_of_another_year_or_an_unknown_code_waits():
    old = identify(Evidence(tokens=(mark("101", year=2024),), senders=("jy@qh.example",)), ROSTER)
    strange = identify(Evidence(tokens=(mark("999"),), senders=("jy@qh.example",)), ROSTER)
    assert isinstance(old, Unclear)
    assert "2024年度" in old.reason
    assert isinstance(strange, Unclear)
    assert "999" in strange.reason


def test_a_review_comes_from_its_reviewer_and_from_nobody_else():
    good = Evidence(tokens=(mark("101", Purpose.REVIEW),), senders=("fuhe@firm.example",))
    assert identify(good, ROSTER) == Identified(1, Purpose.REVIEW, "主题标记")
    own = Evidence(tokens=(mark("101", Purpose.REVIEW),), senders=("jy@qh.example",))
    assert isinstance(identify(own, ROSTER), Unclear)


def test_a_reviewer_without_token_is_understood():
    assert identify(Evidence(senders=("fuhe@firm.example",)), ROSTER) == Identified(1, Purpose.REVIEW, "发件地址")


def test_the_workbook_says_what_it_is_even_when_the_thread_is_another():
    evidence = Evidence((mark("101", Purpose.RECTIFICATION),), (mark("101"),), ("jy@qh.example",))
    assert identify(evidence, ROSTER) == Identified(1, Purpose.RECTIFICATION, "工作簿指纹")


def test_the_drop_folder_names_department_and_purpose():
    assert identify(Evidence(folder=("101",)), ROSTER) == Identified(1, Purpose.MATERIAL, "收件文件夹")
    assert identify(Evidence(folder=("水务局", "整改")), ROSTER) == Identified(2, Purpose.RECTIFICATION, "收件文件夹")
    assert identify(Evidence(folder=("102水务局",)), ROSTER) == Identified(2, Purpose.MATERIAL, "收件文件夹")


def test_a_file_in_no_department_folder_is_identified_by_the_name_inside():
    found = identify(Evidence(folder=(), named_inside=("青禾县教育局（本级）",)), ROSTER)
    assert found == Identified(1, Purpose.MATERIAL, "材料内单位名称")


def test_the_longer_name_wins_over_the_one_it_contains():
    assert ROSTER.named("青禾县水务局河道管理所") == frozenset({3})
    assert ROSTER.named("水务局") == frozenset({2})
    assert ROSTER.named("青禾县水务局机关后勤科") == frozenset({2})


def test_a_printed_name_that_fits_nobody_or_everybody_claims_nothing():
    assert ROSTER.named("青禾县") == frozenset()
    assert ROSTER.named("青禾县档案馆") == frozenset()
    assert ROSTER.named("局") == frozenset()
    assert identify(Evidence(senders=("jy@qh.example",), named_inside=("青禾县",)), ROSTER) == Identified(
        1, Purpose.MATERIAL, "发件地址"
    )


def test_another_departments_report_from_a_known_sender_waits():
    found = identify(Evidence(senders=("jy@qh.example",), named_inside=("水务局",)), ROSTER)
    assert isinstance(found, Unclear)
    assert "互相矛盾" in found.reason


def test_nothing_known_is_said_plainly():
    found = identify(Evidence(folder=("杂项",)), ROSTER)
    assert found == Unclear("没有任何信息表明是哪个部门的材料")


marks = st.builds(Token, st.just(2025), st.sampled_from(["101", "102", "103"]), st.sampled_from(list(Purpose)))
evidences = st.builds(
    Evidence,
    st.lists(marks, max_size=2).map(tuple),
    st.lists(marks, max_size=2).map(tuple),
    st.lists(st.sampled_from([*ROSTER.contacts, *ROSTER.reviewers, "who@mail.example"]), max_size=2).map(tuple),
    st.none() | st.just(("101",)),
    st.lists(st.sampled_from(["教育局", "水务局"]), max_size=2).map(tuple),
)


@given(evidences)
def test_who_is_identified_is_contradicted_by_nothing(evidence):
    found = identify(evidence, ROSTER)
    if isinstance(found, Identified):
        code = ROSTER.departments[found.department_id].code
        assert {t.code for t in evidence.fingerprints + evidence.tokens} <= {code}
        if evidence.folder is None:
            allowed = ROSTER.reviewers if found.purpose is Purpose.REVIEW else ROSTER.contacts
            [sender] = evidence.senders
            assert found.department_id in allowed[sender]
    else:
        assert found.reason
