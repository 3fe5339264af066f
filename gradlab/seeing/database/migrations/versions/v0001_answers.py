"""Studies, their participants and the answers."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, None, None


def upgrade() -> None:
    """Make the three tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "studies",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("opened", moment, nullable=False),
        sa.Column("closed", moment),
        sa.Column("solo", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_studies"),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("study", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("joined", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
        sa.ForeignKeyConstraint(["study"], ["studies.code"], name="fk_participants", ondelete="CASCADE"),
        sa.UniqueConstraint("study", "number", name="uq_participants"),
        sa.UniqueConstraint("key", name="uq_participants_key"),
    )
    op.create_table(
        "answers",
        sa.Column("participant", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("intensity", "epsilon", "seconds", "l2", "ssim")),
        sa.Column("psnr", sa.Double),
        sa.Column("catch", sa.Boolean, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("right", sa.SmallInteger, nullable=False),
        sa.Column("chosen", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("participant", "number", name="pk_answers"),
        sa.ForeignKeyConstraint(["participant"], ["participants.id"], name="fk_answers", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Take them away, with all that is in them."""
    for name in ("answers", "participants", "studies"):
        op.drop_table(name)
