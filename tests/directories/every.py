"""Every provider there is, by name."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from tests.directories.entra import entra_stage
from tests.directories.fake import fake_stage
from tests.directories.file import file_stage
from tests.directories.google import google_stage
from tests.directories.http import HttpStage
from tests.directories.okta import okta_stage
from tests.directories.scim import scim_stage, terse_scim_stage
from tests.directories.stage import MakesStage

OVER_HTTP: Final[Mapping[str, Callable[[Path], AbstractAsyncContextManager[HttpStage]]]] = {
    "google": google_stage,
    "entra": entra_stage,
    "okta": okta_stage,
    "scim": scim_stage,
    "scim whose users list no groups": terse_scim_stage,
}
"""Those that are asked over HTTP."""

STAGES: Final[Mapping[str, MakesStage]] = {"file": file_stage, "fake": fake_stage, **OVER_HTTP}
"""Those that the contract suite runs on."""
