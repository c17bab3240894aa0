"""The process of the Prefect server (工作流服务进程): Prefect's own command, its memory tidied up beside the event loop.

    python -P -m tasks.server_process prefect server start --port 4200

On SQLite a plain server stands still for a minute every few minutes of work, and whoever presses a button waits. Measured:
Python's collector runs wherever something is made, so also in the event loop's thread; there it finds an old SQLite cursor
whose connection is waiting, in a thread of its own, for the turn to write, and waits for it; but whose turn it is can only
go on in the event loop. After 60 s the waiting one gives up ("database is locked"). Here a thread of its own collects, and
the event loop never waits for it: tests/integration/test_server_process.py.
"""

from __future__ import annotations

import gc
import sys
import threading
import time

# Seconds between two collections of what is young; every so many, all is looked through.
SECONDS = 1.0
ALL_OF = 30
YOUNG, ALL = 1, 2


def collect_aside() -> threading.Thread:
    """Leave collecting to a thread of its own (另开线程回收内存) from now on."""
    gc.disable()
    thread = threading.Thread(target=_collect, name="collector", daemon=True)
    thread.start()
    return thread


def _collect() -> None:
    turn = 0
    while True:
        time.sleep(SECONDS)
        turn += 1
        gc.collect(YOUNG if turn % ALL_OF else ALL)


def main() -> None:
    """Carry out a command of Prefect's (执行工作流命令行)."""
    from prefect.cli import app

    collect_aside()
    sys.argv = sys.argv[1:]
    app()


if __name__ == "__main__":
    main()
