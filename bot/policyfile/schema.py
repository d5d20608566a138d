"""The JSON Schema of policy files: what stands in `schema.json` beside this file."""

from pathlib import Path
from typing import Final

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")


def schema_text() -> str:
    """Gives the schema as it is kept."""
    return SCHEMA_FILE.read_text(encoding="utf-8")
