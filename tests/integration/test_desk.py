"""At a real server: forms offer what the data holds, an error is one sentence, a signature is one link away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import year_kit
from prefect.artifacts import Artifact
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.utilities.callables import parameter_schema
from year_kit import CLERK, LEADER, NUMBER, on

from flows import links, offering, progress_page
from flows.advance_cycle import advance_cycle
from flows.commands.shelf import Shelf
from flows.decide_gate import decide_gate
from flows.dismiss_finding import dismiss_finding
from flows.draw_spot_check import prepare_draw
from flows.forms import DismissalForm, GateForm, NoticeForm, YearForm
from flows.issue_notice import prepare_notice
from flows.show_board import show_board
from models.records import Cycle
from models.states import CycleState, Gate
from tasks import lookup, store
from tasks.practice import world
from tasks.stages import progress, tables

YEAR = world.FISCAL_YEAR


@pytest.fixture
def deployed(prefect_harness: None) -> Iterator[dict[str, Any]]:
    """Two steps as the office deploys them, by name."""
    made = {}
    with get_client(sync_client=True) as client:
        for place, flow in (("01", decide_gate), ("32", dismiss_finding)):
            made[flow.name] = client.create_deployment(
                flow_id=client.create_flow_from_name(flow.name),
                name=f"{place} {flow.name}",
                parameter_openapi_schema=parameter_schema(flow.fn).model_dump_for_openapi(),
                enforce_parameter_schema=True,
            )
        links._deployments.cache_clear()
        yield made
        for one in made.values():
            client.delete_deployment(one)
    links._deployments.cache_clear()


def properties(deployment: Any, form: str) -> dict[str, Any]:
    with get_client(sync_client=True) as client:
        schema = client.read_deployment(deployment).parameter_openapi_schema
    found: dict[str, Any] = schema["definitions"][form]["properties"]
    return found


def run(deployment: Any, **form: Any) -> None:
    with get_client(sync_client=True) as client:
        client.create_flow_run_from_deployment(deployment, parameters={"form": form})


def test_lists_on_the_server_follow_the_data_and_never_lock_anybody_out(deployed: dict[str, Any], year_at: Any) -> None:
    year_at("scored", on(5, 15))
    assert offering.refresh() == 2
    assert offering.refresh() == 0
    shown = properties(deployed["排除疑点"], "DismissalForm")
    departments = shown["department"]["anyOf"][0]["enum"]
    assert [entry.split()[0] for entry in departments] == list(year_kit.CODES)
    finding = shown["finding"]["anyOf"][0]["enum"][0]
    form = {"operator": CLERK, "reason": "四舍五入所致。"}
    run(deployed["排除疑点"], department=departments[0], finding=finding, **form)
    # What came after the list was made is typed; what no form can mean is refused before a run exists.
    run(deployed["排除疑点"], department="999", finding=12345, **form)
    with pytest.raises(PrefectHTTPStatusError, match="finding"):
        run(deployed["排除疑点"], department="105", finding=0, **form)

    number, code = finding.split()[:2]
    dismiss_finding(DismissalForm(fiscal_year=YEAR, department=code, finding=int(number), **form))
    assert offering.refresh() == 1
    assert finding not in properties(deployed["排除疑点"], "DismissalForm")["finding"]["anyOf"][0]["enum"]


def test_a_code_that_nobody_has_is_answered_in_one_chinese_sentence(prefect_harness: None, year_at: Any) -> None:
    year_at("scored", on(5, 15))
    form = DismissalForm(fiscal_year=YEAR, department="999", finding=1, reason="试试", operator=CLERK)
    state = dismiss_finding(form, return_state=True)
    assert state.is_failed()
    assert state.message == f"{YEAR}年度没有代码为“999”的部门，请核对部门代码。"
    with pytest.raises(LookupError, match="999"):
        dismiss_finding(form)


def test_another_draw_without_a_reason_never_becomes_a_run(prefect_harness: None, year_at: Any) -> None:
    year_at("drawn", on(7, 1))
    with get_client(sync_client=True) as client:
        step = client.create_deployment(
            flow_id=client.create_flow_from_name(prepare_draw.name),
            name=f"40 {prepare_draw.name}",
            parameter_openapi_schema=parameter_schema(prepare_draw.fn).model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )
    offering.refresh(always=True)
    form = {"operator": CLERK, "fiscal_year": YEAR}
    with pytest.raises(PrefectHTTPStatusError, match="redraw_reason"):
        run(step, seed="另一个种子", **form)
    run(step, seed="另一个种子", redraw_reason="名单有误。", **form)
    run(step, seed=year_kit.SEED, **form)
    with get_client(sync_client=True) as client:
        client.delete_deployment(step)


def test_a_refusal_without_a_reason_never_becomes_a_run(deployed: dict[str, Any]) -> None:
    form = {"fiscal_year": YEAR, "gate": "印发通知", "digest": "12345678", "approver": LEADER}
    with pytest.raises(PrefectHTTPStatusError, match="reason"):
        run(deployed["审批"], decision="不同意", **form)
    run(deployed["审批"], decision="不同意", reason="附件缺页。", **form)


def test_the_approver_signs_by_a_link_that_holds_the_digest(deployed: dict[str, Any], year_at: Any) -> None:
    year_at("opened", on(3, 10))
    prepare_notice(NoticeForm(fiscal_year=YEAR, document_number=NUMBER, operator=CLERK))
    page = str(Artifact.get(f"approve-notice-{YEAR}").data)  # type: ignore[union-attr]
    found = re.search(r"/deployments/deployment/([0-9a-f-]+)/run\?parameters=([^)]+)\)", page)
    assert found is not None and found[1] == str(deployed["审批"])
    filled = json.loads(unquote(found[2]))["form"]
    run(deployed["审批"], **filled, decision="同意", approver=LEADER)
    form = GateForm.model_validate(filled | {"decision": "同意", "approver": CLERK})
    assert "须由另一人审批" in (decide_gate(form, return_state=True).message or "")
    decide_gate(GateForm.model_validate(filled | {"decision": "同意", "approver": LEADER}))
    with store.session() as db:
        matter = lookup.latest_approval(db, year_kit.cycle(db), Gate.NOTICE)
        assert matter is not None and matter.decided_by == LEADER and matter.digest == filled["digest"]


def test_the_page_of_a_year_says_how_far_it_is_and_who_is_waited_for(deployed: dict[str, Any], year_at: Any) -> None:
    year_at("drawn", on(7, 1))
    found = progress.progress(YEAR)
    assert found.state is CycleState.SCORING and 30 < found.percent < 50
    page = progress_page.page(found)
    assert "签署“抽查名单”的审批意见](/v2/deployments/" in page and progress_page.bar(found.percent) in page
    assert "| 部门报送 | 已接收 | 4 |" in page and "| 部门报送 | 未报送 | 1 |" in page
    assert found.coming is not None and found.coming.due_on == on(7, 1).date() and "今天" in page


def test_the_lists_for_staff_name_the_numbers_that_the_forms_ask_for(prefect_harness: None, year_at: Any) -> None:
    year_at("scored", on(5, 15))
    doubts = tables.findings_table(YEAR)
    assert doubts and {row["处理"] for row in doubts} == {"待处理"}
    first = doubts[0]
    values = {"fiscal_year": YEAR, "department": first["代码"], "finding": first["疑点编号"]}
    dismiss_finding(DismissalForm(**values, operator=CLERK, reason="四舍五入所致。"))
    after = next(row for row in tables.findings_table(YEAR) if row["疑点编号"] == first["疑点编号"])
    assert after["处理"] == f"{CLERK}已排除：四舍五入所致。"
    letters = tables.letters_table(YEAR)
    assert len({row["函件编号"] for row in letters}) == len(letters) > len(year_kit.CODES)
    assert {row["部门"] for row in letters} <= {d.name for d in year_kit.small_county().departments}
    show_board(YearForm(fiscal_year=YEAR))
    page = progress_page.page(progress.progress(YEAR))
    assert f"[疑点一览](/v2/artifacts/key/findings-{YEAR})" in page


def test_the_daily_step_serves_every_open_year_and_one_that_fails_does_not_stop_the_next(
    year_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    year_at("opened", on(3, 10))
    with store.session() as db:
        shared = year_kit.cycle(db).model_dump(exclude={"id", "fiscal_year", "state"})
        db.add(Cycle(**shared, fiscal_year=YEAR - 1, state=CycleState.RECTIFYING))
        db.add(Cycle(**shared, fiscal_year=YEAR - 2, state=CycleState.CLOSED))
    whole = progress.progress

    def broken(fiscal_year: int) -> progress.Progress:
        if fiscal_year == YEAR - 1:
            raise ValueError("旧年度的数据缺一页。")
        return whole(fiscal_year)

    monkeypatch.setattr(progress, "progress", broken)
    state = advance_cycle(YearForm(), return_state=True)
    told = state.message or ""
    assert state.is_failed() and "旧年度的数据缺一页" in told
    assert told.index(f"{YEAR - 1}年度：") < told.index(f"{YEAR}年度：准备中")
    assert f"{YEAR - 2}年度" not in told
    only = advance_cycle(YearForm(fiscal_year=YEAR), return_state=True)
    assert only.is_completed()


def test_produced_files_are_served_and_nothing_else(tmp_path: Any) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "通知.docx").write_bytes(b"PK")
    (tmp_path / "documents" / ".hidden").write_text("no")
    (tmp_path / "jixiao.env").write_text("secret")
    (tmp_path / "documents" / "way-out").symlink_to(tmp_path / "jixiao.env")
    shelf = Shelf(tmp_path, 0)
    try:
        with httpx.Client(base_url=shelf.address) as client:
            good = client.get("/documents/通知.docx")
            assert good.content == b"PK" and good.headers["x-content-type-options"] == "nosniff"
            for path in ("/", "/documents/", "/jixiao.env", "/documents/../jixiao.env", "/documents/%2e%2e/jixiao.env",
                         "/documents/.hidden", "/documents/way-out", "/results/x", "//jixiao.env"):  # fmt: skip
                assert client.get(path).status_code == 404, path
            assert client.get("/documents/通知.docx", headers={"Host": "evil.example"}).status_code == 404
            assert client.post("/documents/通知.docx").status_code == 501
    finally:
        shelf.close()
