"""Policy files as YAML: the port `PolicyFiles`."""

import asyncio
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from typing_extensions import override

from bot.documents.findings import BadDocument
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.tools import Catalog
from bot.policyfile.read import read_wanted
from bot.policyfile.write import document, write_text
from bot.ports.directory import Directory
from bot.ports.policy_files import BadPolicyFile, Content, Emails, Mistake, Pages, PolicyFiles, Wanted

_LISTS: Final = ("policies", "grants")


class YamlPolicyFiles(PolicyFiles):
    """Reads and writes YAML."""

    @override
    async def pages(self, content: Content, emails: Emails, *, page: int, line: int) -> Pages:
        return await asyncio.to_thread(_pages, document(content, emails), page, line)

    @override
    async def read(
        self,
        text: str,
        *,
        catalog: Catalog,
        connectors: Collection[str],
        directory: Directory,
        with_grants: bool,
    ) -> Wanted:
        try:
            return await read_wanted(
                text,
                file="The policy file",
                catalog=catalog,
                connectors=connectors,
                directory=directory,
                with_grants=with_grants,
            )
        except BadDocument as refusal:
            mistakes = [Mistake(finding.line, finding.sentence) for finding in refusal.findings]
            raise BadPolicyFile(mistakes) from None


def _pages(content: JsonObject, page: int, line: int) -> Pages:
    """Gives the content in pages; each repeats the heads of what it holds."""
    head = write_text({name: value for name, value in content.items() if name not in _LISTS})
    version = write_text({"version": content["version"]})
    texts, left_out = [head], list[str]()
    under = ""
    for name, entry in _entries(content):
        written = write_text({name: [entry]})
        body = written.removeprefix(f"{name}:\n")
        if _size(version + written) > page or any(_size(one) > line for one in written.splitlines()):
            left_out.append(_name(entry))
            continue
        more = body if under == name else written
        if _size(texts[-1] + more) > page:
            texts.append(version)
            more = written
        texts[-1] += more
        under = name
    return Pages(texts=tuple(texts), left_out=tuple(left_out))


def _entries(content: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for name in _LISTS:
        for entry in _items(content.get(name)):
            if isinstance(entry, dict):
                yield name, entry


def _items(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list | tuple) else ()


def _name(entry: JsonObject) -> str:
    """Gives the name of a policy, or the tool of a standing approval."""
    return str(entry.get("name") or f"a standing approval for {entry.get('tool')}")


def _size(text: str) -> int:
    """Gives how long the text is where all but ASCII is escaped, which is longest."""
    return len(json.dumps(text))
