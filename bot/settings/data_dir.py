"""What lies in a deployment's data directory: its settings file, and the key that seals stored secrets."""

import base64
import json
import os
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from bot.domain.errors import Refusal

DEPLOYMENT_FILE: Final = "deployment.json"
DATABASE_FILE: Final = "countersign.db"
KEY_FILE: Final = "secret.key"
DEFAULT_DATA_DIR: Final = Path("countersign-data")

_PATHS: Final = ("directory_file", "runbooks_file", "tenants_dir")


class BadDeploymentFile(Refusal):
    """{file} cannot be used: {why}. Mend it, or remove it to go by the environment alone."""


class NoDataDirectory(Refusal):
    """The data directory {path} cannot be used ({why}). Name another with --data or COUNTERSIGN_DATA_DIR."""

    kind = "unavailable"


class BadSecretKey(Refusal):
    """The secret key in {file} is damaged. Put the original file back; without it stored secrets are lost."""

    kind = "unavailable"


def read_deployment(data_dir: Path, *, known: Collection[str]) -> dict[str, Any]:
    """Gives what the data directory's own file says; nothing where there is none.

    Args:
        data_dir: the data directory.
        known: the names that may stand in the file.

    Raises:
        BadDeploymentFile: it is no JSON object, or names what is no setting.
    """
    path = data_dir / DEPLOYMENT_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BadDeploymentFile(file=path, why=error.strerror or "it cannot be read") from None
    except ValueError:
        raise BadDeploymentFile(file=path, why="it is not JSON") from None
    if not isinstance(found, dict):
        raise BadDeploymentFile(file=path, why="it is not a JSON object")
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise BadDeploymentFile(file=path, why=f"“{unknown[0]}” is not a setting that can stand there")
    for name in _PATHS:
        if isinstance(found.get(name), str):
            found[name] = str(data_dir / found[name])
    return found


def write_deployment(data_dir: Path, values: Mapping[str, str | float]) -> None:
    """Writes the data directory's own file, so that later commands on it mean the same deployment.

    Replaces it whole; paths that lie in the data directory are best given relative to it.
    """
    path = data_dir / DEPLOYMENT_FILE
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.write_text(json.dumps(dict(values), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(path)


def prepared(data_dir: Path) -> Path:
    """Gives the data directory, which exists then; others may not look into it.

    Raises:
        NoDataDirectory: it cannot be made.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NoDataDirectory(path=data_dir, why=error.strerror or "it cannot be made") from None
    return data_dir


def is_key(text: str) -> bool:
    """Whether the text is a key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text, altchars="-_", validate=True)) == 32
    except ValueError:
        return False


def own_key(data_dir: Path) -> bytes:
    """Gives the key that lies in the data directory; makes one the first time.

    However many processes ask at once the first time, all get the same.

    Raises:
        NoDataDirectory: the key's file cannot be written or read.
        BadSecretKey: the key's file holds something else.
    """
    path = prepared(data_dir) / KEY_FILE
    try:
        if not path.exists():
            _write_once(path, base64.urlsafe_b64encode(secrets.token_bytes(32)))
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise NoDataDirectory(path=data_dir, why=error.strerror or "no key") from None
    if not is_key(text):
        raise BadSecretKey(file=path)
    return text.encode()


def _write_once(path: Path, content: bytes) -> None:
    """Makes the file with this content, unless another process was faster; it is never seen half written."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink()
