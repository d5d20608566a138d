"""Where the people file is."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAccess:
    """A file with everybody in it."""

    path: Path
