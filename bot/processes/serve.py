"""`serve` and `work`: the bot of a real organisation."""

from bot.app import open_deployment
from bot.chat.slack.connection import MAX_BODY
from bot.chat.web.body import sentences
from bot.ports.store import StoreUnreachable
from bot.processes.chat import chat_settings
from bot.processes.log import log_to_stderr
from bot.processes.staff import staffed
from bot.processes.words import Say, chat_words, told_to_stop
from bot.settings import Settings
from bot.web import health_routes, listening


async def run_serve(settings: Settings, say: Say) -> None:
    """Serves health and works on requests until it is told to stop.

    Raises:
        Refusal: a setting, the database or the port cannot be used.
    """
    log_to_stderr(settings.log_level)
    chat = chat_settings()
    async with open_deployment(settings) as deployment:

        async def ready() -> str:
            try:
                await deployment.store.tenants()
            except StoreUnreachable as refusal:
                return refusal.sentence
            return ""

        async with staffed(deployment, chat=chat, has_page=False) as staff:
            routes = [*health_routes(ready), *staff.routes]
            async with listening(
                settings.host, settings.port, routes, [sentences], max_body=MAX_BODY
            ) as port:
                say(f"Countersign listens on http://{settings.host}:{port}. Ctrl-C stops it.")
                for line in chat_words(chat):
                    say(line)
                await told_to_stop()


async def run_work(settings: Settings, say: Say) -> None:
    """Works on requests until it is told to stop.

    Raises:
        Refusal: a setting or the database cannot be used.
    """
    log_to_stderr(settings.log_level)
    chat = chat_settings()
    async with (
        open_deployment(settings) as deployment,
        staffed(deployment, chat=chat, has_page=False, listens=False),
    ):
        say("This worker is at work. Ctrl-C stops it.")
        await told_to_stop()
