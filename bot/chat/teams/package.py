"""The file that is uploaded to Teams: the manifest and its icons."""

import json
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bot.chat.teams.manifest import COLOR, OUTLINE
from bot.domain.canonical import JsonObject

MANIFEST: Final = "manifest.json"

_ICONS: Final = Path(__file__).parent / "icons"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16


def packaged(document: JsonObject) -> bytes:
    """Gives the zip; the same document gives the same bytes on every machine."""
    files = {
        MANIFEST: spelled_out(document).encode(),
        COLOR: (_ICONS / COLOR).read_bytes(),
        OUTLINE: (_ICONS / OUTLINE).read_bytes(),
    }
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            archive.writestr(entry, content)
    return out.getvalue()


def spelled_out(document: JsonObject) -> str:
    """Gives the manifest as it stands in the file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
