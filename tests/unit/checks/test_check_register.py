"""Every check explains itself and is documented."""

from __future__ import annotations

from pathlib import Path

from models.checks import CHECKS

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
