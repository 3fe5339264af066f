"""Who opened a study: a key without which nobody closes, exports or deletes it."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    """Earlier studies have no owner: no key was given out for them."""
    op.add_column("studies", sa.Column("owner", sa.String(64)))
    op.create_index("ix_studies_owner", "studies", ["owner"], unique=True)


def downgrade() -> None:
    """Forget the keys."""
    op.drop_index("ix_studies_owner", "studies")
    op.drop_column("studies", "owner")
