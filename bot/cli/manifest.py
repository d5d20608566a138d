"""`countersign manifest`: what to make the app on a chat platform from."""

from io import StringIO
from typing import Annotated, Final

import typer
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from bot.chat.slack.manifest import NAME_LIMIT, SCOPES, manifest
from bot.cli.frame import frame, say, spelled
from bot.cli.options import JsonOption, group
from bot.cli.teams_manifest import teams
from bot.domain.canonical import JsonObject, JsonValue
from bot.outgoing.web_addresses import is_web_address

_HEAD: Final = """\
# The app’s manifest, for https://api.slack.com/apps?new_app=1 → From a manifest.
# Written by: countersign manifest slack"""

_HINT: Final = "manifest slack"

app = group("Write the app's manifest for a chat platform.")


@app.callback()
def root() -> None:
    """Write the app's manifest for a chat platform."""


@app.command()
def slack(
    context: typer.Context,
    *,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Slack reaches serve, for signed requests.")
    ] = None,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode; no address is needed.")] = False,
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Countersign",
    as_json: JsonOption = False,
) -> None:
    """Write the manifest of the Slack app: manifest slack --socket, or manifest slack --url URL."""
    if (url is None) == (not socket):
        raise typer.BadParameter(
            "Give either --socket, or --url with the address under which Slack reaches this bot.",
            param_hint=_HINT,
        )
    if url is not None and not is_web_address(url):
        raise typer.BadParameter(
            "Use an https address, like https://bot.example.com; http will do on localhost only.",
            param_hint="--url",
        )
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise typer.BadParameter(f"Use 1 to {NAME_LIMIT} characters.", param_hint="--name")
    document = manifest(url=url, name=name.strip())
    if frame(context, None, as_json=as_json).as_json:
        say(spelled(document))
    else:
        say(manifest_yaml(document, "--socket" if url is None else "--url URL").rstrip("\n"))


app.command()(teams)


def manifest_yaml(document: JsonObject, option: str = "--socket") -> str:
    """Gives the manifest as YAML, with what each scope is for beside it."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = _tree(document)
    scopes = tree["oauth_config"]["scopes"]["bot"]
    for position, scope in enumerate(scopes):
        scopes.yaml_add_eol_comment(SCOPES[scope], position, column=30)
    out = StringIO()
    yaml.dump(tree, out)
    return f"{_HEAD} {option}\n{out.getvalue()}"


def _tree(document: JsonObject) -> CommentedMap:
    return CommentedMap({name: _branch(value) for name, value in document.items()})


def _branch(value: JsonValue) -> object:
    if isinstance(value, dict):
        return _tree(value)
    return CommentedSeq([_branch(one) for one in value]) if isinstance(value, list) else value
