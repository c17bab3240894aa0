"""Logs of the office do not grow for ever, and the newest words are kept."""

from __future__ import annotations

from pathlib import Path

from flows.commands import logs


def test_a_small_log_stays_and_a_large_one_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "worker-1.log"
    assert not logs.rotate(log)
    log.write_text("短")
    assert not logs.rotate(log, largest=100)
    with log.open("ab") as writer:
        for number in range(1, 5):
            writer.write(f"{number}".encode() * 200)
            writer.flush()
            assert logs.rotate(log, largest=100, kept=2)
            assert log.stat().st_size == 0
        writer.write(b"new")
        writer.flush()
    assert log.read_text() == "new"
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["worker-1.log", "worker-1.log.1", "worker-1.log.2"]
    assert (tmp_path / "worker-1.log.1").read_text()[0] == "4"
    assert (tmp_path / "worker-1.log.2").read_text()[0] == "3"
