"""Every provider there is, by name."""

from collections.abc import Mapping
from typing import Final

from tests.directories.fake import fake_stage
from tests.directories.file import file_stage
from tests.directories.stage import MakesStage

STAGES: Final[Mapping[str, MakesStage]] = {"file": file_stage, "fake": fake_stage}
"""Those that the contract suite runs on."""
