import asyncio
from pathlib import Path
from tests.servers.slack_acme import *
async def test_x(tmp_path: Path) -> None:
    async with acme_in_slack(domain="somewhere.test") as acme:
        data, people = tmp_path / "data", acme.people
        parts = [f"--play-as={who}={people[who].id}" for who in ("alice", "bob", "megan")]
        async with acme.demo(data, "socket", *parts) as bot:
            await bot.start()
            print([ (c.method,c.error) for c in acme.slack.calls])
            await acme.says("alice", "I need access to Zendesk")
            await asyncio.sleep(4)
            print([words(m) for m in acme.workspace.answers(people["alice"])])
            print([ (c.method,c.error) for c in acme.slack.calls])
            print(bot.said)
            print(acme.workspace.deliveries.all)
