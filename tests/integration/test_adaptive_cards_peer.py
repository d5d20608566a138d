"""Microsoft's own reader of Adaptive Cards has nothing against any card of ours."""

from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.card import render
from bot.chat.teams.shown.says import told_card, unshown
from bot.chat.teams.shown.whole import whole_views
from bot.domain.canonical import JsonObject
from tests.every_card import every_card
from tests.pictures.answers import answers
from tests.pictures.teams_theme import host_config
from tests.servers.adaptive_cards import complaints, needs_the_package

pytestmark = needs_the_package


def test_it_reads_every_card_without_an_error_or_a_warning() -> None:
    drawn: dict[str, JsonObject] = {"told": told_card("Not possible", "This is not asked of you any more.")}
    for name, card in every_card().items():
        drawn |= {f"{name}, in a message": render(card).card, f"{name}, not taken": unshown(card)}
        drawn |= {f"{name}, page {number}": view for number, view in enumerate(whole_views(card), start=1)}
    for name, answer in answers().items():
        drawn |= {f"{name}, card {number}": one for number, one in enumerate(answer_cards(answer))}
    found = complaints(list(drawn.values()), host_config("light"))
    assert {name: said for name, said in zip(drawn, found, strict=True) if said} == {}


def test_it_complains_where_there_is_something_to_complain_of() -> None:
    wrong: JsonObject = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [{"type": "Riddle"}],
        "actions": [{"type": "Action.Submit", "title": "Go", "data": {}}] * 7,
    }
    [said] = complaints([wrong], host_config("light"))
    assert len(said) == 2
    assert "Riddle" in said[0]
    assert "exceeded (6)" in said[1]
