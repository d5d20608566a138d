"""Answers in Slack: selectors and buttons beside each thing, within what a message takes."""

from dataclasses import replace

from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Fact, Option
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.shown.answer import COMMAND, answer_words
from tests.servers.slack_elements import actionable
from tests.servers.slack_rules import problems_of_message

ACTIONS = ("auto", "step_up", "approval_needed", "disabled", "default")


def a_row(name: str = "reset_password", *, chosen: str = "auto", tool: str = "acme-it:it") -> AnswerRow:
    return AnswerRow(
        label=name,
        badge=chosen,
        facts=(Fact("Effect", "write"), Fact("", "More of it " * 20)),
        button=AnswerButton(label="Show", press=Press.RUN, value=f"policy show {name}"),
        more=tuple(
            AnswerButton(label=label, press=Press.RUN, value=f"policy {label} {name}") for label in "abc"
        ),
        select=AnswerSelect(
            label=f"What {name} does",
            options=tuple(Option(f"policy set {tool} {word}", word) for word in ACTIONS),
            chosen=chosen,
        ),
    )


def blocks_of(answer: Answer) -> list[list[Block]]:
    messages = answer_words(answer)
    for one in messages:
        assert problems_of_message({"text": one.text, "blocks": list(one.blocks)}) == []
    return [list(one.blocks) for one in messages]


def elements_of(blocks: list[Block]) -> list[dict[str, object]]:
    return [dict(element) for _, element in actionable(blocks)]


def test_a_selector_shows_what_holds_and_gives_the_command_that_is_chosen() -> None:
    [blocks] = blocks_of(Answer(title="Tools", lines=(a_row(),)))
    [select] = [one for one in elements_of(blocks) if one["type"] == "static_select"]
    options = select["options"]
    assert isinstance(options, list)
    assert [one["text"]["text"] for one in options] == list(ACTIONS)
    assert select["initial_option"] == options[0]
    assert options[3]["value"] == "policy set acme-it:it disabled"
    [blocks] = blocks_of(Answer(title="Tools", lines=(a_row(chosen="frozen"),)))
    assert all("initial_option" not in one for one in elements_of(blocks))


def test_many_rows_fit_into_few_messages_and_nothing_is_named_twice() -> None:
    messages = blocks_of(Answer(title="Tools", lines=tuple(a_row(f"tool_{number}") for number in range(20))))
    assert len(messages) <= 4
    named = [one["action_id"] for blocks in messages for one in elements_of(blocks)]
    assert len(named) == len(set(named)) == 20 * 5
    assert all(str(name).startswith(COMMAND) for name in named)


def test_where_a_command_is_too_long_for_a_menu_it_is_said_what_to_write() -> None:
    tool = "acme-crm:" + "long" * 60
    [blocks] = blocks_of(Answer(title="Tools", lines=(a_row(tool=tool),)))
    assert {one["type"] for one in elements_of(blocks)} == {"button"}
    [said] = [block for block in blocks if block["type"] == "context"]
    assert f"Write it, for example: policy set {tool} auto" in str(said["elements"])


def types_of(row: AnswerRow) -> list[str]:
    [blocks] = blocks_of(Answer(title="Tools", lines=(row,)))
    return [str(block["type"]) for block in blocks[1:]]


def test_a_lone_button_stands_beside_the_name_and_several_below_all_that_is_known() -> None:
    alone = AnswerRow(label="one", facts=(Fact("Asks", "technicians"),), button=a_row().button)
    assert types_of(alone) == ["section", "context"]
    assert types_of(replace(alone, facts=(Fact("Asks", "many " * 50),))) == ["section", "rich_text"]
    assert types_of(replace(alone, facts=(Fact("Asks", "all"),) * 11)) == ["section", "rich_text"]
    assert types_of(a_row()) == ["divider", "rich_text", "actions"]
    assert types_of(replace(alone, button=None)) == ["rich_text"]
