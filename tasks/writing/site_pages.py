"""The pages of the public site (公开网站页面): what each shows, from the published editions and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from jinja2 import Environment

from models.deviation import BASE_WORDS
from models.numbers import rounded, trimmed
from models.published import PublishedDepartment, PublishedResults
from models.rules.wording import VALUES
from tasks.writing.charts import grade_chart, review_scatter, score_histogram, score_strips, year_line
from tasks.writing.results import results_csv, results_json, results_workbook
from tasks.writing.site_view import SiteExtras, band_sentences, page_name, sample_estimate

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Site:
    """Everything the pages show (网站内容). ``draw`` is the public draw record; ``earlier`` editions, oldest first."""

    results: PublishedResults
    earlier: tuple[PublishedResults, ...]
    extras: SiteExtras
    draw: Mapping[str, Any] | None
    engine: Environment

    @property
    def editions(self) -> tuple[PublishedResults, ...]:
        """All editions (各版次), oldest first."""
        return (*self.earlier, self.results)

    def page(
        self, name: str, edition: PublishedResults, folder: str, template: str, **values: Any
    ) -> tuple[str, bytes]:
        """One page (网页): ``name`` inside the ``folder`` of its edition, whose links lead upwards from where it lies."""
        up = "../" * name.count("/")
        common = {
            "results": edition,
            "newest": self.results,
            "editions": self.editions,
            "extras": self.extras,
            "draw": self.draw,
            "own": up,
            "root": up + "../" * folder.count("/"),
        }
        text = self.engine.get_template(f"site/{template}.html.j2").render(**common, **values)
        return folder + name, (text.strip() + "\n").encode()


def pages(site: Site) -> Files:
    """Every page and data file (全部网页和数据文件): the newest edition at the top, each earlier one in a folder of its own."""
    yield from _edition(site, site.results, "")
    for edition in site.earlier:
        yield from _edition(site, edition, f"editions/{edition.edition}/")
    yield site.page("editions.html", site.results, "", "editions")
    for before, edition in zip(site.editions, site.editions[1:], strict=False):
        name = f"changes-{edition.edition}.html"
        yield site.page(name, edition, "", "changes", before=before, gone=_gone(edition))
    if site.extras.rules_text:
        # No line feed at the end: the sha256 of the file is the fingerprint on the page.
        yield "data/rules.json", site.extras.rules_text.encode()
    bands = band_sentences(site.extras.deviation)
    words = BASE_WORDS[site.extras.deviation.base]
    yield site.page("methods.html", site.results, "", "methods", bands=bands, base_words=words)
    if site.draw is not None:
        told = sample_estimate(site.draw, site.results, site.extras.deviation)
        shown = {department.code for department in site.results.departments}
        measure = VALUES["measure"].get(site.draw.get("policy", {}).get("measure", ""), "")
        script = _repeating(site.engine)
        yield site.page(
            "draw.html", site.results, "", "draw", estimate=told, shown=shown, measure=measure, script=script
        )
        yield "data/repeat_draw.py", script.encode()
        yield "data/draw.json", (json.dumps(site.draw, ensure_ascii=False, indent=2) + "\n").encode()


def _repeating(engine: Environment) -> str:
    """The program with which anybody repeats the draw (演算程序); it stands on the page and lies beside the record."""
    assert engine.loader is not None
    return engine.loader.get_source(engine, "site/repeat_draw.py")[0]


def _edition(site: Site, edition: PublishedResults, folder: str) -> Files:
    yield site.page("index.html", edition, folder, "index", **_overview(edition, site.extras))
    for number, department in enumerate(edition.departments):
        around = _neighbours(edition, number)
        yield site.page(
            f"departments/{page_name(department.code)}",
            edition,
            folder,
            "department",
            d=department,
            revised=[change for change in edition.revisions if change.code == department.code],
            corrected_from=_stood_in(site, edition, department),
            past=_past(site.extras, edition, department),
            **around,
        )
    yield f"{folder}data/results.json", results_json(edition)
    yield f"{folder}data/results.csv", results_csv(edition)
    yield f"{folder}data/results.xlsx", results_workbook(edition)


def _stood_in(site: Site, edition: PublishedResults, department: PublishedDepartment) -> bool:
    """Whether the edition that this one corrects had a page of the department (更正前的版次中有无本部门)."""
    before = edition.correction.edition if edition.correction else None
    return any(d.code == department.code for e in site.earlier if e.edition == before for d in e.departments)


def _gone(edition: PublishedResults) -> int:
    return int(edition.correction.withdrawn) if edition.correction else 0


def _past(extras: SiteExtras, edition: PublishedResults, department: PublishedDepartment) -> list[tuple[str, str, str]]:
    """A department's results of earlier years and this one (历年结果) as (year, score, grade); empty without earlier ones."""
    found = [
        (past.year, trimmed(past.scores[department.code]), past.grades.get(department.code, "—"))
        for past in extras.past
        if department.code in past.scores
    ]
    if found:
        score = "—" if department.final_score is None else trimmed(department.final_score)
        found.append((edition.fiscal_year, score, department.grade or department.status_label))
    return found


def _neighbours(results: PublishedResults, number: int) -> dict[str, PublishedDepartment | None]:
    departments = results.departments
    return {
        "before": departments[number - 1] if number else None,
        "after": departments[number + 1] if number + 1 < len(departments) else None,
    }


def _overview(results: PublishedResults, extras: SiteExtras) -> dict[str, Any]:
    departments = results.departments
    scores = [department.final_score for department in departments if department.final_score is not None]
    average = rounded(mean(scores)) if scores else None
    years = [(past.year, past.average) for past in extras.past if past.average is not None]
    if average is not None and years:
        years.append((results.fiscal_year, average))
    line, dots = year_line(years)
    best = [band.name for band in extras.grade_bands[:2]]
    return {
        "average": average,
        "good": sum(1 for department in departments if department.grade in best),
        "good_words": "、".join(best),
        "checked": sum(1 for department in departments if department.spot_checked),
        "silent": sum(1 for department in departments if department.status == "not_submitted"),
        "grades": grade_chart(departments, extras.grade_bands),
        "grade_order": [band.name for band in extras.grade_bands],
        "histogram": score_histogram(departments),
        "scatter": review_scatter(departments, extras.deviation),
        "strips": score_strips(departments, extras.grade_bands),
        "year_points": line,
        "year_dots": dots,
    }
