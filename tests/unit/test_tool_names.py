"""Tool names taken apart."""

import pytest

from bot.domain.tool_names import LONGEST_NAME, words


@pytest.mark.parametrize(
    "name",
    [
        "list_http_routes",
        "listHttpRoutes",
        "ListHTTPRoutes",
        "list-http-routes",
        "list.http.routes",
        "LIST_HTTP_ROUTES",
    ],
)
def test_every_style_gives_the_same_words(name: str) -> None:
    assert words(name) == ("list", "http", "routes")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("look_up_user", ("lookup", "user")),
        ("unAssignUser", ("unassign", "user")),
        ("create_pull_request", ("create", "pullrequest")),
        ("get2faCodes", ("get", "2", "fa", "codes")),
        ("get_2fa_codes", ("get", "2", "fa", "codes")),
        ("acme:users/get", ("acme", "users", "get")),
    ],
)
def test_what_is_one_thing_is_one_word(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize("name", ["", "get user", "get_us\u0435r", "___", "a" * (LONGEST_NAME + 1)])
def test_an_unreadable_name_has_no_words(name: str) -> None:
    assert words(name) == ()
