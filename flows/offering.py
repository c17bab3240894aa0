"""Lists in the forms (表单下拉清单): what the data offers is written into the deployments' forms on the Prefect server.

Each listed field gets two ways in: the list, and the plain field beside it. A list that is a minute old therefore never
keeps anybody from working, and a wrong code that is typed is answered by the step itself, in words.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate, VariableUpdate

from flows.form_lists import MARK, NEEDED
from tasks.stages import choices
from tasks.stages.choices import Listed

# Where the plain field is kept while its list is shown, and the note on the server of what the forms offer now.
PLAIN = "x-plain"
NOTE = "form_lists"
FROM_LIST, BY_HAND = "从清单中选", "自行填写"
MOST_DEPLOYMENTS = 200

log = logging.getLogger(__name__)


def with_lists(schema: Mapping[str, Any], lists: Mapping[str, list[Any]], year: int | None) -> dict[str, Any]:
    """A form's schema with its lists filled in (填入清单). An empty list leaves the plain field; filling again replaces."""
    made: dict[str, Any] = json.loads(json.dumps(schema))
    for form in (made, *made.get("definitions", {}).values()):
        properties = form.get("properties", {})
        for name, field in properties.items():
            if isinstance(field, dict) and field.get(MARK) in lists:
                properties[name] = _offer(field, lists[field[MARK]], year)
            if isinstance(field, dict) and NEEDED in field:
                _demand(form, name, field[NEEDED], lists.get(field[NEEDED]["list"], []), year)
    return made


def _demand(form: dict[str, Any], name: str, mark: dict[str, str], known: list[Any], year: int | None) -> None:
    """Make a field one that must be filled in (条件必填) where the data says so; such a form has no other conditions."""
    ways = [
        {
            "properties": {mark["known"]: {"const": value}, mark["same"]: {"not": {"const": same}}},
            # What is left out is the year that the page fills in.
            "required": [] if value == year else [mark["known"]],
        }
        for value, same in known
    ]
    form.pop("if", None)
    form.pop("then", None)
    if ways:
        form |= {"if": {"anyOf": ways}, "then": {"required": [name], "properties": {name: {"minLength": 1}}}}


def _offer(field: dict[str, Any], entries: list[Any], year: int | None) -> dict[str, Any]:
    plain: dict[str, Any] = field.get(PLAIN, field)
    if not entries:
        return plain
    outside = {key: plain[key] for key in ("title", "description", "default", MARK, "position") if key in plain}
    inside = {key: value for key, value in plain.items() if key not in outside and key != "anyOf"}
    if plain[MARK] == Listed.YEARS:
        chosen: dict[str, Any] = {"type": "integer", "enum": entries}
        outside |= {"default": year} if year is not None else {}
    elif plain.get("type") == "array":
        # Prefect shows a list of several only where the entries themselves are the list.
        chosen = {"type": "array", "items": {"type": "string", "enum": entries}}
    else:
        chosen = {"type": "string", "enum": entries}
    return outside | {
        "anyOf": [chosen | {"title": FROM_LIST}, inside | {"title": BY_HAND}],
        PLAIN: plain,
    }


def refresh(*, always: bool = False) -> int:
    """Bring the lists of all forms up to date (更新下拉清单); returns how many forms changed.

    Costs one small question when nothing changed since the last time; ``always`` asks every form, as after deploying.
    """
    lists, year = choices.lists(), next(reversed(choices.open_years()), None)
    mark = hashlib.sha256(json.dumps([lists, year], ensure_ascii=False).encode()).hexdigest()
    with get_client(sync_client=True) as client:
        known = client.read_variable_by_name(NOTE)
        if known is not None and known.value == mark and not always:
            return 0
        changed = sum(_publish(client, one, lists, year) for one in client.read_deployments(limit=MOST_DEPLOYMENTS))
        if known is None or known.value != mark:
            if known is None:
                client.create_variable(VariableCreate(name=NOTE, value=mark))
            else:
                client.update_variable(VariableUpdate(name=NOTE, value=mark))
    return changed


def _publish(client: SyncPrefectClient, deployment: Any, lists: Mapping[str, list[Any]], year: int | None) -> bool:
    if deployment.schedules:
        # Changing it would take back the runs it has waiting; and such a step, left without a year, serves every open one.
        return False
    schema = deployment.parameter_openapi_schema or {}
    filled = with_lists(schema, lists, year)
    if filled == schema:
        return False
    body = {"parameter_openapi_schema": filled}
    client.request("PATCH", "/deployments/{id}", path_params={"id": deployment.id}, json=body)
    return True


def refresh_quietly(*, always: bool = False) -> None:
    """Bring the lists up to date after a step (办理后更新清单). The step is done whether or not the lists could be shown."""
    try:
        refresh(always=always)
    except Exception as error:  # noqa: BLE001
        # Whatever the server answers, the fields can still be filled in by hand and the next step tries again.
        log.warning("表单下拉清单未能更新，可自行填写：%s", error)
