"""One of the demo's tools: its definition, and the way from its raw arguments to its answer."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import mcp_types as types
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.demo.estate import Estate
from bot.demo.records import Arguments, Record, schema_of
from bot.demo.refusals import BadArguments
from bot.demo.wording import Answer, listed
from bot.domain.actions import Effect

A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Record)

_MOST_PROBLEMS = 3  # a sentence with more than this is not read


class Tool(Protocol):
    """A tool, whatever it takes and gives."""

    @property
    def name(self) -> str:
        """The tool's name, unique on this server."""

    def definition(self) -> types.Tool:
        """Gives the tool as `tools/list` shows it."""

    def call(self, estate: Estate, arguments: Mapping[str, object]) -> Answer[Record]:
        """Does what the tool does, in one transaction; a change is logged in the same transaction.

        Raises:
            Refusal: It was not done, and nothing has changed.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateTool(Generic[A, R]):
    """One tool: its definition, and what it does."""

    title: str
    description: str
    arguments: type[A]
    gives: type[R]
    run: Callable[[sqlite3.Connection, A], Answer[R]]
    effect: Effect
    repeatable: bool = True
    """Whether a second call with the same arguments changes nothing more."""

    @property
    def name(self) -> str:
        """The tool's name: that of the function behind it."""
        return self.run.__name__

    def definition(self) -> types.Tool:
        """Gives the tool as `tools/list` shows it."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=schema_of(self.arguments, mode="validation"),
            output_schema=schema_of(self.gives, mode="serialization"),
            annotations=types.ToolAnnotations(
                title=self.title,
                read_only_hint=self.effect is Effect.READ,
                destructive_hint=self.effect is Effect.DESTROY,
                idempotent_hint=self.repeatable,
                open_world_hint=False,
            ),
        )

    def call(self, estate: Estate, arguments: Mapping[str, object]) -> Answer[R]:
        """Does what the tool does, in one transaction; a change is logged in the same transaction.

        Raises:
            Refusal: It was not done, and nothing has changed.
        """
        try:
            checked = self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise BadArguments(problems=self._problems(error)) from error
        if self.effect is Effect.READ:
            with estate.reading() as connection:
                return self.run(connection, checked)
        given = checked.model_dump(mode="json", exclude_unset=True)
        with estate.changing(tool=self.name, arguments=given) as ledger:
            answer = self.run(ledger.connection, checked)
            ledger.summary = answer.sentence
        return answer

    def _problems(self, error: ValidationError) -> str:
        problems = error.errors(include_url=False, include_input=False, include_context=True)
        return " ".join(self._problem(each) for each in problems[:_MOST_PROBLEMS])

    def _problem(self, problem: ErrorDetails) -> str:
        name = str(problem["loc"][0])[:60] if problem["loc"] else "arguments"
        match problem["type"]:
            case "missing":
                return f"“{name}” is missing."
            case "extra_forbidden":
                known = listed(self.arguments.model_fields) or "nothing"
                return f"{self.name} does not take “{name}”; it takes {known}."
            case "string_pattern_mismatch" if "@" in str(problem.get("ctx", {})):
                return f"“{name}” must be an e-mail address, such as alice@acme.test."
            case "string_pattern_mismatch" | "string_too_short":
                return f"“{name}” is empty."
            case _:
                return f"“{name}” {problem['msg'].removeprefix('Input ').removeprefix('String ')}."
