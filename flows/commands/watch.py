"""``jixiao watch``: the dead-man check without a worker (值守检查), for cron, systemd or ``jixiao up`` to call."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from flows.commands import environment
from tasks import server, store, watching

UNREACHABLE = watching.Alarm(
    "server",
    "工作流服务没有响应",
    "工作流服务没有响应，年度工作不会自动推进。",
    "请在服务器上运行 jixiao up，或检查服务与网络后重新启动。",
)


def watch(home: Path) -> int:
    """Check and mail the staff (值守检查); 0 when all is well, 1 with the reasons otherwise."""
    environment.enter(home)
    store.migrate()
    address = os.environ.setdefault("PREFECT_API_URL", server.noted(home))
    from flows import watch as desk

    if server.healthy(address):
        found = desk.look()
    else:
        found = [UNREACHABLE]
    desk.tell(found)
    console = Console()
    for alarm in found:
        console.print(f"[red]✗[/] {alarm.what}{alarm.next_step}", soft_wrap=True)
    if not found:
        console.print("[green]一切正常。[/]")
    return 1 if found else 0
