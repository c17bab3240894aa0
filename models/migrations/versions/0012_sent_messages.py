"""the mails as they were handed to the server"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = models.records.base.UtcTime


def upgrade() -> None:
    op.create_table(
        "lettermessage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("to_address", TEXT(length=254), nullable=False),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_of", TEXT(length=64), nullable=False),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_lettermessage_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lettermessage")),
        sa.UniqueConstraint("letter_id", "number", name=op.f("uq_lettermessage_letter_id_number")),
    )
    with op.batch_alter_table("lettermessage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lettermessage_letter_id"), ["letter_id"], unique=False)


def downgrade() -> None:
    op.drop_table("lettermessage")
