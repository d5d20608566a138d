"""How well seeding tells reads from writes, on labelled tools of real servers.

Run `python -m tests.benchmarks.classify TOOLS.jsonl`. Each line is a tool: `name`, `description`,
`annotations` (as on the wire, or null), `inputSchema`, `label` (read or write), and `sensitive_read`.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.actions import Action
from bot.domain.effects import annotations_of, seed
from bot.domain.tool_names import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One labelled tool."""

    name: str
    description: str | None
    schema: Mapping[str, object]
    wire: Mapping[str, object] | None
    reads: bool
    sensitive: bool


Judge = Callable[[Tool], bool]
"""Tells whether a tool would run unasked."""


def load(path: Path) -> list[Tool]:
    """Gives the tools of a file, in its order."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Tool(
            name=row["name"],
            description=row.get("description"),
            schema=row.get("inputSchema") or {},
            wire=row.get("annotations"),
            reads=row["label"] == "read",
            sensitive=bool(row.get("sensitive_read")),
        )
        for row in rows
    ]


def with_hints(tool: Tool) -> bool:
    """Seeding, with the server's annotations."""
    return _auto(tool, tool.wire)


def without_hints(tool: Tool) -> bool:
    """Seeding, with the server's annotations withheld."""
    return _auto(tool, None)


def naive(tool: Tool) -> bool:
    """The rule that everybody writes first."""
    return (words(tool.name) or ("",))[0] in {"get", "list", "search", "fetch"}


def _auto(tool: Tool, wire: Mapping[str, object] | None) -> bool:
    result = seed(
        name=tool.name,
        description=tool.description,
        input_schema=tool.schema,
        annotations=annotations_of(wire),
    )
    return result.action is Action.AUTO


def share(judged: Iterable[bool]) -> str:
    """Gives how many of them are true, as `3 of 500  (0.60 %)`."""
    all_of_them = list(judged)
    percent = 100 * sum(all_of_them) / max(1, len(all_of_them))
    return f"{sum(all_of_them)} of {len(all_of_them)} ({percent:.2f} %)"


def report(tools: list[Tool]) -> None:
    """Prints the table."""
    print(
        f"{'':20}{'writes seeded auto':>24}{'reads seeded auto':>26}{'secret reads that ask':>26}{'speed':>9}"
    )
    reference = 0.0
    for title, judge in (
        ("naive rule", naive),
        ("annotations given", with_hints),
        ("withheld", without_hints),
    ):
        begun = time.perf_counter()
        autos = [judge(tool) for tool in tools]
        speed = len(tools) / (time.perf_counter() - begun)
        reference = reference or speed
        judged = list(zip(tools, autos, strict=True))
        print(
            f"{title:20}"
            f"{share(auto for tool, auto in judged if not tool.reads):>24}"
            f"{share(auto for tool, auto in judged if tool.reads and not tool.sensitive):>26}"
            f"{share(not auto for tool, auto in judged if tool.sensitive):>26}"
            f"{speed / reference:>8.3f}x"
        )


def main() -> None:
    """Reads the file that is named on the command line, and reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tools", type=Path)
    report(load(parser.parse_args().tools))


if __name__ == "__main__":
    main()
