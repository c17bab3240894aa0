"""Cleaning, tokens, the text part: what foreign text may and may not do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mail import token
from tasks.mail.cleaning import file_label, one_line
from tasks.mail.plain import text_of
from tasks.mail.token import Purpose, Token

codes = st.from_regex(r"[A-Z0-9]{1,6}(-[0-9]{1,4})?", fullmatch=True)


@given(st.text())
def test_a_line_never_holds_a_control_or_direction_character(text):
    assert {unicodedata.category(c) for c in one_line(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert one_line(one_line(text)) == one_line(text)


@given(st.text(min_size=1))
def test_a_file_label_is_never_a_path_and_never_empty(name):
    label = file_label(name)
    assert label
    assert not set(label) & set('\\/:*?"<>|\r\n\0')
    assert label not in {".", ".."}
    assert len(label) <= 180


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\资料\\自评报告.docx", "自评报告.docx"),
        ("报告\u202excod.exe", "报告xcod.exe"),
        ("报告.docx\r\nBcc x@y", "报告.docx Bcc x@y"),
        ("   ", "未命名文件"),
        ("e\u0301.docx", "é.docx"),
    ],
)
def test_file_labels(name, label):
    assert file_label(name) == label


def test_rare_characters_of_names_are_kept():
    assert one_line("\ue863丽\U00031350") == "\ue863丽\U00031350"


def test_a_long_name_keeps_its_suffix():
    assert file_label("很长" * 200 + ".docx").endswith("….docx")
    assert len(file_label("很长" * 200 + ".docx")) <= 180


@given(st.integers(2000, 2099), codes, st.sampled_from(list(Purpose)))
def test_a_token_that_was_made_is_read_back(year, code, purpose):
    made = token.make(year, code, purpose)
    assert token.find_all(f"回复：Re: {made}关于自评的通知") == [Token(year, code, purpose)]


@pytest.mark.parametrize(
    "subject",
    [
        "Re: [绩效2025-101-整改] 报告",
        "答复：【绩效2025－101－整改】",
        "【 绩效2025—101—整改 】",
        "转发: 【绩效２０２５-１０１-整改】",
    ],
)
def test_retyped_tokens_are_understood(subject):
    assert token.parse(subject) == Token(2025, "101", Purpose.RECTIFICATION)


@pytest.mark.parametrize("subject", ["", "自评材料", "【绩效101】", "绩效2025-101", "【绩效2025-】"])
def test_what_is_no_token_is_not_taken_for_one(subject):
    assert token.parse(subject) is None


def test_two_tokens_are_both_reported():
    assert [t.code for t in token.find_all("【绩效2025-101】转【绩效2025-102】")] == ["101", "102"]


def test_the_text_part_keeps_the_words_and_the_rows():
    html = "<html><head><style>p{}</style><title>x</title></head><body><h1>回执</h1><p>第1行\n  续</p>"
    html += "<table><tr><th>项目</th><th>分</th></tr><tr><td><b>甲</b><div>理由</div></td><td>9 &lt; 10</td></tr></table></body></html>"
    assert text_of(html) == "回执\n\n第1行 续\n\n项目 | 分\n甲 理由 | 9 < 10\n"
