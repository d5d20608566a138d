"""Whom the command line means with an address or an id."""

import pytest

from bot.cli.accounts import NobodyNamed, person_named
from bot.directory.managers import known_as
from tests.builders import a_person
from tests.fakes.marked_directory import MarkedDirectory


async def test_attack_9_at_a_terminal_nobody_is_named_as_providers_name_managers() -> None:
    directory = MarkedDirectory([a_person("alice")])
    assert await person_named(directory, "alice") == a_person("alice")
    with pytest.raises(NobodyNamed):
        await person_named(directory, known_as("alice"))
