"""approved targets and budgets, a version an import"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.records.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "targetversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", TEXT(length=64), nullable=False),
        sa.Column("file_name", TEXT(length=200), nullable=False),
        sa.Column("sha256", TEXT(length=64), nullable=False),
        sa.Column("imported_by", TEXT(length=40), nullable=False),
        sa.Column("imported_at", models.records.base.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_targetversion_cycle_id_cycle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targetversion")),
        sa.UniqueConstraint("cycle_id", "number", name=op.f("uq_targetversion_cycle_id_number")),
    )
    op.create_table(
        "approvedprojectrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT(length=200), nullable=False),
        sa.Column("code", TEXT(length=60), nullable=False),
        sa.Column("budget", models.records.base.ExactDecimal(), nullable=True),
        sa.Column("goal", TEXT(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["targetversion.id"], name=op.f("fk_approvedprojectrecord_version_id_targetversion")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_approvedprojectrecord_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvedprojectrecord")),
        sa.UniqueConstraint(
            "version_id", "department_id", "name", name=op.f("uq_approvedprojectrecord_version_id_department_id_name")
        ),
    )
    op.create_table(
        "approvedindicatorrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("level1", TEXT(length=60), nullable=False),
        sa.Column("level2", TEXT(length=60), nullable=False),
        sa.Column("name", TEXT(length=200), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("target", TEXT(length=200), nullable=False),
        sa.Column("unit", TEXT(length=40), nullable=False),
        sa.Column("weight", models.records.base.ExactDecimal(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["approvedprojectrecord.id"],
            name=op.f("fk_approvedindicatorrecord_project_id_approvedprojectrecord"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvedindicatorrecord")),
        sa.UniqueConstraint("project_id", "row", name=op.f("uq_approvedindicatorrecord_project_id_row")),
    )
    for table, columns in (
        ("targetversion", ("cycle_id",)),
        ("approvedprojectrecord", ("version_id", "department_id")),
        ("approvedindicatorrecord", ("project_id",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def downgrade() -> None:
    op.drop_table("approvedindicatorrecord")
    op.drop_table("approvedprojectrecord")
    op.drop_table("targetversion")
