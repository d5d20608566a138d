"""What people read of the bot before they use it, on every platform."""

from typing import Final

ABOUT: Final = (
    "Write to Countersign in plain words what you need from IT: access to an application, a new password, a "
    "look at why something does not work. It looks into it, plans what has to be done, and a policy of your "
    "company decides for every single step whether it runs, whether a technician or your manager is asked "
    "first, or whether it never runs. Who is asked gets a card with everything that would be done, and can "
    "approve, deny, or always allow it. Nothing is done twice, and each decision can be explained later."
)
