"""The lock of the one sender (发信锁): whoever holds it knows that a letter left in "sending" belongs to a dead run.

The operating system (SQLite) or the database server (PostgreSQL) frees it when the process dies, however it dies.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from tasks import settings, store

# Any number will do; it is the name of the lock on PostgreSQL.
SENDER_LOCK = 7_202_512


@contextmanager
def sole_sender() -> Iterator[bool]:
    """Try to become the only sender (取得发信锁); yields whether it worked, without waiting."""
    url = settings.current().resolved_database_url
    if url.startswith("sqlite"):
        with (settings.current().folder("locks") / "outbox.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        return
    with store.engine(url).connect() as connection:
        got = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": SENDER_LOCK}).scalar_one()
        # The lock belongs to the session, not to the transaction; an open transaction would only hold back the server.
        connection.commit()
        try:
            yield bool(got)
        finally:
            if got:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": SENDER_LOCK})
                connection.commit()
