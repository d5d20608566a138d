"""Runbook files: what is read, and how each fault is named with its line."""

from pathlib import Path

import pytest

from bot.agent.runbook import SlotKind
from bot.agent.runbook_file import load_runbooks, parse_runbooks
from bot.agent.yaml_lines import BadFile, UnreadableFile
from bot.domain.tools import ToolId

GOOD = """\
version: 1
synonyms: {password: [pw]}
runbooks:
  - name: desk
    title: Book a desk
    examples: [I need a desk in Berlin]
    phrases:
      - need a desk in {city}
    slots:
      city:
        kind: found
        ask: Which city?
        find: {among: reads.cities.list, by: [name], value: id}
    reads:
      - {name: cities, tool: "rooms:list_cities", arguments: {}}
    values:
      first: {among: reads.cities.list, where: {id: "{city}"}}
    checks:
      - when: [{path: found.city.open, operator: is, value: false}]
        answer: "{city} is closed."
    plan:
      - tool: rooms:book_desk
        arguments: {city: "{city}", for: "{requester.email}", days: 1, quiet: true, note: null}
    diagnosis: "{requester.name} wants a desk in {city}."
"""


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_whole_file_is_read() -> None:
    runbook = parse_runbooks(GOOD).runbooks["desk"]
    assert runbook.slots["city"].kind is SlotKind.FOUND
    assert runbook.reads[0].tool == ToolId("rooms", "list_cities")
    assert runbook.plan[0].arguments["days"] == 1
    assert runbook.plan[0].arguments["quiet"] is True
    assert runbook.plan[0].arguments["note"] is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("version: 1", "version: 2", 1, "write version: 1"),
        ("version: 1\n", "", 1, "“version” is missing"),
        ("    title: Book", "    titel: Book", 5, "“titel” is not known here"),
        ("    title: Book a desk\n", "", 4, "“title” is missing"),
        ("title: Book a desk", "title: 12", 5, "put it in quotes"),
        ("name: desk", "name: Desk!", 4, "cannot be a name"),
        ("{password: [pw]}", "{password: [pass word]}", 2, "a single word"),
        ("{password: [pw]}", "{password: [pw, pw]}", 2, "already has a meaning"),
        ("{password: [pw]}", "{password: [pw], secret: [password]}", 2, "stands for another"),
        ("need a desk in {city}", "need a desk in {town}", 8, "“town” is no slot"),
        ("need a desk in {city}", "need a (desk in {city}", 8, "is not closed"),
        ("need a desk in {city}", "need a desk | {city}", 8, "outside of brackets"),
        ("need a desk in {city}", "need a desk {city", 8, "has no partner"),
        ("need a desk in {city}", "'{city}'", 8, "without any word"),
        ("kind: found", "kind: place", 11, "is no kind of slot"),
        ("        ask: Which city?\n", "", 11, "“ask” is missing"),
        ("kind: found", "kind: choice", 11, "“options” belongs"),
        ("among: reads.cities.list, by", "among: reads.towns.list, by", 11, "there is no read “towns”"),
        ("among: reads.cities.list, by", "among: cities, by", 11, "must lead into a read"),
        (", value: id}", "}", 13, "belong together"),
        ('"rooms:list_cities"', "rooms", 15, "does not name a tool"),
        ('"rooms:list_cities", arguments: {}', '"r:l", arguments: {c: "{reads.cities.x}"}', 15, "circle"),
        (
            '"rooms:list_cities", arguments: {}',
            '"r:l", arguments: {c: "{reads.other.x}"}',
            15,
            "no read “other”",
        ),
        ('"rooms:list_cities", arguments: {}', '"r:l", arguments: {c: "{who}"}', 15, "“who” is not known"),
        ('"rooms:list_cities", arguments: {}', '"r:l", about: town', 15, "“town” is no slot"),
        ("operator: is,", "operator: equals,", 19, "is not an operator"),
        ("operator: is,", "operator: same_as,", 19, "is not an operator"),
        ("operator: is, value: false", "operator: exists, value: 1", 19, "true or false"),
        ('        answer: "{city} is closed."\n', "", 19, "either an answer or a question"),
        ("found.city.open", "found.town.open", 19, "no slot “town”"),
        ('answer: "{city} is', 'question: "{city} is', 19, "add “slot”"),
        ("{requester.email}", "{requester.salary}", 22, "a requester has"),
        ("{requester.email}", "{values.second.id}", 22, "is not made before"),
        ("{requester.email}", "{item.id}", 22, "text of a value only"),
        ("{requester.email}", "{requester.email", 23, "has no partner"),
        ("    plan:\n", "    plans:\n", 21, "“plans” is not known here"),
        ("quiet: true", "quiet: 2026-01-01", 23, "put it in quotes"),
        ("quiet: true", "days: 2", 23, "“days” stands here twice"),
        ("{requester.name} wants", "{nobody} wants", 24, "“nobody” is not known"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(BadFile) as refusal:
        parse_runbooks(changed(old, new), file="it.yaml")
    assert refusal.value.sentence.startswith(f"it.yaml, line {line}: "), refusal.value.sentence
    assert words in refusal.value.sentence


def second(name: str, title: str, *, wins_over: str = "") -> str:
    wins = f"\n    wins_over: [{wins_over}]" if wins_over else ""
    return (
        f"  - name: {name}\n    title: {title}{wins}\n    phrases: [hello there friend]\n"
        "    diagnosis: d\n    answer: a\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + second("desk", "Another"), "already a runbook “desk”"),
        (GOOD + second("other", "book a DESK"), "already a runbook titled"),
        (GOOD + second("other", "Another", wins_over="nobody"), "which is no runbook"),
        (
            GOOD + second("one", "One", wins_over="two") + second("two", "Two", wins_over="one"),
            "goes in a circle",
        ),
        (GOOD + second("one", "One").replace("    answer: a\n", ""), "“answer” is missing"),
        ("version: 1\nrunbooks: []\n", "there is no runbook"),
        ("", "the file is empty"),
        ("version: [1\n", "not YAML"),
        ("version: &one 1\nrunbooks: *one\n", "anchors and aliases"),
        ("version: 1\nrunbooks: {a: 1}\n", "must be a list"),
        ("[" * 60 + "]" * 60, "nested too deep"),
        (changed("need a desk in {city}", "(a|b c) " * 9 + "x {city}"), "more than 256 variants"),
        (changed("need a desk in {city}", "go {city} {city}"), "put a word"),
        (changed("need a desk in {city}", "from {city} to {city}"), "stands in it twice"),
    ],
)
def test_a_faulty_file_is_refused_whole(text: str, words: str) -> None:
    with pytest.raises(BadFile) as refusal:
        parse_runbooks(text)
    assert words in refusal.value.sentence


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.yaml cannot be read: No such file"):
        load_runbooks(tmp_path / "gone.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        load_runbooks(path)


def test_a_file_on_disk_is_read_and_its_name_stands_in_errors(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert list(load_runbooks(path).runbooks) == ["desk"]
    path.write_text(changed("title: Book a desk", "title: ''"), encoding="utf-8")
    with pytest.raises(BadFile, match=r"mine\.yaml, line 5: this is empty"):
        load_runbooks(path)
