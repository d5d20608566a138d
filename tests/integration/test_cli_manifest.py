import pytest
from ruamel.yaml import YAML

from bot.chat.slack.manifest import manifest
from tests.command_line import said

MANIFEST = ("manifest", "slack")


def test_the_manifest_for_socket_mode_is_printed_as_yaml() -> None:
    answer = said(*MANIFEST, "--socket")
    assert answer.code == 0
    assert YAML(typ="safe", pure=True).load(answer.out) == manifest(url=None)


def test_the_manifest_for_an_address_is_printed_with_the_app_s_name() -> None:
    answer = said(*MANIFEST, "--url", "https://bot.example.com/", "--name", "Acme’s: IT #1")
    wanted = manifest(url="https://bot.example.com", name="Acme’s: IT #1")
    assert YAML(typ="safe", pure=True).load(answer.out) == wanted


def test_the_manifest_is_printed_as_json_too() -> None:
    assert said(*MANIFEST, "--socket", "--json").json == manifest(url=None)
    assert said("--json", *MANIFEST, "--socket").json == manifest(url=None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "either --socket, or --url"),
        (("--socket", "--url", "https://bot.example.com"), "either --socket, or --url"),
        (("--url", "http://bot.example.com"), "https"),
        (("--url", "bot.example.com"), "https"),
        (("--url", ""), "https"),
        (("--socket", "--name", "x" * 36), "35"),
        (("--socket", "--name", " "), "35"),
    ],
)
def test_a_wrong_word_is_told_with_what_to_write_instead(words: tuple[str, ...], told: str) -> None:
    answer = said(*MANIFEST, *words)
    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""


def test_http_will_do_on_this_machine() -> None:
    assert said(*MANIFEST, "--url", "http://localhost:3000").code == 0
