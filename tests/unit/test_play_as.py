from bot.cli.play_as import read_play_as


def test_a_part_is_a_name_an_address_or_a_person_s_id() -> None:
    words = ("Alice=U0123", "bob@other.test = W0456", "p-megan=U_MEGAN")
    assert read_play_as(words) == {
        "alice@acme.test": "U0123",
        "bob@other.test": "W0456",
        "p-megan": "U_MEGAN",
    }


def test_nobody_plays_anybody_without_words() -> None:
    assert read_play_as(()) == {}
