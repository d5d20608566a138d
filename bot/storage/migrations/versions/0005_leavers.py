"""How old the directory's word may be, and why standing approvals are suspended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MINUTE = "60000000"


def upgrade() -> None:
    # What is stored already gets the default, and so does what an older process still writes meanwhile.
    op.add_column(
        "tenants", sa.Column("directory_age", sa.BigInteger(), nullable=False, server_default=MINUTE)
    )
    op.add_column("grants", sa.Column("suspended_why", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("grants", "suspended_why")
    op.drop_column("tenants", "directory_age")
