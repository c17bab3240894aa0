"""letters mailed again after they came back; which letters are for a department's leader"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = models.records.base.UtcTime

# Only letters to a leader address a person of the department by name.
TO_LEADERS = """
UPDATE letter SET to_leader = :yes
WHERE kind = 'escalation' OR (kind = 'rectification_reminder' AND html LIKE '%>' || to_name || '同志：<%')
"""


def upgrade() -> None:
    op.create_table(
        "mailedagain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("again_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT(length=500), nullable=False),
        sa.Column("decided_by", TEXT(length=60), nullable=False),
        sa.Column("decided_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_mailedagain_letter_id_letter")),
        sa.ForeignKeyConstraint(["again_id"], ["letter.id"], name=op.f("fk_mailedagain_again_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailedagain")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_mailedagain_letter_id")),
        sa.UniqueConstraint("again_id", name=op.f("uq_mailedagain_again_id")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("to_leader", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.get_bind().execute(sa.text(TO_LEADERS), {"yes": True})


def downgrade() -> None:
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_column("to_leader")
    op.drop_table("mailedagain")
