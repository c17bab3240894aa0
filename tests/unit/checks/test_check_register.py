"""Every check explains itself and is documented."""

from __future__ import annotations

from pathlib import Path

from models.checks import CHECKS, fingerprint, title_of

DOCS = Path(__file__).resolve().parents[3] / "docs" / "checks.md"


def test_codes_are_unique_slugs_and_every_check_explains_itself():
    codes = [one.code for one in CHECKS]
    assert len(set(codes)) == len(codes)
    for check in CHECKS:
        assert check.code.replace("-", "").isascii() and check.code == check.code.lower()
        assert min(len(check.title), len(check.what), len(check.example), len(check.doubt)) >= 4


def test_the_manual_names_every_check_with_its_words():
    manual = DOCS.read_text(encoding="utf-8")
    for check in CHECKS:
        assert f"`{check.code}`" in manual
        assert check.what in manual and check.example in manual and check.doubt in manual


def test_every_code_has_one_title_and_the_manual_names_it():
    manual = DOCS.read_text(encoding="utf-8")
    codes = [code for check in CHECKS for code in (check.code, *check.also)]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert title_of(code) != code and f"`{code}`" in manual


def test_a_finding_keeps_its_fingerprint_when_its_paragraph_moves(report):
    text = "本年支出总额100万元，其中：基本支出60万元，项目支出45万元。"
    here, moved = report(text).examine()[0], report("新增一段说明文字。", text).examine()[0]
    assert here.places[0].source != moved.places[0].source
    assert fingerprint(here) == fingerprint(moved)
    changed = report(text.replace("45", "46")).examine()[0]
    assert fingerprint(changed) != fingerprint(here)
