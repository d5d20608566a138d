"""Answers to commands worth looking at."""

from collections.abc import Mapping

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style


def answers() -> Mapping[str, Answer]:
    """Gives the answers by name."""
    return {
        "approvals": Answer(
            title="3 requests wait for you",
            lines=tuple(_approval(name) for name in ("Dana Reyes", "Sam Ode", "Li Wei")),
        ),
        "grants": Answer(
            title="Standing approvals",
            lines=tuple(_grant(number) for number in range(1, 6)),
            page=2,
            pages=3,
            command_for_previous="grants list page 1",
            command_for_next="grants list page 3",
        ),
        "policy": Answer(
            title="acme-it:grant_app_access: runs without asking → needs approval",
            facts=(Fact("Tool", "acme-it:grant_app_access"), Fact("Manager", "is asked, too")),
            note="It holds from the next call on. What waits already is decided again when it runs.",
            buttons=(AnswerButton(label="Show", press=Press.RUN, value="policy show"),),
        ),
    }


def _approval(name: str) -> AnswerRow:
    return AnswerRow(
        label=f"{name} asks: Grant access to an app",
        badge="Pending",
        facts=(Fact("Open until", "17 November 2026, 09:00 CET"),),
        button=AnswerButton(label="Open", press=Press.OPEN, value="0" * 32),
    )


def _grant(number: int) -> AnswerRow:
    return AnswerRow(
        label=f"g-{number}: Reset password for Everyone in Finance, with any arguments",
        badge="in force",
        facts=(
            Fact("Given by", "Bob Technician, 16 November 2026"),
            Fact("Used", f"{number} of 10, last on 17 November 2026, 09:00 CET"),
        ),
        button=AnswerButton(
            label="Revoke",
            press=Press.RUN,
            value=f"grants revoke g-{number}",
            style=Style.DANGER,
            confirm="Revoke this standing approval? From the next call on, people are asked again.",
        ),
    )
