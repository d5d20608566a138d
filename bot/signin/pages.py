"""The pages of a sign-in: plain HTML without a program, for any width and for dark screens."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Final

from aiohttp import web

from bot.cards.visible import visible
from bot.domain.people import Person
from bot.ports.signin import Asking
from bot.signin.browser import DIGITS

_SURFACES: Final = {"slack": ("Slack", "Workspace"), "teams": ("Microsoft Teams", "Organisation")}
"""What a surface is called, and what it calls the place where all of its people are."""
_LONGEST: Final = 80
"""Characters that are shown of a name."""

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1d21; --dim: #51545e; --page: #f3f4f6; --card: #fff;
  --line: #c9ccd4; --act: #1f4fbf; --on-act: #fff; --warn: #7a2e00; --warn-page: #fff1e6; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef2; --dim: #b3b7c2; --page: #14151a;
  --card: #1f2128; --line: #41454f; --act: #8db0ff; --on-act: #10131a; --warn: #ffc9a3;
  --warn-page: #3a2315; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 1rem; display: grid; place-items: center;
  background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 32rem; padding: 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: .75rem 0; }
main > :last-child { margin-bottom: 0; }
dl { margin: 1rem 0; display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
dt { color: var(--dim); }
dd { margin: 0; font-weight: 600; }
.code { margin: 1rem 0; padding: .75rem; border: 2px solid var(--line); border-radius: .5rem;
  text-align: center; font: 600 clamp(1.6rem, 9vw, 2.4rem)/1.2 ui-monospace, monospace;
  letter-spacing: .08em; user-select: all; }
.code span + span { margin-left: .5em; }
.warning { padding: .75rem 1rem; border-radius: .5rem; background: var(--warn-page); color: var(--warn); }
button { width: 100%; padding: .8rem 1rem; border: 0; border-radius: .5rem; cursor: pointer;
  background: var(--act); color: var(--on-act); font: inherit; font-weight: 600; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
"""
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says; its body is HTML."""

    title: str
    body: str
    forms: str = "'none'"
    """Where its forms may lead, redirects included."""
    status: int = 200

    def response(self) -> web.Response:
        """Gives the page as an answer that is kept nowhere."""
        rules = (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
            f"form-action {self.forms}; frame-ancestors 'none'"
        )
        title = escape(self.title)
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f"<body><main><h1>{title}</h1>{self.body}</main></body></html>"
        )
        headers = {**_HEADERS, "Content-Security-Policy": rules}
        return web.Response(text=text, content_type="text/html", status=self.status, headers=headers)


def start_page(asking: Asking, *, action: str, link: str, issuer: str) -> Page:
    """Gives the page that a link opens; only its button begins anything.

    Args:
        asking: who asked for the link.
        action: where the form goes.
        link: the link's code.
        issuer: where people sign in; its own redirects may lead anywhere by the same scheme.
    """
    scheme = "https:" if issuer.startswith("https:") else "http:"
    return Page(
        title="Sign in for the IT help bot",
        body=(
            "<p>So that the bot knows who you are, sign in once. This account asked for it:</p>"
            f"{_account(asking)}"
            f'<form method="post" action="{escape(action)}">'
            f'<input type="hidden" name="code" value="{escape(link)}">'
            '<button type="submit">Sign in</button></form>'
            '<p class="warning">Did somebody else send you this link, or is this not your account? '
            "Then close this page.</p>"
        ),
        forms=f"'self' {scheme}",
    )


def code_page(asking: Asking, person: Person, code: str) -> Page:
    """Gives the page that shows the code after somebody signed in."""
    half, (surface, _) = DIGITS // 2, _surface(asking)
    return Page(
        title="One more step",
        body=(
            f"<p>You signed in as <strong>{_shown(person.name)}</strong> ({_shown(person.email)}). "
            "This account asked for it:</p>"
            f"{_account(asking)}"
            f"<p>If it is yours, write this code to the bot in {surface}, in your private chat with it. It "
            "is good for 10 minutes.</p>"
            f'<p class="code"><span>{escape(code[:half])}</span><span>{escape(code[half:])}</span></p>'
            '<p class="warning"><strong>Never give this code to anyone</strong>, not even to IT: whoever has '
            "it can act in your name. If this account is not yours, close this page; nothing has "
            "happened.</p>"
        ),
    )


def said_page(title: str, sentence: str, *, status: int = 200) -> Page:
    """Gives a page that only says something."""
    return Page(title=title, body=f"<p>{escape(sentence)}</p>", status=status)


def _account(asking: Asking) -> str:
    surface, place = _surface(asking)
    rows = (
        ("Where", surface),
        (place, _shown(asking.team_name)),
        ("Account", _shown(asking.name)),
    )
    return f"<dl>{''.join(f'<dt>{label}</dt><dd>{value}</dd>' for label, value in rows)}</dl>"


def _surface(asking: Asking) -> tuple[str, str]:
    return _SURFACES.get(asking.user.surface, (escape(asking.user.surface), "Place"))


def _shown(name: str) -> str:
    """Gives a name that somebody chose: hidden characters spelled out, nothing in it HTML."""
    seen = visible(name, set())
    return escape(seen if len(seen) <= _LONGEST else f"{seen[: _LONGEST - 1]}…") or "–"
