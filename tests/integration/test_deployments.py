"""Every flow can be started by staff, every schedule keeps Chinese time, every field says what it wants, nothing calls home."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema
from prefect.utilities.templating import find_placeholders
from pydantic import BaseModel

import flows
from flows import going_on
from flows.commands import automations, environment
from flows.forms import YearForm
from tasks import server, settings

DEPLOYMENTS = settings.PROJECT_ROOT / "deployments"
PREFECT_FILE = DEPLOYMENTS / "prefect.yaml"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAME = re.compile(r"^\d\d \S+$")
ROWS: list[dict[str, Any]] = yaml.safe_load(PREFECT_FILE.read_text("utf-8"))["deployments"]


def flow_at(entrypoint: str) -> Flow[..., Any]:
    module, _, name = entrypoint.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, Flow)
    return found


def all_flows() -> Iterator[str]:
    """Entrypoints of every flow that is defined in the package flows."""
    for module in pkgutil.walk_packages(flows.__path__, "flows."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Flow) and value.fn.__module__ == module.name:
                yield f"{module.name}.{name}"


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}", field


def forms() -> set[type[BaseModel]]:
    hints = [get_type_hints(flow_at(row["entrypoint"]).fn) for row in ROWS]
    return {hint["form"] for hint in hints if "form" in hint}


def test_every_flow_has_one_deployment_and_every_deployment_a_flow() -> None:
    deployed = [row["entrypoint"] for row in ROWS]
    assert sorted(deployed) == sorted(all_flows())
    assert len(set(deployed)) == len(deployed)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["entrypoint"].rpartition(".")[2])
def test_a_deployment_says_in_chinese_what_it_does(row: dict[str, Any]) -> None:
    flow = flow_at(row["entrypoint"])
    assert NAME.match(row["name"]), (
        "name it by its two-digit place in the office manual and its flow, like “14 印发通知”"
    )
    assert CHINESE.search(flow.name) and row["name"][3:] == flow.name
    assert len(CHINESE.findall(row["description"])) >= 8
    assert all(CHINESE.search(tag) for tag in row["tags"])
    assert row["work_pool"]["name"] == "bureau"


def test_deployment_names_and_numbers_are_unique() -> None:
    names = [row["name"] for row in ROWS]
    assert len(set(names)) == len(names)
    assert len({name[:2] for name in names}) == len(names)


def test_a_flow_asks_through_one_form_or_not_at_all() -> None:
    for row in ROWS:
        flow = flow_at(row["entrypoint"])
        assert set(parameter_schema(flow.fn).properties) in ({"form"}, set()), row["name"]


@pytest.mark.parametrize("form", sorted(forms(), key=lambda form: form.__name__), ids=lambda form: form.__name__)
def test_every_form_field_has_a_chinese_title(form: type[BaseModel]) -> None:
    for name, field in fields(form):
        assert field.title and CHINESE.search(field.title), f"{name} has no Chinese title"
        assert not field.description or CHINESE.search(field.description), f"{name}: its help is not Chinese"
    assert CHINESE.match(form.model_json_schema()["description"]), f"the help above {form.__name__} is not Chinese"


def test_schedules_have_a_slug_a_time_zone_and_parameters_that_survive_a_pause() -> None:
    scheduled = [row for row in ROWS if row.get("schedules")]
    for row in scheduled:
        slugs = [schedule["slug"] for schedule in row["schedules"]]
        assert len(set(slugs)) == len(slugs) == len(row["schedules"])
        for schedule in row["schedules"]:
            assert schedule["timezone"] == settings.Settings.model_fields["time_zone"].default
            assert "parameters" not in schedule, "the UI empties a schedule's parameters; put them on the deployment"
            assert "active" not in schedule, "deploying again would switch on what staff switched off"
        needs_form = "form" in flow_at(row["entrypoint"]).fn.__annotations__
        assert (row.get("parameters") == {"form": {}}) is needs_form, row["name"]
        assert row["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


def test_the_year_has_its_dates_and_the_office_its_rhythm() -> None:
    slugs = {(row["name"][3:], schedule["slug"]) for row in ROWS for schedule in row.get("schedules", [])}
    assert {
        ("推进年度工作", "daily"),
        ("印发通知", "yearly-notice"),
        ("催报", "yearly-deadline"),
        ("推进年度工作", "yearly-scoring"),
        ("下达抽查任务", "yearly-draw"),
        ("公开评价结果", "yearly-publication"),
        ("收取材料", "half-hourly"),
        ("发送函件", "half-hourly"),
    } <= slugs


def test_what_a_schedule_starts_needs_nobody_to_fill_in_a_form() -> None:
    for row in ROWS:
        if row.get("schedules"):
            flow_at(row["entrypoint"]).validate_parameters(dict(row.get("parameters", {})))


def test_the_file_holds_nothing_of_one_machine() -> None:
    text = PREFECT_FILE.read_text("utf-8")
    assert yaml.safe_load(text)["pull"] == []
    assert not re.search(r"(?<![\w*/])/(home|work|root|tmp|opt|usr)/", text)
    for row in ROWS:
        assert "{{ $" not in str(row.get("job_variables")) and not find_placeholders(row["work_pool"])


def test_failures_of_scheduled_runs_reach_the_staff_and_alerts_never_alert_themselves() -> None:
    notify = next(row for row in ROWS if row["entrypoint"].endswith(".notify_staff"))
    assert "自动" not in notify["tags"] and "绩效评价" not in notify["tags"]
    expected = {event for trigger in notify["triggers"] for event in trigger["expect"]}
    assert {f"prefect.flow-run.{state}" for state in ("Failed", "Crashed", "TimedOut", "Late")} <= expected
    assert all("自动" in row["tags"] or "值守" in row["tags"] for row in ROWS if row.get("schedules"))


def test_what_is_started_again_by_itself_asks_nobody_anything_and_runs_alone() -> None:
    """Nobody's name is on a second try: only steps that want no more than a year are begun again without a person."""
    for row in ROWS:
        again, alone = going_on.TAG in row["tags"], "concurrency_limit" in row and "值守" not in row["tags"]
        assert again is alone, row["name"]
        if again:
            assert get_type_hints(flow_at(row["entrypoint"]).fn)["form"] is YearForm


def test_a_run_without_a_heartbeat_is_declared_crashed() -> None:
    rule = next(a for a in automations.wanted() if "prefect.flow-run.heartbeat" in a.trigger.after)
    assert rule.actions[0].type == "change-flow-run-state"
    assert rule.actions[0].state.value == "CRASHED"


def test_nothing_calls_home() -> None:
    assert server.QUIET["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert server.QUIET["DO_NOT_TRACK"] == "1"
    compose = (DEPLOYMENTS / "docker-compose.yml").read_text("utf-8")
    common = yaml.safe_load(compose)["x-prefect"]
    assert common["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert common["DO_NOT_TRACK"] == "1"


def test_env_example_names_every_setting_with_its_help_and_its_default() -> None:
    text = (DEPLOYMENTS / "env.example").read_text("utf-8")
    wanted = {f"JIXIAO_{name.upper()}": field for name, field in settings.Settings.model_fields.items()}
    told = {
        name: (help_text, value)
        for help_text, name, value in re.findall(r"^# (.+)\n# (JIXIAO_\w+)=(.*)$", text, re.MULTILINE)
    }
    assert set(told) == set(wanted)
    for name, field in wanted.items():
        assert told[name][0] == field.description, f"{name}: its help differs from tasks/settings.py"
        plain = field.default if isinstance(field.default, str | int | float) else ""
        if plain != "" and not isinstance(field.default, Path):
            assert told[name][1] == str(plain), f"{name}: its default differs from tasks/settings.py"


def test_a_new_data_folder_gets_a_settings_file_that_only_its_owner_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIXIAO_MAIL_FROM", raising=False)
    monkeypatch.setenv("JIXIAO_HOME", "")
    made = environment.offer_settings(tmp_path / "new")
    assert made is not None and stat.S_IMODE(made.stat().st_mode) == 0o600
    assert environment.offer_settings(tmp_path / "new") is None
    made.write_text("JIXIAO_MAIL_FROM=jixiao@office.example\n", "utf-8")
    made.chmod(0o644)
    try:
        environment.enter(tmp_path / "new")
        assert settings.current().mail_from == "jixiao@office.example"
        assert settings.current().home == tmp_path / "new"
        assert stat.S_IMODE(made.stat().st_mode) == 0o600
    finally:
        os.environ.pop("JIXIAO_MAIL_FROM", None)
        settings.current.cache_clear()


def test_a_list_in_a_form_shows_labels_and_takes_labels_and_codes() -> None:
    from flows.forms import GateForm
    from models.states import Decision, Gate

    shown = parameter_schema(flow_at("flows.decide_gate.decide_gate").fn).model_dump_for_openapi()
    gate = shown["definitions"]["GateForm"]["properties"]["gate"]
    assert gate["enum"] == [member.label for member in Gate] and gate["title"] == "审批事项"
    filled = {"digest": "12345678", "approver": "负责人乙", "fiscal_year": 2025}
    by_label = GateForm.model_validate(filled | {"gate": "抽查名单", "decision": "同意"})
    assert by_label == GateForm.model_validate(filled | {"gate": "draw", "decision": "approved"})
    assert (by_label.gate, by_label.decision) == (Gate.DRAW, Decision.APPROVED)


def test_the_server_makes_runs_out_of_a_schedule(prefect_harness: None) -> None:
    """Prefect's own insert of scheduled runs fails under SQLAlchemy 2.1, silently but for its log: no schedule ever runs."""
    from datetime import UTC, datetime, timedelta

    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    row = next(row for row in ROWS if row["entrypoint"].endswith(".watch"))
    cron = row["schedules"][0]
    schedule = DeploymentScheduleCreate(schedule=CronSchedule(cron=cron["cron"], timezone=cron["timezone"]))
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}), get_client(sync_client=True) as client:
        made = client.create_deployment(
            flow_id=client.create_flow_from_name(flow_at(row["entrypoint"]).name),
            name=row["name"],
            schedules=[schedule],
        )
        asked = client.request(
            "POST",
            "/deployments/{id}/schedule",
            path_params={"id": made},
            json={"end_time": (datetime.now(UTC) + timedelta(days=3)).isoformat(), "min_runs": 3},
        )
        assert asked.status_code == 200
        assert len(client.read_flow_runs()) >= 3
