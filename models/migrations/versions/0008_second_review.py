"""seats of a review; findings that no longer stand after a correction"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seat", sa.String(length=32), nullable=False, server_default="first"))
        batch_op.drop_constraint(op.f("uq_review_draw_id_submission_id"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_review_draw_id_submission_id_seat"), ["draw_id", "submission_id", "seat"]
        )
    with op.batch_alter_table("findingrecord", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_at", models.records.base.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("replaced_because", TEXT(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("findingrecord", schema=None) as batch_op:
        batch_op.drop_column("replaced_because")
        batch_op.drop_column("replaced_at")
    op.execute("DELETE FROM reviewline WHERE review_id IN (SELECT id FROM review WHERE seat <> 'first')")
    op.execute("DELETE FROM review WHERE seat <> 'first'")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_review_draw_id_submission_id_seat"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_review_draw_id_submission_id"), ["draw_id", "submission_id"])
        batch_op.drop_column("seat")
