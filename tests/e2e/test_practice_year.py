"""What a practice year promises: it closes, every letter leaves once, every figure can be traced and recomputed."""

from __future__ import annotations

import csv
import email
import json
import re
import sqlite3
from collections import Counter
from decimal import Decimal
from email import policy
from pathlib import Path

import pytest

from models import sampling
from tasks.practice.county import load
from tests.e2e.conftest import SECONDS, Year, jixiao

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(SECONDS)]

CONTRACT = ("jixiao.db", "site/index.html", "results/results.xlsx", "results/results.csv", "results/results.json",
            "audit.jsonl", "spot-check.json")  # fmt: skip


def rows(year: Year, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(year.home / "jixiao.db") as connection:
        return list(connection.execute(query))


def test_the_year_reaches_its_end(year: Year) -> None:
    assert year.code == 0, year.output
    assert rows(year, "SELECT state FROM cycle") == [("closed",)]


@pytest.mark.parametrize("name", CONTRACT)
def test_the_year_leaves_what_the_contract_says(year: Year, name: str) -> None:
    assert (year.home / name).stat().st_size > 0


def test_every_letter_of_the_outbox_arrived_exactly_once(year: Year) -> None:
    kept = [row[0] for row in rows(year, "SELECT message_id FROM letter WHERE state = 'sent'")]
    arrived = [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"].strip()
        for path in (year.home / "mail" / "out").glob("*.eml")
    ]
    assert sorted(arrived) == sorted(kept)
    assert {row[0] for row in rows(year, "SELECT DISTINCT state FROM letter")} == {"sent", "delivered"}


def test_what_one_department_gets_is_brought_on_paper_and_signed_for(year: Year) -> None:
    brought = [row[0] for row in rows(year, "SELECT key FROM letter WHERE state = 'delivered'")]
    assert sorted(name.replace(".", "/") for name in year.brought_names()) == sorted(map(str, brought))
    assert {str(key).split("/")[1] for key in brought} == {"103"}
    assert not list((year.home / "mail" / "out").glob("*2025.103.*"))
    assert rows(year, "SELECT count(*) FROM letter WHERE key LIKE '2025/103/%' AND state <> 'delivered'") == [(0,)]
    proofs = rows(year, "SELECT DISTINCT means, signed_by, receipt_number <> '' FROM letterdelivery")
    assert proofs == [("exchange", "单位收发室", 1)]
    assert not list((year.home / "documents" / "待送达函件-2025").glob("*/函件.html")), "nothing is left to bring"


def test_every_stage_of_correspondence_happened(year: Year) -> None:
    kinds = Counter(row[0] for row in rows(year, "SELECT kind FROM letter"))
    assert kinds["notice"] == 12
    assert kinds["published"] == 24, "one mistake was found after publication: all got the corrected edition too"
    assert kinds["rectification"] == 11
    assert kinds["result"] == 13, "one result was told anew after an objection, one with the corrected edition"
    assert kinds["extension"] == kinds["objection_received"] == kinds["objection_decided"] == 2
    assert kinds["correction"] == 2
    assert kinds["escalation"] == 1
    assert kinds["drawn"] == kinds["review_task"] == 6
    assert kinds["second_review_task"] == kinds["settlement_task"] == 1
    assert kinds["reminder"] > 0
    assert kinds["rectification_returned"] == 1


def test_the_departments_end_as_their_stories_say(year: Year) -> None:
    county = load(12, 2025)
    drawn = [d for d in year.results["departments"] if d["spot_checked"]]
    assert {d["deduction"] for d in drawn} == {"0", "4", "8", "10"}
    for department in drawn:
        told = county.department(department["code"])
        assert Decimal(department["self_score"]) == told.self_score
        assert Decimal(department["review_score"]) == told.settled_score
        if told.settled_score == told.review_score:
            assert Decimal(department["deduction"]) == told.story.deduction


def test_an_upheld_objection_changes_that_result_and_a_refused_one_changes_nothing(year: Year) -> None:
    versions = rows(
        year,
        "SELECT d.code, o.number, o.final_score FROM outcomerecord o JOIN submission s ON s.id = o.submission_id"
        " JOIN department d ON d.id = s.department_id WHERE d.code IN ('104', '110') ORDER BY 1, 2",
    )
    told = [(code, number, Decimal(str(score))) for code, number, score in versions]
    # 104: 68.61 in review, 8 deducted; 72.61 with the four points that were given back, and 9.64 % costs only 4.
    assert told == [("104", 1, Decimal("70.61")), ("104", 2, Decimal("78.61")), ("110", 1, Decimal("93"))]
    assert (year.department("104")["final_score"], year.department("104")["deduction"]) == ("78.61", "4")
    [upheld] = year.texts("104.objection_decided")
    assert "申诉成立" in upheld and "78.61" in upheld
    [refused] = year.texts("110.objection_decided")
    assert "维持原" in refused
    items = rows(
        year,
        "SELECT problem FROM rectificationitem i JOIN submission s ON s.id = i.submission_id"
        " JOIN department d ON d.id = s.department_id WHERE d.code = '104' AND problem LIKE '应用反馈%'",
    )
    assert items == [], "what the objection gave back is nothing to put right"


def test_one_department_gets_more_time_and_another_does_not(year: Year) -> None:
    [granted] = year.texts("102.extension")
    assert "同意延期" in granted and "2026年5月8日" in granted
    [refused] = year.texts("104.extension")
    assert "不同意延期" in refused and "2026年4月30日" in refused
    late = rows(
        year,
        "SELECT d.code, s.extended_to, v.received_on, v.days_late FROM submissionversion v"
        " JOIN submission s ON s.id = v.submission_id JOIN department d ON d.id = s.department_id WHERE d.code = '102'",
    )
    assert late == [("102", "2026-05-08", "2026-05-06", 0)]
    reminded = rows(year, "SELECT number FROM letter WHERE key LIKE '2025/102/reminder/%' ORDER BY number")
    assert reminded == [(20260423,), (20260503,)]


def test_material_from_an_unknown_address_waited_and_was_let_in_by_name(year: Year) -> None:
    [released] = [event for event in year.events() if event["what"] == "receipt.released"]
    assert (released["who"], released["new"]["department"]) == ("禾一鸣", "110")
    assert rows(
        year,
        "SELECT sender, outcome FROM receipt WHERE sender = 'scjgj-cw@qinghe.example'",
    ) == [("scjgj-cw@qinghe.example", "submission")]
    [letter] = year.to("110.receipt")
    assert letter["To"].addresses[0].addr_spec == "scjgj@qinghe.example", "answers go to the registered contact"


def test_who_never_sends_has_no_score_and_no_grade(year: Year) -> None:
    silent = year.department("111")
    assert (silent["final_score"], silent["grade"], silent["self_score"]) == (None, None, None)
    assert silent["status"] == "not_submitted"


def test_who_was_not_drawn_is_rescaled_and_never_shown_as_deducted(year: Year) -> None:
    for department in year.results["departments"]:
        if department["final_score"] is not None and not department["spot_checked"]:
            assert department["review_score"] is None
            assert department["deduction"] is None
            assert all(line["final"] is None for line in department["lines"] if line["rule"] == "self-accuracy")


def test_the_forbidden_line_is_a_finding_and_gives_no_points(year: Year) -> None:
    found = rows(
        year,
        "SELECT f.severity, f.message FROM findingrecord f JOIN reading r ON r.id = f.reading_id"
        " JOIN submissionversion v ON v.id = r.version_id JOIN submission s ON s.id = v.submission_id"
        " JOIN department d ON d.id = s.department_id WHERE d.code = '109' AND f.code LIKE '%forbidden%'",
    )
    assert found
    assert "自评准确" in str(found[0][1])


def test_a_quietly_lowered_target_is_found_told_in_the_receipt_and_put_right(year: Year) -> None:
    [(severity, message)] = rows(
        year, "SELECT severity, message FROM findingrecord WHERE code LIKE 'approved-%' AND severity <> 'confirmed'"
    )
    assert severity == "error"
    assert "小区居民满意度" in str(message) and "批复为≥90%、所报为≥85%" in str(message)
    [path] = (year.home / "mail" / "out").glob("*107.receipt.1.*")
    body = email.message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("html",))
    assert body is not None and "批复为≥90%" in body.get_content()
    assert rows(year, "SELECT count(*) FROM rectificationitem WHERE problem LIKE '%批复为≥90%'") == [(1,)]


def test_the_wrong_year_and_the_broken_file_are_returned_and_then_accepted(year: Year) -> None:
    for code in ("105", "106"):
        events = [
            json.loads(line)
            for line in (year.home / "audit.jsonl").read_text("utf-8").splitlines()
            if f'"{code}"' in line and "submission.moved" in line
        ]
        assert [e["new"]["state"] for e in events] == ["needs_correction", "accepted"]


def test_lateness_is_counted_in_working_days(year: Year) -> None:
    late = rows(
        year,
        "SELECT v.days_late FROM submissionversion v JOIN submission s ON s.id = v.submission_id"
        " JOIN department d ON d.id = s.department_id WHERE d.code = '112'",
    )
    # Six calendar days after 30 April 2026, of which the May holiday takes five.
    assert late == [(1,)]


def test_the_receipt_of_a_new_version_names_what_changed(year: Year) -> None:
    [path] = (year.home / "mail" / "out").glob("*108.receipt.2.*")
    body = email.message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("html",))
    assert body is not None
    text = re.sub(r"<[^>]+>", "", body.get_content())
    assert "81.85" in text
    assert "79.85" in text


def test_the_draw_can_be_repeated_from_its_record(year: Year) -> None:
    record = json.loads((year.home / "spot-check.json").read_text("utf-8"))
    assert sampling.verify(record)
    drawn = {u["code"] for u in record["units"] if u["drawn"]}
    assert drawn == {d["code"] for d in year.results["departments"] if d["spot_checked"]}
    assert "111" not in {u["code"] for u in record["units"]}


def test_every_remediation_item_was_verified(year: Year) -> None:
    assert {row[0] for row in rows(year, "SELECT DISTINCT state FROM rectificationitem")} == {"verified"}


def test_the_site_loads_nothing_from_elsewhere_and_names_no_contact(year: Year) -> None:
    county = load(12, 2025)
    private = [d.contact.name for d in county.departments] + [d.contact.address or "" for d in county.departments]
    for path in (year.home / "site").rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text("utf-8")
            assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text), path
            assert not [name for name in private if name and name in text], path


def test_csv_json_and_database_tell_the_same_scores(year: Year) -> None:
    with (year.home / "results" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {row["部门编码"]: row["最终得分"] for row in csv.DictReader(file)}
    told = {d["code"]: d["final_score"] for d in year.results["departments"]}
    stored = dict(
        rows(
            year,
            "SELECT d.code, o.final_score FROM outcomerecord o JOIN submission s ON s.id = o.submission_id"
            " JOIN department d ON d.id = s.department_id ORDER BY o.number",
        )
    )
    for code, score in told.items():
        if score is not None:
            assert Decimal(table[code]) == Decimal(score) == Decimal(str(stored[code]))


def test_verify_confirms_every_digest_and_score(year: Year) -> None:
    done = jixiao("verify", "--home", str(year.home))
    assert done.returncode == 0, done.stdout
    assert "全部一致" in done.stdout


def test_running_the_finished_year_again_changes_nothing(year: Year) -> None:
    before = (year.home / "results" / "results.json").read_bytes(), year.letter_names(), _events(year.home)
    again = jixiao("demo", "--home", str(year.home))
    assert again.returncode == 0
    assert ((year.home / "results" / "results.json").read_bytes(), year.letter_names(), _events(year.home)) == before


def test_a_folder_started_with_other_options_is_refused(year: Year) -> None:
    done = jixiao("demo", "--home", str(year.home), "--departments", "5")
    assert done.returncode == 1
    assert "请用相同参数继续" in done.stderr
    assert "Traceback" not in done.stderr


def _events(home: Path) -> int:
    return len((home / "audit.jsonl").read_text("utf-8").splitlines())
