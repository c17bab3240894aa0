"""The public site: complete, offline, escaped, accessible, and nothing on it that is not on the list."""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "writing"))

import writing_samples as samples

from models.published import PublishedResults
from models.sampling import verify
from tasks.writing.site import build_site
from tasks.writing.site_view import page_name, site_extras

HOSTILE = '<script>document.title="owned"</script><img src=x onerror="document.title=1">'
LOADING = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")}


class Page(HTMLParser):
    """What a page links to, loads and contains."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.ids: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        for name, value in attrs:
            if (tag, name) in LOADING:
                self.loaded.append(value or "")
            if tag == "a" and name == "href":
                self.linked.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def count(self, tag: str) -> int:
        return sum(1 for found, _ in self.tags if found == tag)


def build(folder: Path, results: PublishedResults | None = None, draw: dict[str, object] | None = None) -> list[Page]:
    results = results or samples.results()
    extras = site_extras(samples.rules(), contact="绩效股")
    paths = build_site(results, draw, extras, folder)
    return [Page(path) for path in paths if path.suffix == ".html"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "site"
    build(folder, draw=samples.draw_record([samples.department_result(number) for number in range(6)]))
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Page]:
    return [Page(path) for path in sorted(site.rglob("*.html"))]


def test_there_is_a_page_for_everything(site: Path) -> None:
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert names == {
        "index.html", "methods.html", "editions.html", "draw.html", "style.css", "sort.js", "data/results.json", "data/results.csv",
        "data/results.xlsx", "data/draw.json", "data/repeat_draw.py", "data/rules.json",
        *(f"departments/{101 + number}.html" for number in range(6)),
    }  # fmt: skip


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: list[Page]) -> None:
    for page in pages:
        for address in page.loaded + page.linked:
            assert not re.match(r"[a-z]+:|//", address), (page.path, address)
    for asset in (site / "style.css", site / "sort.js"):
        assert not re.search(r"https?:|url\(|@import|fetch\(", asset.read_text(encoding="utf-8"))


def test_every_link_leads_somewhere(pages: list[Page]) -> None:
    for page in pages:
        for address in page.loaded + page.linked:
            name, _, fragment = address.partition("#")
            target = (page.path.parent / name).resolve() if name else page.path
            assert target.is_file(), (page.path, address)
            if fragment:
                assert fragment in Page(target).ids


def test_pages_are_accessible(pages: list[Page]) -> None:
    for page in pages:
        tags = dict(page.tags)
        assert tags["html"]["lang"] == "zh-CN"
        assert [page.count(tag) for tag in ("h1", "main", "header", "footer", "title")][:4] == [1, 1, 1, 1]
        assert page.count("nav") >= 1 and len(page.ids) == len(set(page.ids))
        assert all(given.get("scope") for tag, given in page.tags if tag == "th")
        for tag, given in page.tags:
            if tag == "svg" and given.get("aria-hidden") != "true":
                assert given["role"] == "img"
                assert all(name in page.ids for name in (given["aria-labelledby"] or "").split())


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(first), light(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_text_colours_have_enough_contrast(site: Path) -> None:
    style = (site / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", style))
    for name in ("ink", "quiet", "red", "blue", "g0", "g1", "g2", "g3"):
        assert contrast(colours[name], "#ffffff") >= 4.5, name
    assert contrast(colours["quiet"], colours["wash"]) >= 4.5


def test_pages_are_light(site: Path) -> None:
    sizes = {path.relative_to(site).as_posix(): path.stat().st_size for path in site.rglob("*") if path.is_file()}
    assert sizes["index.html"] < 30_000
    assert max(size for name, size in sizes.items() if name.startswith("departments/")) < 12_000
    assert sizes["style.css"] + sizes["sort.js"] < 16_000


def test_equal_results_make_equal_bytes(site: Path, tmp_path: Path) -> None:
    build(tmp_path / "again", draw=samples.draw_record([samples.department_result(number) for number in range(6)]))
    for path in (path for path in site.rglob("*") if path.is_file()):
        assert (tmp_path / "again" / path.relative_to(site)).read_bytes() == path.read_bytes(), path


def test_every_explanation_stands_on_the_departments_page(site: Path) -> None:
    for department in samples.results().departments:
        words = (site / "departments" / page_name(department.code)).read_text(encoding="utf-8")
        for line in department.lines:
            assert line.explanation.replace("&", "&amp;") in words


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    hostile = samples.department_result(0, HOSTILE + "很" * 300)
    pages = build(tmp_path / "site", samples.results([hostile]), samples.draw_record([hostile]))
    for page in pages:
        assert page.count("img") == 0
        assert [given.get("src") for tag, given in page.tags if tag == "script"] in ([], ["sort.js"])
        assert not [name for _, given in page.tags for name in given if name.startswith("on")]
        assert 'document.title="owned"' not in page.path.read_text(encoding="utf-8")


def test_a_code_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    odd = samples.department_result(0).model_copy(update={"code": "../../escape"})
    build(tmp_path / "site", samples.results([odd]))
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert len(list((tmp_path / "site" / "departments").iterdir())) == 1


def test_a_withheld_department_appears_nowhere_not_even_in_the_draw(tmp_path: Path) -> None:
    secret = samples.department_result(2, "青禾县某涉密单位", withheld=True)
    everybody = [samples.department_result(0), samples.department_result(1), secret]
    build(tmp_path / "site", samples.results(everybody), samples.draw_record(everybody))
    for path in (path for path in (tmp_path / "site").rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert "涉密单位".encode() not in content and b'"103"' not in content, path
    record = json.loads((tmp_path / "site" / "data" / "draw.json").read_text(encoding="utf-8"))
    assert record["abridged"] is True and len(record["units"]) == 2


def test_the_published_draw_can_be_repeated_by_anyone(site: Path, tmp_path: Path) -> None:
    record = site / "data" / "draw.json"
    assert verify(record.read_text(encoding="utf-8"))
    program = [sys.executable, "-I", "-S", str(site / "data" / "repeat_draw.py")]
    told = subprocess.run([*program, str(record)], capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    assert (told.returncode, "与公布的一致" in told.stdout.decode()) == (0, True)
    forged = tmp_path / "forged.json"
    forged.write_text(record.read_text(encoding="utf-8").replace('"seed": "', '"seed": "9'), encoding="utf-8")
    assert subprocess.run([*program, str(forged)], capture_output=True, check=False).returncode == 1
    page = " ".join(html.unescape((site / "draw.html").read_text(encoding="utf-8")).split())
    assert " ".join((site / "data" / "repeat_draw.py").read_text(encoding="utf-8").split()) in page


def test_the_published_rules_have_the_fingerprint_that_the_results_name(site: Path) -> None:
    told = json.loads((site / "data" / "results.json").read_text(encoding="utf-8"))["ruleset"]["digest"]
    rules_text = (site / "data" / "rules.json").read_bytes()
    assert hashlib.sha256(rules_text).hexdigest() == told
    assert json.loads(rules_text)["rules"]
    assert told in (site / "methods.html").read_text(encoding="utf-8")


def test_a_new_edition_replaces_the_whole_site_and_shows_its_changes(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build(folder)
    (folder / "stale.html").write_text("old", encoding="utf-8")
    build(folder, samples.results(edition=2, changes=("更正青禾县水务局得分",)))
    assert not (folder / "stale.html").exists()
    assert "更正青禾县水务局得分" in (folder / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_build_killed_between_the_renames_is_healed(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build(folder)
    folder.rename(tmp_path / ".site.old")
    (tmp_path / ".site.new").mkdir()
    (tmp_path / ".site.new" / "half.html").write_text("half", encoding="utf-8")
    build(folder)
    assert (folder / "index.html").is_file() and not (folder / "half.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_failed_build_leaves_the_old_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build(folder)
    before = (folder / "index.html").read_bytes()
    with pytest.raises(FileNotFoundError):
        build_site(samples.results(), None, None, folder, templates=broken_templates(tmp_path))
    assert (folder / "index.html").read_bytes() == before


def broken_templates(folder: Path) -> Path:
    """The templates without the style sheet: the build fails after most pages are made."""
    from tasks.writing.templates import TEMPLATES

    copy = folder / "templates"
    shutil.copytree(TEMPLATES, copy)
    (copy / "site" / "style.css").unlink()
    return copy


def test_a_year_without_results_still_has_a_site(tmp_path: Path) -> None:
    silent = samples.department_result(samples.SILENT)
    pages = build(tmp_path / "site", samples.results([silent]))
    assert {page.path.name for page in pages} == {"index.html", "methods.html", "editions.html", f"{silent.code}.html"}


@pytest.mark.slow
def test_a_browser_loads_nothing_from_outside_and_runs_no_injected_script(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium on this machine")
    hostile = samples.department_result(0, HOSTILE)
    build(tmp_path / "site", samples.results([hostile, samples.department_result(1)]))
    log = tmp_path / "net.json"
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--dump-dom", f"file://{tmp_path}/site/index.html",
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert '<html lang="zh-CN" class="js">' in shown and "<button" in shown
    assert "<title>2024年度部门预算绩效评价结果" in shown
    asked = set(re.findall(r'"url":"(https?://[^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    assert {address for address in asked if "google" not in address and "gvt1" not in address} == set()
