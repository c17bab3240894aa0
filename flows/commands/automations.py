"""The rules by which the server itself acts (自动处置规则), put in place under their names."""

from __future__ import annotations

import yaml
from prefect.client.orchestration import get_client
from prefect.events.schemas.automations import AutomationCore

from tasks import settings

FILE = settings.PROJECT_ROOT / "deployments" / "automations.yaml"


def wanted() -> list[AutomationCore]:
    """The automations of deployments/automations.yaml (自动处置规则), as Prefect understands them."""
    rows = yaml.safe_load(FILE.read_text("utf-8"))["automations"]
    return [AutomationCore.model_validate(row) for row in rows]


def register() -> list[str]:
    """Make or update each automation by its name (登记自动处置规则); Prefect's own command would make a second one."""
    names = []
    with get_client(sync_client=True) as client:
        for automation in wanted():
            known = client.read_automations_by_name(automation.name)
            if known:
                client.update_automation(known[0].id, automation)
            else:
                client.create_automation(automation)
            for double in known[1:]:
                client.delete_automation(double.id)
            names.append(automation.name)
    return names
