"""An office that already works is upgraded: whatever stood in its tables stands there afterwards, from every earlier form."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, DateTime, Integer, MetaData, Numeric, inspect, text
from sqlalchemy.types import JSON, Date

from tasks import settings, store

OLD = sorted(path.name[:4] for path in (store.MIGRATIONS / "versions").glob("0*.py"))[:-1]


def _value(column: Column[Any]) -> Any:
    kind = column.type
    for known, value in (
        (Boolean, False),
        (Integer, 1),
        (DateTime, datetime(2026, 3, 1, tzinfo=UTC)),
        (Date, datetime(2026, 3, 1, tzinfo=UTC).date()),
        (Numeric, Decimal(1)),
        (JSON, {}),
    ):
        if isinstance(kind, known):
            return value
    return "x"


def _fill(connection: Connection) -> list[str]:
    """One row in every table, each referring to the first of every other."""
    found = MetaData()
    found.reflect(connection)
    tables = [table for table in found.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        connection.execute(table.insert().values({c.name: _value(c) for c in table.columns}))
    return [table.name for table in tables]


def _unchecked(connection: Connection) -> None:
    # The rows refer to each other in a ring.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        plain = connection.connection.driver_connection
        assert plain is not None
        plain.execute("PRAGMA foreign_keys=OFF")


@pytest.mark.parametrize("old", OLD)
def test_a_working_office_is_upgraded_without_losing_a_row(database: str, old: str) -> None:
    made = store.engine(settings.current().resolved_database_url)
    with made.connect() as connection:
        if made.dialect.name == "sqlite":
            _unchecked(connection)
        with connection.begin():
            if made.dialect.name == "postgresql":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            else:
                for name in inspect(connection).get_table_names():
                    connection.execute(text(f'DROP TABLE "{name}"'))
            command.upgrade(store._config(connection), old)
            if made.dialect.name == "postgresql":
                _unchecked(connection)
            tables = _fill(connection)
    made.dispose()
    assert len(tables) > 15
    store.migrate()
    with made.connect() as connection:
        head = ScriptDirectory.from_config(store._config(connection)).get_current_head()
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == head
        for name in tables:
            assert connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() == 1, name
        if made.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
