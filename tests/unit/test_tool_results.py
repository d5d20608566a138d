"""What a tool answers, made small enough to store and show."""

import pytest

from bot.connectors.results import MAX_CONTENT, MAX_TEXT, NoAnswer, read_result
from bot.domain.requests import CallResult

PICTURE = {"type": "image", "mimeType": "image/png", "data": "iVBORw0KGgo" * 1000}


def read(**result: object) -> CallResult:
    return read_result(result, duration_s=0.5)


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


def test_texts_are_joined() -> None:
    result = read(content=[text("one"), text("two")])
    assert (result.ok, result.text, result.content, result.duration_s) == (True, "one\ntwo", None, 0.5)


def test_what_the_server_calls_structured_is_the_content() -> None:
    assert read(content=[text('{"a": 1}')], structuredContent={"a": 2}).content == {"a": 2}


def test_a_text_that_is_json_is_the_content_too() -> None:
    assert read(content=[text(' {"a": [1]}')]).content == {"a": [1]}
    assert read(content=[text('{"a": 1, "a": 2}')]).content is None
    assert read(content=[text("7")]).content is None
    assert read(content=[text("{"), text("}")]).content is None


def test_a_structured_answer_without_text_is_shown_as_text() -> None:
    assert read(content=[], structuredContent={"a": "ü"}).text == '{"a": "ü"}'


def test_an_error_keeps_the_servers_words() -> None:
    result = read(content=[text("locked")], isError=True)
    assert (result.ok, result.text) == (False, "locked")


def test_pictures_and_files_are_named_and_not_kept() -> None:
    link = {"type": "resource_link", "name": "report", "uri": "https://files.test/1", "mimeType": "text/csv"}
    file = {"type": "resource", "resource": {"uri": "file:///a", "blob": "AAAA"}}
    note = {"type": "resource", "resource": {"uri": "file:///b", "text": "inside"}}
    shown = read(content=[text("see"), PICTURE, link, file, note, {"type": "hologram"}, 7]).text
    assert shown.splitlines() == [
        "see",
        "[a picture: image/png]",
        "[a link: report, https://files.test/1, text/csv]",
        "[a file: file:///a]",
        "inside",
        "[something that cannot be shown]",
        "[something that cannot be shown]",
    ]


def test_attack_22_and_23_a_long_text_is_cut_and_says_so() -> None:
    shown = read(content=[text("x" * 2_000_000)]).text
    assert len(shown) == MAX_TEXT
    assert shown.endswith("[The answer was longer. The rest is not kept.]")


def test_attack_23_a_large_or_deep_structured_answer_is_dropped_and_says_so() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    for structured in ({"a": "x" * MAX_CONTENT}, {"a": deep}, {"a": float("nan")}):
        result = read(content=[text("short")], structuredContent=structured)
        assert result.content is None
        assert "too large and is not kept" in result.text


def test_half_a_character_does_not_get_into_the_store() -> None:
    assert read(content=[text("a\ud800b")]).text == "a?b"


def test_a_tool_that_asks_for_more_has_done_nothing() -> None:
    result = read(resultType="input_required", inputRequests={})
    assert not result.ok
    assert "asks for more input" in result.text


@pytest.mark.parametrize("result", [{}, {"content": "text"}, {"tools": []}])
def test_what_is_no_answer_is_not_taken_for_one(result: dict[str, object]) -> None:
    with pytest.raises(NoAnswer):
        read(**result)
