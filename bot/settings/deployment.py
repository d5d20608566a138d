"""The settings of a deployment, from the environment and from the file that its data directory may hold.

A setting is the environment variable `COUNTERSIGN_` and its name in capitals. Where the environment says
nothing, `deployment.json` in the data directory does (a JSON object; names in small letters; paths in it
start at the data directory); else the default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Mode
from bot.settings.data_dir import (
    DATABASE_FILE,
    DEFAULT_DATA_DIR,
    is_key,
    own_key,
    prepared,
    read_deployment,
)

PREFIX: Final = "COUNTERSIGN_"
DIRECTORY_FILE: Final = "directory.yaml"
PEOPLE_FILE: Final = "people.yaml"
RUNBOOKS_FILE: Final = "runbooks.yaml"
TENANT_ID: Final = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"
"""What a tenant can be called; its folder is called the same."""


class BadSettings(Refusal):
    """The settings have a mistake, so nothing was started or changed.{problems}."""


class TwoDeployments(Refusal):
    """{data} has its own database, but COUNTERSIGN_DATABASE_URL names another. Leave one of them out."""

    kind = "conflict"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("there is no such time zone") from None
    return name


def _key(text: SecretStr) -> SecretStr:
    if not is_key(text.get_secret_value()):
        raise ValueError("it is no key")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFiles:
    """Where a tenant's files are."""

    directory: Path
    runbooks: Path


def _directory_in(folder: Path) -> Path:
    """Gives the folder's file that names a provider, else the one with the people themselves."""
    named = folder / DIRECTORY_FILE
    return named if named.exists() else folder / PEOPLE_FILE


class _DeploymentSource(PydanticBaseSettingsSource):
    """What `deployment.json` says; it is asked after the environment."""

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        data_dir = Path(str(self.current_state.get("data_dir") or DEFAULT_DATA_DIR))
        return read_deployment(data_dir, known=own_names())


class Settings(BaseSettings):
    """Everything a deployment is told from outside; what admins decide is in the database instead."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, validate_default=True
    )

    data_dir: Path = Field(DEFAULT_DATA_DIR, description="Name a directory that this user may write to.")
    database_url: str | None = Field(
        None,
        min_length=1,
        description="Write sqlite:////path/to/file.db, or postgresql://user:password@host/database.",
    )
    secret_key: Annotated[SecretStr, AfterValidator(_key)] | None = Field(
        None,
        description="It is 32 random bytes in URL-safe base64; “countersign check” prints a command for one.",
    )
    directory_file: Path | None = Field(
        None, description="Name the YAML file with your people or your provider; see “countersign check”."
    )
    runbooks_file: Path | None = Field(
        None, description="Name the YAML file with your runbooks; see “countersign check”."
    )
    tenants_dir: Path | None = Field(
        None, description="Name the directory with a folder for each further tenant."
    )
    tenant_id: str = Field(
        "default",
        pattern=TENANT_ID,
        description="Use letters, digits, dot, dash and underscore, at most 64, and no dot or dash first.",
    )
    tenant_name: str = Field(
        "Our company",
        min_length=1,
        max_length=100,
        description="Use your company’s name, at most 100 characters.",
    )
    mode: Mode = Field(
        Mode.PLAN, description="Use plan or execute; it counts when the tenant is first set up."
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Use a name of the IANA list, like Europe/Amsterdam."
    )
    approval_hours: float = Field(
        24, ge=0.01, le=24 * 366, description="Use a number of hours, from 0.01 to 8784."
    )
    connector_reach: Literal["public", "loopback", "private"] = Field(
        "loopback",
        description="Use public, loopback or private: how far into your network connectors’ URLs may lead.",
    )
    host: str = Field(
        "127.0.0.1", min_length=1, description="Use an address to listen on; 0.0.0.0 is every one."
    )
    port: int = Field(8080, ge=1, le=65_535, description="Use a free port from 1 to 65535.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Use debug, info, warning or error."
    )

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _DeploymentSource(settings_cls)

    @classmethod
    def load(cls, *, data: Path | None = None) -> Self:
        """Gives the settings; `data` is the data directory that the command line names.

        Raises:
            BadSettings: with a sentence for every setting that is wrong.
            BadDeploymentFile: the data directory's own file is wrong.
            TwoDeployments: the named directory and the environment mean different databases.
        """
        given: dict[str, Any] = {} if data is None else {"data_dir": data}
        try:
            settings = cls(**given)
        except ValidationError as error:
            problems = "".join(_problem(one) for one in error.errors()).removesuffix(".")
            raise BadSettings(problems=problems) from None
        named = os.environ.get(f"{PREFIX}DATABASE_URL")
        if data is not None and named and (data / DATABASE_FILE).exists():
            own = read_deployment(data, known=own_names()).get("database_url")
            if named not in (own, f"sqlite:///{data / DATABASE_FILE}"):
                raise TwoDeployments(data=data)
        return settings

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{(self.data_dir / DATABASE_FILE).absolute()}"

    @property
    def people(self) -> Path:
        """The directory file of the deployment's own tenant."""
        return self.files_of(TenantId(self.tenant_id)).directory

    @property
    def runbooks(self) -> Path:
        """The runbooks file of the deployment's own tenant."""
        return self.files_of(TenantId(self.tenant_id)).runbooks

    def files_of(self, tenant: TenantId) -> TenantFiles:
        """Gives where a tenant's files are, which need not be there.

        A further tenant has a folder of its own, `tenants/ID` in the data directory.
        """
        if tenant == self.tenant_id:
            return TenantFiles(
                directory=self.directory_file or _directory_in(self.data_dir),
                runbooks=self.runbooks_file or self.data_dir / RUNBOOKS_FILE,
            )
        folder = (self.tenants_dir or self.data_dir / "tenants") / tenant
        return TenantFiles(directory=_directory_in(folder), runbooks=folder / RUNBOOKS_FILE)

    def prepare_data_dir(self) -> Path:
        """Gives the data directory, which exists then; others may not look into it.

        Raises:
            NoDataDirectory: it cannot be made.
        """
        return prepared(self.data_dir)

    def sealing_key(self) -> bytes:
        """Gives the key that seals stored secrets; makes one in the data directory the first time.

        However many processes ask at once the first time, all get the same.

        Raises:
            NoDataDirectory: the key's file cannot be written or read.
            BadSecretKey: the key's file holds something else.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        return own_key(self.data_dir)


def own_names() -> frozenset[str]:
    """Gives the names that may stand in the data directory's own file."""
    return frozenset(Settings.model_fields) - {"data_dir"}


def _problem(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    field = Settings.model_fields.get(name)
    shown = "" if name in ("secret_key", "database_url") else f" is “{str(error['input'])[:80]}”, which"
    hint = (field.description if field else None) or "Leave it out."
    return f"\n  {PREFIX}{name.upper()}{shown} cannot be used. {hint}"
