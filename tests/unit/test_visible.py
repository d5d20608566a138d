"""What an approver reads is what would run: nothing hides, and look-alikes are warned of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.visible import HIDDEN_WARNING, PADDING_WARNING, visible, visible_value
from bot.domain.canonical import JsonObject


def shown(text: str) -> tuple[str, set[str]]:
    warnings = set[str]()
    return visible(text, warnings), warnings


@pytest.mark.parametrize(
    "text",
    [
        "", "alice@acme.test", "Two\nlines\tand a tab", "Zoë Müller, Łódź", "Привет, мир", "日本語のテキスト",
        "العربية", "ไทย", "1 – 2 × 3 … “quoted” ’", "😀 🎉", "C:\\temp\\*.log", "<script>alert(1)</script>",
        "<!channel> <@U1> *b* _i_ `c` [a](b)",
    ],
)  # fmt: skip
def test_ordinary_text_of_any_language_stays_as_it_is_without_a_warning(text: str) -> None:
    assert shown(text) == (text, set())


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e", "\u2066", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0000", "\x1b", "\x7f",
        "\x85", "\u2028", "\u00a0", "\u3000", "\u200e", "\ufe0f", "\U000e0041", "\U000e0100", "\u115f",
        "\u3164",
        "\u2800", "\u034f", "\ue000", "\U0010ffff", "\r",
    ],
)  # fmt: skip
def test_a_hidden_character_is_spelled_out_and_warned_of(hidden: str) -> None:
    text, warnings = shown(f"a{hidden}b")
    assert text == f"a⟨U+{ord(hidden):04X}⟩b"
    assert HIDDEN_WARNING in warnings


@pytest.mark.parametrize("text", ["аdmin", "pаypal", "ΑΒΕ", "аррӏе", "ｒoot", "𝐚𝐝𝐦𝐢𝐧", "сор", "gοοgle"])  # noqa: RUF001 - look-alikes are what this is about
def test_letters_that_look_like_others_are_warned_of(text: str) -> None:
    _, warnings = shown(f"please ask {text} now")
    assert any("look like others" in warning for warning in warnings)


@pytest.mark.parametrize("text", ["Привет", "Ελληνικά", "München", "naïve", "Зоя"])
def test_a_word_in_its_own_alphabet_is_not_warned_of(text: str) -> None:
    assert shown(text)[1] == set()


@pytest.mark.parametrize(
    "padding", [" " * 8, " " * 5000, "\n" * 40, "\n  \n  \n \n\n \n", "\t" * 9, " \t" * 30]
)
def test_padding_that_could_push_something_out_of_sight_is_shown_as_such(padding: str) -> None:
    text, warnings = shown(f"before{padding}after")
    assert PADDING_WARNING in warnings
    assert len(text) < 60
    assert text.startswith("before")
    assert text.endswith("after")


@pytest.mark.parametrize("text", ["a       b", "if a:\n    b\n\n\nc", "a\tb\tc", "first\n\nsecond\n\nthird"])
def test_ordinary_indentation_and_paragraphs_are_no_padding(text: str) -> None:
    assert shown(text) == (text, set())


def test_values_are_made_visible_at_every_depth_names_too() -> None:
    warnings = set[str]()
    value: JsonObject = {"a\u200b": [{"b": "c\u202e"}, 1, True, None, 1.5]}
    assert visible_value(value, warnings) == {"a⟨U+200B⟩": [{"b": "c⟨U+202E⟩"}, 1, True, None, 1.5]}
    assert warnings == {HIDDEN_WARNING}


def test_an_argument_cannot_hide_behind_another_whose_name_looks_the_same() -> None:
    warnings = set[str]()
    value = visible_value({"to⟨U+200B⟩": "harmless", "to\u200b": "evil", "to": "x"}, warnings)
    assert isinstance(value, dict)
    assert sorted(str(inner) for inner in value.values()) == ["evil", "harmless", "x"]


@given(st.text())
def test_nothing_that_is_shown_is_hidden(text: str) -> None:
    once, _ = shown(text)
    assert shown(once)[0] == once


@given(st.text(alphabet=st.characters(categories=["Cf", "Cc", "Cs", "Co"]), min_size=1))
def test_no_control_or_format_character_comes_through(text: str) -> None:
    once, _ = shown(text)
    assert not set(text.replace("\n", "").replace("\t", "")) & set(once)
