"""What the mail and intake tests share: a real SMTP server on loopback with faults on order, a home, a small roster."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.records import Contact, Cycle, Department, StageDate, Submission
from models.states import ContactRole, CycleState, Stage
from tasks import clock, settings, store

NOON = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)


class Catcher:
    """Keeps every mail it accepts; ``plan`` maps an address to replies to give it, one each time, at RCPT or DATA."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.connections: set[object] = set()
        self.at_rcpt: dict[str, list[str]] = {}
        self.at_data: dict[str, list[str]] = {}
        self.attempts: list[str] = []
        self.at_mail: list[str] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.at_mail:
            return self.at_mail.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.connections.add(session.peer)
        self.attempts.append(address)
        planned = self.at_rcpt.get(address)
        if planned:
            answer = planned.pop(0)
            if answer == "cut":
                server.transport.abort()
                return "250 never read"
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        planned = self.at_data.get(envelope.rcpt_tos[0])
        answer = planned.pop(0) if planned else "250 OK"
        if answer.startswith(("4", "5")):
            return answer
        self.raw.append(envelope.original_content)
        self.mails.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        if answer == "cut":
            server.transport.abort()
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.mails if address in m["To"]]


class _Login:
    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.login == b"pingjia" and data.password == b"correct-horse"
        return AuthResult(success=good, handled=good)


class _Server(Controller):
    def __init__(self, handler: Catcher, **options: Any) -> None:
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=0, ssl_context=options.pop("wrap", None))

    def factory(self) -> SMTP:
        return SMTP(self.handler, data_size_limit=60_000_000, **self.options)

    def _trigger_server(self) -> None:
        # Port 0 lets the system choose; the controller must learn which it was before it tries the connection.
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()
            return
        anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anyone.check_hostname = False
        anyone.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain, anyone.wrap_socket(plain) as wrapped:
            wrapped.recv(1024)


@contextmanager
def smtp_server(catcher: Catcher, **options: Any) -> Iterator[int]:
    """A real SMTP server on loopback; yields its port."""
    server = _Server(catcher, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def login_required(context: ssl.SSLContext) -> dict[str, Any]:
    """Options for a server that wants STARTTLS and then a login."""
    return {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": _Login(),
        "auth_required": True,
    }


def use_home(monkeypatch: pytest.MonkeyPatch, folder: Path, **values: object) -> None:
    """Point the settings at a fresh home with these JIXIAO_* values."""
    defaults: dict[str, object] = {
        "home": folder,
        "mail_from": "pingjia@czj.example",
        "mail_from_name": "青禾县财政局绩效评价股",
        "smtp_host": "127.0.0.1",
        "smtp_security": "none",
    }
    for name in [n for n in os.environ if n.startswith("JIXIAO_") and n != clock.ENVIRONMENT]:
        monkeypatch.delenv(name)
    for name, value in (defaults | values).items():
        monkeypatch.setenv(f"JIXIAO_{name.upper()}", str(value))
    settings.current.cache_clear()
    store.migrate()


def found_year(departments: int = 3, state: CycleState = CycleState.COLLECTING) -> int:
    """A cycle with departments 101, 102, ...; returns the cycle's id."""
    with store.session() as db:
        cycle = Cycle(
            fiscal_year=2025,
            county="青禾县",
            bureau="青禾县财政局",
            office="绩效评价股",
            ruleset_id="sichuan-2023",
            ruleset_digest="0" * 64,
            document_number="青财绩〔2026〕3号",
            state=state,
            opened_at=NOON,
        )
        db.add(cycle)
        db.flush()
        assert cycle.id is not None
        db.add(StageDate(cycle_id=cycle.id, stage=Stage.SUBMIT_BY, due_on=date(2026, 4, 15)))
        for number in range(101, 101 + departments):
            department = Department(
                code=str(number), name=f"青禾县第{number}局", short_names=[f"{number}局"], stratum="行政"
            )
            db.add(department)
            db.flush()
            assert department.id is not None
            db.add(
                Contact(
                    department_id=department.id,
                    name=f"经办{number}",
                    role=ContactRole.HANDLER,
                    address=f"d{number}@qh.example",
                )
            )
            db.add(
                Contact(
                    department_id=department.id,
                    name=f"领导{number}",
                    role=ContactRole.LEADER,
                    address=f"l{number}@qh.example",
                )
            )
            db.add(Submission(cycle_id=cycle.id, department_id=department.id))
        return cycle.id


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that only its own file vouches for; returns that file and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, secret = folder / "ca.pem", folder / "key.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority, secret)
    return authority, context
