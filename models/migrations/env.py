"""How Alembic reaches the database: the caller hands over a connection (数据库结构升级)."""

from alembic import context
from sqlmodel import SQLModel

import models.records  # noqa: F401  registers the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
