"""What all tables have in common."""

from typing import Final

from sqlalchemy import MetaData
from sqlmodel import SQLModel

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)
"""Every table; constraints have names, so that a migration can change them."""


class Row(SQLModel):
    """A row is data and checks nothing; the domain's types do that."""

    metadata = METADATA
