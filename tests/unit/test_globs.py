"""Globs."""

import pytest
from typing_extensions import override

from bot.domain.globs import GLOB_LIMIT, Glob, is_glob


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", ""),
        ("abc", "abc"),
        ("*", ""),
        ("*", "any\nthing"),
        ("**", "x"),
        ("a*", "a"),
        ("*a", "ba"),
        ("a*b", "ab"),
        ("a*b", "axxb"),
        ("a*b*c", "abbc"),
        ("*@acme.test", "alice@acme.test"),
        ("?", "x"),
        ("?", "é"),
        ("a?c", "a\nc"),
        ("?*", "x"),
        ("*?*", "xy"),
        ("*a?c*", "zzabzabczz"),
        ("*a?b*a?b", "axbaxb"),
        ("*??a", "bba"),
        ("a.c", "a.c"),
        ("[ab]", "[ab]"),
        ("a\\*", "a\\b"),
    ],
)
def test_a_glob_matches_the_whole_text(pattern: str, text: str) -> None:
    assert Glob(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", "a"),
        ("abc", "abcd"),
        ("abc", "ABC"),
        ("a*", "ba"),
        ("*a", "ab"),
        ("a*a", "a"),
        ("ab*bc", "abc"),
        ("a*b*c", "acb"),
        ("?", ""),
        ("?", "ab"),
        ("a?c", "ac"),
        ("?*", ""),
        ("*a?c*", "zzacbzz"),
        ("*a?b*a?b", "axbxb"),
        ("a.c", "abc"),
        ("[ab]", "a"),
        ("*@acme.test", "alice@acme.test.evil.test"),
        ("*@acme.test", "alice@acme.test\n"),
    ],
)
def test_a_glob_matches_nothing_else(pattern: str, text: str) -> None:
    assert not Glob(pattern).matches(text)


def test_a_text_is_a_glob_if_it_holds_a_star_or_a_question_mark() -> None:
    assert is_glob("a*")
    assert is_glob("?")
    assert not is_glob("a.b[c]")


class CountingText(str):
    """A text that counts how often one of its characters is read."""

    reads = 0
    __slots__ = ()

    @override
    def __getitem__(self, index: object) -> str:
        type(self).reads += 1
        assert isinstance(index, int)
        return super().__getitem__(index)


@pytest.mark.parametrize("pattern", ["*" + "a?" * 126 + "b*", "*a?b" * 60 + "*", "*?" * 120 + "x*"])
def test_matching_reads_each_character_once_however_nasty_the_pattern(pattern: str) -> None:
    assert len(pattern) <= GLOB_LIMIT
    CountingText.reads = 0
    text = CountingText("a" * 20_000)
    assert not Glob(pattern).matches(text)
    assert CountingText.reads <= len(text)
