"""A classified unit in the draw: the public record names it nowhere and can be repeated by anyone."""

from __future__ import annotations

import json
import stat
from fractions import Fraction
from hashlib import sha256
from typing import Any

from sqlmodel import Session
from year_kit import CLERK, SEED, YEAR, cycle, decide, on

from flows.draw_spot_check import draw_spot_check, prepare_draw
from flows.forms import DrawForm
from models import rules, sampling, sealing
from models.deviation import DeviationPolicy
from models.published import DepartmentResult, PublishedResults, published_results
from models.records import DrawRecord
from models.states import Gate
from tasks import lookup, store, verification
from tasks.stages import draw
from tasks.writing.site_view import public_draw, sample_estimate

SECRET = "108"


def _repeat(record: dict[str, Any]) -> set[str]:
    """The few lines of docs/rules.md, written once more."""
    told: set[str] = set()
    for layer in {u["stratum"] for u in record["units"]}:
        mine = [u for u in record["units"] if u["stratum"] == layer]
        start = Fraction(int(sha256(f"{record['seed']}|{layer}".encode()).hexdigest(), 16), 2**256)
        told |= {u["code"] for u in mine if u["ratio"] == "1/1"}
        rest = [u for u in mine if u["ratio"] != "1/1"]
        end = Fraction(0)
        for u in sorted(rest, key=lambda u: sha256(f"{record['seed']}|{layer}|{u['code']}".encode()).hexdigest()):
            end += Fraction(u["ratio"])
            if start < end:
                told.add(u["code"])
                start += 1
    return told


def test_the_published_draw_hides_a_classified_unit_and_is_repeated_by_anyone(year_at: Any) -> None:
    year = year_at("judged", on(7, 1))
    with store.session() as db:
        _, department = lookup.submission_of(db, cycle(db), SECRET)
        department.withheld = True
        db.add(department)
        name = department.name
    prepare_draw(DrawForm(fiscal_year=YEAR.fiscal_year, seed=SEED, operator=CLERK))
    decide(Gate.DRAW)
    draw_spot_check(YEAR)
    text = (year.home / "spot-check.json").read_text("utf-8")
    record = json.loads(text)
    assert name not in text and f'"{SECRET}"' not in text
    assert sampling.verify(text)
    assert _repeat(record) == {u["code"] for u in record["units"] if u["drawn"]}
    assert stat.S_IMODE((year.home / "draw.key").stat().st_mode) == 0o600
    with store.session() as db:
        made = lookup.draw_in_force(db, cycle(db))
        again = {u.code: u.alias for u in draw.frame(db, cycle(db))}
        results = _results(db)
    assert isinstance(made, DrawRecord)
    assert {u["code"]: u.get("alias") for u in made.record["units"]} == again, "the same alias whenever it is asked"
    shown = public_draw(record, results)
    assert "abridged" not in shown and len(shown["units"]) == len(made.record["units"])
    assert sampling.verify(json.dumps(shown))
    assert verification.verify().differences == ()
    [hidden] = [u for u in record["units"] if u["name"] == sealing.SEALED_NAME]
    if hidden["drawn"]:
        assert sample_estimate(shown, results, DeviationPolicy()) is None, (
            "its result is not public, so nothing is said"
        )


def _results(db: Session) -> PublishedResults:
    """What is public: the classified unit is not in it."""
    year = cycle(db)
    found = [
        DepartmentResult(code=d.code, name=d.name, outcome=None, withheld=d.withheld)
        for _, d in lookup.submissions(db, year)
    ]
    ruleset = rules.load(year.ruleset_id)
    return published_results(ruleset, found, fiscal_year=year.fiscal_year, county=year.county, bureau=year.bureau)
