"""Every kind of page of the public site passes a real accessibility checker, wide, narrow and on paper."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "unit" / "writing"), str(ROOT / "deployments")]

import site_samples  # noqa: E402
from browser import Page, browser  # noqa: E402

RUN = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
  one => one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = (
    "index.html",
    "methods.html",
    "draw.html",
    "editions.html",
    "changes-2.html",
    "departments/101.html",
    "departments/102.html",
    "departments/106.html",
    "editions/1/index.html",
    "editions/1/departments/101.html",
)
LOOKS = ((1280, "screen"), (390, "screen"), (794, "print"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "site"
    site_samples.build(folder)
    return folder


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    if not any(shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser")):
        pytest.skip("no chromium on this machine")
    with browser() as page:
        yield page


@pytest.mark.parametrize(("width", "media"), LOOKS)
def test_no_page_breaks_a_rule_or_has_to_be_pushed_sideways(site: Path, tab: Page, width: int, media: str) -> None:
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    broken: dict[str, Any] = {}
    for name in PAGES:
        tab.open((site / name).as_uri(), width, media=media)
        pushed = tab.value(SIDEWAYS)
        tab.value(axe + ";0")
        found = [*tab.value(RUN), *([f"{pushed} px too wide"] if pushed else [])]
        if found:
            broken[name] = found
    assert broken == {}


def test_the_checker_finds_what_is_wrong(tmp_path: Path, tab: Page) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<html><body><img src='x.png'><p style='color:#eee'>浅色的字很难看清楚</p></body></html>", "utf-8")
    tab.open(page.as_uri())
    tab.value(resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8") + ";0")
    assert {found.partition(":")[0] for found in tab.value(RUN)} >= {"image-alt", "color-contrast", "html-has-lang"}
