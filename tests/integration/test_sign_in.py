"""Signing in: each way in which somebody could be taken for somebody else, by name."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs

from bot.directory.managers import known_as
from bot.domain.signing_in import GOOD_FOR, PAUSE, SignInStatus
from bot.ports.chat import ChatUser
from bot.ports.signin import Asking, Purpose
from bot.signin.routes import COOKIE, link_to
from tests.browsing import web_browser
from tests.builders import a_person
from tests.fakes.marked_directory import MarkedDirectory
from tests.records import ACME
from tests.servers.openid import SECRET
from tests.sign_in_door import MALLORY, Door, opened


@pytest.fixture
async def door(migrated: str) -> AsyncIterator[Door]:
    async with opened(migrated) as found:
        yield found


async def test_whoever_signs_in_sees_who_asked_and_a_code_that_is_tied_to_nothing_yet(door: Door) -> None:
    ended = await door.tries_to_sign_in()
    assert ended.url == f"{door.url}/signin/done"
    assert "You signed in as Alice (alice@acme.test)." in ended.words
    for part in ("Where Slack", "Workspace Acme & Co", "Account Mallory <b>Moss</b> (@mallory)"):
        assert part in ended.words
    assert "Never give this code to anyone" in ended.words
    assert "<b>Moss" not in ended.html
    found = await door.stored()
    assert (found.status, len(ended.code)) == (SignInStatus.SIGNED_IN, 8)
    assert found.signed is not None
    assert (found.signed.subject, found.signed.issuer) == ("alice", door.provider.issuer)
    assert door.provider.wrong == []


async def test_the_page_of_a_link_names_the_account_before_anybody_signs_in(door: Door) -> None:
    page = await door.browser.get(await door.link())
    assert page.status == 200
    assert "Account Mallory <b>Moss</b> (@mallory)" in page.words
    assert "Did somebody else send you this link" in page.words


async def test_looking_at_a_link_changes_nothing_and_sets_no_cookie(door: Door) -> None:
    link = await door.link()
    before = await door.stored()
    for _ in range(3):
        seen = await door.browser.get(link)
        assert (seen.status, seen.location, seen.cookies) == (200, "", {})
    assert await door.stored() == before
    assert door.provider.asked == {"discovery": 0, "keys": 0, "token": 0}


async def test_the_cookie_is_bound_to_this_browser_and_to_the_sign_in_pages(migrated: str) -> None:
    async with opened(migrated, public="https://bot.acme.test/it") as door:
        code = await door.sign_ins.ask(ACME, MALLORY, occasion="m", now=door.clock.now())
        origin = {"Origin": "https://bot.acme.test"}
        sent = await door.browser.post(f"{door.url}/signin", {"code": str(code)}, origin)
    parts = {part.strip() for part in sent.cookies[COOKIE].split(";")}
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/it/signin", "Max-Age=1200"} <= parts
    asked = parse_qs(urlsplit(sent.location).query)
    assert asked["redirect_uri"] == ["https://bot.acme.test/it/signin/callback"]


async def test_where_it_is_not_https_the_cookie_does_without_secure(door: Door) -> None:
    sent = await door.browser.presses(await door.browser.get(await door.link()))
    assert "Secure" not in sent.cookies[COOKIE]
    assert "HttpOnly" in sent.cookies[COOKIE]


async def test_pages_are_kept_nowhere_load_nothing_and_tell_nobody_where_they_came_from(door: Door) -> None:
    link = await door.link()
    ended = await door.browser.signs_in(link)
    for page in (await door.browser.get(link), ended, await door.browser.get(f"{door.url}/signin?code=x")):
        rules = page.headers["Content-Security-Policy"]
        assert rules.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in rules
        assert "unsafe" not in rules
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "<script" not in page.html
    assert ended.code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Content-Type": "text/plain"},
    ],
)
async def test_a_form_of_another_site_begins_nothing(door: Door, headers: dict[str, str]) -> None:
    code = (await door.link()).partition("code=")[2]
    answer = await door.browser.post(f"{door.url}/signin", {"code": code}, headers)
    assert (answer.status, answer.cookies) == (403, {})
    assert (await door.stored()).status is SignInStatus.ASKED


@pytest.mark.parametrize("code", ["", "x", "a" * 43, "%00", "..%2f..", "a" * 5000])
async def test_an_unknown_link_opens_nothing(door: Door, code: str) -> None:
    await door.link()
    page = await door.browser.get(f"{door.url}/signin?code={code}")
    assert page.status == 404
    assert "This link is not good" in page.words
    answer = await door.browser.post(f"{door.url}/signin", {"code": code})
    assert (answer.status, answer.location, answer.cookies) == (404, "", {})


async def test_a_link_is_good_for_ten_minutes_and_until_the_next_one(door: Door) -> None:
    first = await door.link()
    door.clock.advance(PAUSE)
    second = await door.link("m2")
    assert (await door.browser.get(first)).status == 404
    page = await door.browser.get(second)
    door.clock.advance(GOOD_FOR)
    assert (await door.browser.presses(page)).status == 404
    assert (await door.browser.get(second)).status == 404


async def test_coming_back_without_the_cookie_of_this_browser_is_refused(door: Door) -> None:
    back = await door.browser.comes_back(await door.link())
    async with web_browser(door.url) as other:
        answer = await other.get(back.location)
    assert (answer.status, answer.code) == (403, "")
    assert "not begun in this browser" in answer.words
    assert (await door.stored()).status is SignInStatus.BEGUN
    assert door.provider.asked["token"] == 0


async def test_login_forced_on_somebody_by_an_answer_for_another_browser_is_refused(door: Door) -> None:
    """An attacker sends the address with which their own sign-in would end."""
    attackers = await door.browser.comes_back(await door.link())
    async with web_browser(door.url) as victim:
        other = Asking(
            user=ChatUser(surface="slack", team="T1", id="U1"),
            purpose=Purpose.LINK,
            name="Alice",
            team_name="Acme",
        )
        code = await door.sign_ins.ask(ACME, other, occasion="m", now=door.clock.now())
        own = await victim.comes_back(link_to(door.url, str(code)))
        assert (await victim.get(attackers.location)).status == 403
        assert (await victim.follows(own)).location == f"{door.url}/signin/done"
    found = await door.sign_ins.of_user(ACME, MALLORY.user, Purpose.LINK)
    assert found is not None
    assert found.signed is None


@pytest.mark.parametrize("state", ["", "x", "ä", None])
async def test_another_state_is_refused_and_takes_nothing_away(door: Door, state: str | None) -> None:
    back = await door.browser.comes_back(await door.link())
    code = parse_qs(urlsplit(back.location).query)["code"][0]
    given = "" if state is None else f"&state={state}"
    answer = await door.browser.get(f"{door.url}/signin/callback?code={code}{given}")
    assert answer.status == 403
    assert (await door.browser.follows(back)).status == 303


async def test_replay_of_state_and_code_exchanges_nothing_again(door: Door) -> None:
    back = await door.browser.comes_back(await door.link())
    first = await door.browser.follows(back)
    again = await door.browser.follows(back)
    assert (first.location, again.location) == (f"{door.url}/signin/done",) * 2
    assert door.provider.asked["token"] == 1
    shown = {(await door.browser.follows(first)).code for _ in range(3)}
    assert len(shown) == 1
    assert "" not in shown


async def test_the_same_answer_many_times_at_once_is_exchanged_once(door: Door) -> None:
    back = await door.browser.comes_back(await door.link())
    await asyncio.gather(*(door.browser.follows(back) for _ in range(6)))
    assert door.provider.asked["token"] == 1
    assert (await door.stored()).status is SignInStatus.SIGNED_IN


async def test_replay_of_a_code_in_another_sign_in_is_refused_by_its_verifier(door: Door) -> None:
    """The code of one browser, put into the answer for another one."""
    stolen = parse_qs(urlsplit((await door.browser.comes_back(await door.link())).location).query)["code"][0]
    async with web_browser(door.url) as other:
        door.clock.advance(PAUSE)
        back = await other.comes_back(await door.link("m2"))
        state = parse_qs(urlsplit(back.location).query)["state"][0]
        answer = await other.get(
            f"{door.url}/signin/callback?code={stolen}&state={state}&iss={door.provider.issuer}"
        )
    assert (answer.status, answer.code) == (403, "")
    assert door.provider.wrong == ["token: another verifier"]
    assert (await door.stored()).signed is None


async def test_of_two_tabs_the_later_one_goes_on_and_the_earlier_one_is_told_so(door: Door) -> None:
    link = await door.link()
    page = await door.browser.get(link)
    first = await door.browser.follows(await door.browser.presses(page))
    second = await door.browser.follows(await door.browser.presses(page))
    early = await door.browser.follows(first)
    assert early.status == 403
    assert "anew since" in early.words
    ended = await door.browser.follows(await door.browser.follows(second))
    assert ended.code


async def test_after_a_page_was_closed_the_link_leads_to_a_new_code(door: Door) -> None:
    link = await door.link()
    first = await door.browser.signs_in(link)
    second = await door.browser.signs_in(link)
    assert first.code
    assert second.code
    assert first.code != second.code


async def test_somebody_who_does_not_want_to_sign_in_is_told_so_and_may_try_again(door: Door) -> None:
    door.provider.back = {"code": None, "error": "access_denied", "error_description": "<script>x</script>"}
    await door.refuses("You were not signed in.")
    door.provider.back = {}
    assert (await door.tries_to_sign_in()).code


async def test_a_person_whom_the_directory_does_not_know_gets_no_code(door: Door) -> None:
    door.provider.subject = "nobody"
    await door.refuses("the directory knows nobody of this account")


async def test_attack_9_a_subject_that_looks_like_a_managers_name_makes_nobody(door: Door) -> None:
    door.directory = MarkedDirectory([a_person("alice")])
    door.asks()
    door.provider.subject = known_as("alice")
    await door.refuses("the directory knows nobody of this account")


async def test_an_address_in_the_token_makes_nobody(door: Door) -> None:
    door.provider.subject = "nobody"
    door.provider.claims = {"email": "alice@acme.test", "email_verified": True, "preferred_username": "alice"}
    await door.refuses("the directory knows nobody of this account")


async def test_a_disabled_person_gets_no_code_not_even_on_a_page_that_is_loaded_again(door: Door) -> None:
    ended = await door.tries_to_sign_in()
    assert ended.code
    door.directory.put(a_person("alice", enabled=False))
    again = await door.browser.get(ended.url)
    assert (again.status, again.code) == (403, "")
    await door.refuses("this account is disabled")


async def test_while_the_directory_is_away_nobody_gets_a_code(door: Door) -> None:
    door.directory.unreachable = True
    ended = await door.tries_to_sign_in()
    assert (ended.status, ended.code) == (503, "")
    assert (await door.stored()).signed is None


async def test_the_claim_that_is_set_up_finds_the_person(migrated: str) -> None:
    async with opened(migrated, subject="oid") as door:
        ended = await door.tries_to_sign_in()
        assert ended.code
        found = await door.stored()
    assert found.signed is not None
    assert found.signed.subject == "oid-alice"


async def test_where_sign_in_is_switched_off_old_links_open_nothing(door: Door) -> None:
    link = await door.link()
    door.desks.clear()
    page = await door.browser.get(link)
    assert (page.status, "This link is not good" in page.words) == (404, True)


async def test_nobody_is_sent_anywhere_but_to_the_provider_and_to_our_own_address(door: Door) -> None:
    """Open redirect: neither a parameter nor the host that a browser names decides where it goes."""
    link = await door.link()
    evil = {"Host": "evil.test", "X-Forwarded-Host": "evil.test"}
    page = await door.browser.get(f"{link}&next=https://evil.test&redirect_uri=https://evil.test", evil)
    assert "evil.test" not in page.html
    code = link.partition("code=")[2]
    form = {"code": code, "redirect_uri": "https://evil.test", "next": "//evil.test"}
    sent = await door.browser.post(f"{door.url}/signin?next=https://evil.test", form, evil)
    assert sent.location.startswith(f"{door.provider.issuer}/authorize?")
    assert "evil.test" not in sent.location
    back = await door.browser.follows(sent)
    ended = await door.browser.get(f"{back.location}&next=https://evil.test", evil)
    assert ended.location == f"{door.url}/signin/done"


async def test_neither_code_nor_token_nor_secret_comes_into_the_log(door: Door) -> None:
    with capture_logs() as logged:
        link = await door.link()
        back = await door.browser.comes_back(link)
        page = await door.browser.follows(await door.browser.follows(back))
        door.clock.advance(PAUSE)
        door.provider.forge = lambda _: "abc"
        assert (await door.browser.signs_in(await door.link("m2"))).status == 403
    seen = str(logged)
    query = parse_qs(urlsplit(back.location).query)
    secrets = [link.partition("code=")[2], query["code"][0], query["state"][0], page.code, SECRET]
    assert not [one for one in secrets if one in seen]
    assert "sign_in.refused" in seen


async def test_whose_page_it_is_is_known_only_in_the_browser_that_signed_in(door: Door) -> None:
    ended = await door.tries_to_sign_in()
    async with web_browser(door.url) as other:
        assert (await other.get(ended.url)).status == 403
        for secret in ("a" * 43, "", "ä"):
            forged = await other.get(ended.url, {"Cookie": f"{COOKIE}={secret}"})
            assert (forged.status, forged.code) == (403, "")
