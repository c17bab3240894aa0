"""What departments wrote stays words on the pages of the Prefect UI."""

from __future__ import annotations

from html import unescape

import pytest

from flows.plainly import in_table, on_page

NASTY = [
    "[点此确认](http://evil.example)",
    "![](http://evil.example/x.png)",
    "<img src=http://evil.example/x.png>",
    "http://evil.example www.evil.example",
    "a|b\n\n# 标题 *强调* `代码` ~~划去~~ <script>alert(1)</script>",
]


@pytest.mark.parametrize("words", NASTY)
def test_on_a_page_nothing_becomes_a_link_an_image_or_a_new_row(words: str) -> None:
    shown = on_page(words)
    assert not any(mark in shown for mark in ("[", "]", "<", ">", "|", "`", "*", "~", "://", "www.", "\n"))
    assert unescape(shown) == " ".join(words.split())


@pytest.mark.parametrize("words", NASTY)
def test_in_a_table_markup_is_written_full_width_and_reads_the_same(words: str) -> None:
    shown = in_table(words)
    assert not any(mark in shown for mark in ("[", "]", "<", ">", "|", "`", "*", "~"))
    assert len(shown) == len(words)


def test_absent_is_a_dash_and_several_stand_in_a_row() -> None:
    assert (on_page(None), on_page(""), in_table(None), in_table([]), in_table(["a", None])) == (
        "—",
        "—",
        "—",
        "—",
        "a、—",
    )
