"""Sign-ins that are under way."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
MOMENT = sa.DateTime(timezone=True)
KEYS = ("tenant", "surface", "team", "user", "purpose")


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        *(sa.Column(name, TEXT, nullable=False) for name in (*KEYS, "name", "team_name", "status")),
        sa.Column("asked", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("occasion", TEXT, nullable=False),
        sa.Column("heard", TEXT),
        sa.Column("link", TEXT, nullable=False),
        *(sa.Column(name, TEXT) for name in ("browser", "code", "subject", "issuer")),
        sa.Column("signed", MOMENT),
        sa.PrimaryKeyConstraint(*KEYS, name="pk_sign_ins"),
        sa.UniqueConstraint("link", name="uq_sign_ins_link"),
    )
    op.create_index("ix_sign_ins_browser", "sign_ins", ["browser"])
    op.create_index("ix_sign_ins_until", "sign_ins", ["until"])


def downgrade() -> None:
    op.drop_table("sign_ins")
