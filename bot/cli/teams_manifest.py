"""`countersign manifest teams`: the file that is uploaded to Teams."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.chat.teams.ids import is_guid
from bot.chat.teams.manifest import DEVELOPER_LIMIT, NAME_LIMIT, PLACEHOLDER, App, manifest
from bot.chat.teams.package import packaged
from bot.cli.frame import frame, refuse
from bot.cli.options import JsonOption
from bot.domain.errors import Refusal
from bot.outgoing.web_addresses import is_web_address

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_VERSION: Final = re.compile(r"\d{1,9}(?:\.\d{1,9}){2}", re.ASCII)
_FILE: Final = Path("countersign-teams.zip")


class UnwritableFile(Refusal):
    """{file} cannot be written: {why}. Name another with --out."""


def teams(
    context: typer.Context,
    *,
    app_id: Annotated[str, typer.Option(metavar="GUID", help="The Microsoft App ID of your Azure Bot.")],
    domain: Annotated[str, typer.Option(metavar="HOST", help="Where Teams reaches serve: bot.example.com.")],
    name: Annotated[str, typer.Option(help="What the app is called.")] = PLACEHOLDER.name,
    developer: Annotated[str, typer.Option(help="Who offers it.")] = PLACEHOLDER.developer,
    website: Annotated[
        str, typer.Option(metavar="URL", help="A page about it; without one, https://HOST.")
    ] = "",
    privacy: Annotated[
        str, typer.Option(metavar="URL", help="Its privacy statement; without one, the website.")
    ] = "",
    terms: Annotated[
        str, typer.Option(metavar="URL", help="Its terms of use; without any, the website.")
    ] = "",
    version: Annotated[
        str, typer.Option(help="Higher than that of an app to replace.")
    ] = PLACEHOLDER.version,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.zip", help=f"Where to write it; without it, {_FILE}.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the Teams app's zip; with --json print its manifest, and write the zip only with --out."""
    app = App(
        app_id=app_id.strip().lower(),
        domain=domain.strip().lower(),
        name=name.strip(),
        developer=developer.strip(),
        website=website,
        privacy=privacy,
        terms=terms,
        version=version,
    )
    _check(app)
    use = frame(context, None, as_json=as_json)
    document = manifest(app)
    file = out or (None if use.as_json else _FILE)
    if file is not None:
        _write(file, packaged(document))
    use.answer(
        document, f"{file} is written. Upload it in the Teams admin center: Manage apps → Upload new app."
    )


def _check(app: App) -> None:
    """Says what to write instead.

    Raises:
        typer.BadParameter: something cannot stand in a manifest.
    """
    if not is_guid(app.app_id):
        raise _wrong(
            "--app-id", "Use a GUID: in the Azure portal, your bot’s Configuration → Microsoft App ID."
        )
    if not _HOST.fullmatch(app.domain):
        raise _wrong("--domain", "Use a host name without https:// or a path, like bot.example.com.")
    for option, text, most in (
        ("--name", app.name, NAME_LIMIT),
        ("--developer", app.developer, DEVELOPER_LIMIT),
    ):
        if not text or len(text) > most or not text.isprintable():
            raise _wrong(option, f"Use 1 to {most} characters.")
    for option, address in (("--website", app.website), ("--privacy", app.privacy), ("--terms", app.terms)):
        if address and not (address.startswith("https://") and is_web_address(address)):
            raise _wrong(option, "Use an https address, like https://www.example.com/it.")
    if not _VERSION.fullmatch(app.version):
        raise _wrong("--version", "Use three numbers, like 1.0.1.")


def _wrong(option: str, sentence: str) -> typer.BadParameter:
    return typer.BadParameter(sentence, param_hint=option)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        refuse(UnwritableFile(file=file, why=error.strerror or "it cannot be opened"))
