"""severity, evidence and repetition of remediation items; cancelled reviews"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table("rectificationitem", schema=None) as batch_op:
        batch_op.add_column(sa.Column("severity", sa.String(length=32), nullable=False, server_default="minor"))
        batch_op.add_column(sa.Column("evidence_needed", TEXT(), nullable=True))
        batch_op.add_column(sa.Column("repeats", TEXT(), nullable=True))
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cancelled_at", models.records.base.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("cancelled_because", TEXT(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_column("cancelled_because")
        batch_op.drop_column("cancelled_at")
    with op.batch_alter_table("rectificationitem", schema=None) as batch_op:
        batch_op.drop_column("repeats")
        batch_op.drop_column("evidence_needed")
        batch_op.drop_column("severity")
