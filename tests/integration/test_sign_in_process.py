"""The real `serve`: somebody whose address proves nothing signs in, writes the code, and is known."""

import json
import re
import signal
from pathlib import Path

from tests.browsing import web_browser
from tests.servers.openid import CLIENT, SECRET, openid_server
from tests.servers.slack_acme import acme_in_slack, moved_in
from tests.servers.teams_world import RealClock

FILE = """version: 1
provider: file
file: {{people: people.yaml}}
sign_in: {{issuer: '{issuer}', client: {client}, secret: {{env: SIGN_IN_SECRET}}}}
"""


async def test_a_deployment_lets_people_sign_in_as_its_directory_file_says(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await moved_in(data)
    async with acme_in_slack() as acme, openid_server(RealClock()) as provider:
        provider.subject = "p-alice"
        text = FILE.format(issuer=provider.issuer, client=CLIENT)
        file = data / "directory.yaml"
        file.write_text(text, encoding="utf-8")
        user = acme.people["alice"]
        user.is_email_confirmed = False
        known = {"SIGN_IN_SECRET": SECRET, "COUNTERSIGN_DIRECTORY_FILE": str(file)}
        async with acme.serve(data, "socket", **known) as bot:
            url = f"http://127.0.0.1:{bot.port}"
            bot._environment["COUNTERSIGN_PUBLIC_URL"] = url
            await bot.start()
            await acme.says("alice", "I need access to Zendesk")
            [card] = await acme.told("alice", "sign in once, so that I know who you are")
            found = re.search(r'"url": "([^"]+)"', json.dumps(card.blocks))
            assert found is not None
            async with web_browser(url) as browser:
                page = await browser.signs_in(found[1])
            assert "You signed in as Alice Archer" in page.words
            await acme.says("alice", page.code)
            await acme.told("alice", "You are Alice Archer now.")
            await acme.says("alice", "I need access to Zendesk")
            await acme.told("alice", "Your request")
            assert page.code not in bot.said
            assert await bot.ended(signal.SIGINT) == 0
            assert "Traceback" not in bot.said
