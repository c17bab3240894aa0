"""The Prefect server is used where it is named, and said to be missing where it does not answer."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
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


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment without anything of Prefect's, put back afterwards."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith("PREFECT_")]:
        del os.environ[name]
    yield monkeypatch
    os.environ.clear()
    os.environ.update(before)


def test_what_was_set_already_is_kept(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    os.environ.update(PREFECT_HOME="/somewhere", PREFECT_API_SSL_CERT_FILE="/our/ca.pem")
    server.prepare_environment(tmp_path)
    assert os.environ["PREFECT_HOME"] == "/somewhere"
    assert os.environ["PREFECT_API_SSL_CERT_FILE"] == "/our/ca.pem"
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_clients_of_our_own_server_read_one_authority_and_ask_for_no_token(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    server.prepare_environment(tmp_path)
    ssl.create_default_context(cafile=os.environ["PREFECT_API_SSL_CERT_FILE"])
    assert Path(os.environ["PREFECT_API_SSL_CERT_FILE"]).stat().st_size < 10_000
    assert os.environ["PREFECT_CLIENT_CSRF_SUPPORT_ENABLED"] == "false"


def test_clients_of_a_server_elsewhere_verify_it_and_a_guarded_server_gets_its_token(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    os.environ["PREFECT_API_URL"] = "https://prefect.example/api"
    server.prepare_environment(tmp_path)
    assert "PREFECT_API_SSL_CERT_FILE" not in os.environ
    del os.environ["PREFECT_API_URL"]
    os.environ["PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED"] = "true"
    server.prepare_environment(tmp_path)
    assert "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED" not in os.environ


def test_free_ports_differ_from_one_in_use() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert server.free_port() != taken.getsockname()[1]
