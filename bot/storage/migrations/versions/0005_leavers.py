"""How old the directory's word may be, whose the deployment is, and why standing approvals are suspended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MINUTE = "60000000"
OWN = sa.text("is_own")


def upgrade() -> None:
    # What is stored already gets the default, and so does what an older process still writes meanwhile.
    op.add_column(
        "tenants", sa.Column("directory_age", sa.BigInteger(), nullable=False, server_default=MINUTE)
    )
    op.add_column("tenants", sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Of several nobody can tell whose it is; the first process that starts does.
    op.execute(sa.text("UPDATE tenants SET is_own = true WHERE (SELECT count(*) FROM tenants) = 1"))
    op.create_index(
        "ix_tenants_is_own", "tenants", ["is_own"], unique=True, sqlite_where=OWN, postgresql_where=OWN
    )
    op.add_column("grants", sa.Column("suspended_why", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("grants", "suspended_why")
    op.drop_index("ix_tenants_is_own", "tenants")
    op.drop_column("tenants", "is_own")
    op.drop_column("tenants", "directory_age")
