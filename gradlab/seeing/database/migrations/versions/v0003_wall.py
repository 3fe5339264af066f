"""A key for the projector: with it one sees a class's study, and can do nothing to it."""

import secrets

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade() -> None:
    """Each study that has an owner gets one, at random: it tells nothing of the owner's."""
    op.add_column("studies", sa.Column("wall", sa.String(64)))
    op.create_index("ix_studies_wall", "studies", ["wall"], unique=True)
    studies = sa.table("studies", *map(sa.column, ("code", "owner", "wall")))
    connection = op.get_bind()
    for code in connection.execute(sa.select(studies.c.code).where(studies.c.owner.is_not(None))).scalars().all():
        connection.execute(sa.update(studies).where(studies.c.code == code).values(wall=secrets.token_hex(16)))


def downgrade() -> None:
    """Forget the keys."""
    op.drop_index("ix_studies_wall", "studies")
    op.drop_column("studies", "wall")
