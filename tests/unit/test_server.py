"""The Prefect server is used where it is named, and said to be missing where it does not answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasks import server


@pytest.mark.parametrize("address", ["", "ftp://127.0.0.1/api", "file:///etc/passwd", "127.0.0.1:4200/api"])
def test_only_web_addresses_are_asked(address: str) -> None:
    assert not server.healthy(address)


def test_a_named_server_that_does_not_answer_is_told_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"http://127.0.0.1:{server.free_port()}/api"
    monkeypatch.setenv("PREFECT_API_URL", address)
    with pytest.raises(server.ServerError, match=address), server.running(tmp_path):
        pytest.fail("nothing runs there")


def test_what_was_set_already_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    monkeypatch.setenv("PREFECT_HOME", "/somewhere")
    try:
        server.prepare_environment(tmp_path)
        assert os.environ["PREFECT_HOME"] == "/somewhere"
        assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]


def test_free_ports_differ_from_one_in_use() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert server.free_port() != taken.getsockname()[1]
