import pytest

from bot.cli.play_as import AccountTwice, PartTwice, read_play_as
from bot.demo.parts import Part

ALEX = "00000000-0000-0000-0000-0000000000020"
MEGAN = "7d0f1c2a-91ab-4c3d-8e5f-00112233AABB"


def test_a_part_is_a_name_an_address_or_a_person_s_id() -> None:
    words = ("Alice=U0123", "bob@other.test = W0456", "p-megan=U_MEGAN")
    assert read_play_as(words) == (
        Part("alice@acme.test", "slack", "U0123"),
        Part("bob@other.test", "slack", "W0456"),
        Part("p-megan", "slack", "U_MEGAN"),
    )


def test_an_object_id_plays_in_teams_even_one_of_the_agents_playground() -> None:
    assert read_play_as((f"alice={ALEX}", f"megan={MEGAN}")) == (
        Part("alice@acme.test", "teams", ALEX),
        Part("megan@acme.test", "teams", MEGAN.lower()),
    )


def test_a_person_is_played_once_on_each_surface() -> None:
    parts = read_play_as(("alice=U0123", f"alice={ALEX}"))
    assert [part.surface for part in parts] == ["slack", "teams"]
    with pytest.raises(PartTwice):
        read_play_as((f"alice={ALEX}", f"Alice@acme.test={MEGAN}"))
    with pytest.raises(AccountTwice):
        read_play_as((f"alice={MEGAN}", f"bob={MEGAN.upper()}"))


def test_nobody_plays_anybody_without_words() -> None:
    assert read_play_as(()) == ()
