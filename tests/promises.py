"""The product's promises; a journey names those that it shows with `@pytest.mark.promise("APR-03")`."""

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

PROMISES: Final = {
    "INT-03": "A message in a Teams personal chat, and a mention in a channel or group chat, opens a request.",
    "INT-04": "`/request` in Slack and “request” in Teams open a form: a tool is picked, then its JSON Schema's "
    "fields are filled in and checked.",
    "INT-05": "A platform's re-sent event opens nothing twice.",
    "INT-06": "The requester's card says what happens now, who is waited for and until when; it has Withdraw, "
    "Nudge (rate limited) and Add details.",
    "INT-07": "What a person writes next continues the conversation; nothing opens a second request by accident.",
    "INT-01": "A direct message to the bot in Slack opens a request, acknowledged in the message’s thread.",
    "INT-02": "A mention in a Slack channel opens a request, answered in a thread on that message.",
    "INT-08": "Equal open requests share one approval, and everyone who asked is answered.",
    "PLN-01": "The agent looks things up by itself before it proposes, and the employee sees nothing of it.",
    "PLN-02": "Diagnosis and plan are always noted where technicians see them and the employee does not.",
    "PLN-03": "A disabled tool is not in the agent's list, and a call of it is refused.",
    "PLN-04": "In plan mode only reads run and nobody is asked; the note says what would happen.",
    "PLN-05": "Without a model, runbooks plan; what they do not know is said, and the form is offered.",
    "PLN-08": "Arguments have to fit the tool's JSON Schema before anyone is asked.",
    "POL-01": "auto runs at once, approval_needed waits for a technician, disabled never runs.",
    "POL-02": "A changed policy holds from the next decision on, without restart, in every process.",
    "POL-03": "Connecting a connector gives every tool a policy, and says why for each.",
    "POL-04": "A policy is for a connector, for tools, for persons, for groups, or for everyone.",
    "POL-05": "The most restrictive policy that speaks wins: disabled, approval_needed, step_up, auto.",
    "POL-06": "Conditions must all hold; else the policy's other action is said, disabled unless it names one.",
    "POL-07": "Conditions can look at the arguments of the call.",
    "POL-08": "A policy goes before the connector's default, and that before the company-wide one.",
    "POL-09": "A company-wide default of disabled means: no policy, no access.",
    "POL-11": "Switching a connector or a tool off beats every policy.",
    "POL-12": "Every decision says which policies spoke, which won, and why, in one sentence.",
    "POL-13": "Policies have versions, history and undo; a file is exported, tried on the last 30 days, and applied.",
    "POL-14": "Loosening a tool that destroys something needs a second admin.",
    "POL-15": "A freeze holds at once, also for what is queued, and only another admin lifts it.",
    "APR-01": "Technicians get a card with buttons by direct message in Slack and in Teams.",
    "APR-02": "With manager approval on, the requester's direct manager in the directory is asked too.",
    "APR-03": "Technician and manager must both approve; either one's denial denies.",
    "APR-04": "Nobody approves their own request or fills two seats.",
    "APR-05": "For a manager who is missing, disabled or takes part already, the next level is asked, then the "
    "fallback group; the card says so.",
    "APR-07": "The card shows connector, tool, every argument, effect, requester, manager, policy and reason, "
    "with secrets masked.",
    "APR-08": "Deny asks for a reason, and the requester is told it.",
    "APR-11": "Every copy of a card shows the decision; a late click is told who decided and when.",
    "APR-12": "An approval expires after 24 hours unless the tenant says otherwise; the requester is told to ask "
    "again.",
    "APR-16": "App Home in Slack and “approvals” in Teams list my open approvals and my requests.",
    "APR-17": "A technician and a manager on different platforms approve the same request.",
    "STD-01": "Always allow approves this request and stores a standing approval.",
    "STD-02": "The narrowest scope is preselected, the rule is one sentence, and history is shown before saving.",
    "STD-03": "A standing approval ends, at its date or when its uses are used up; its giver is warned before.",
    "STD-04": "A covered call runs unasked; the requester and the audit log see which standing approval.",
    "STD-05": "Other pending approvals that a new standing approval covers are settled, and named.",
    "STD-06": "Standing approvals are listed, filtered and revoked from chat; revoking holds at once.",
    "STD-07": "A tool that changed suspends its standing approvals until an admin accepts it.",
    "STD-08": "A policy can forbid standing approvals, tools that destroy do, and wide ones take an admin.",
    "STD-09": "After 5 approvals and no denial in 30 days the narrowest rule is suggested, never applied by itself; "
    "removing unused ones is proposed.",
    "EXE-01": "A call runs at most once; an unknown outcome is put to a technician.",
    "EXE-02": "What runs is byte for byte what was approved.",
    "EXE-03": "Steps run in the plan's order; the first failure stops the rest, and everyone sees where.",
    "EXE-04": "A restarted process, or another one, goes on where the last one stopped.",
    "RPY-01": "The requester is told what was done, in the place where they asked.",
    "RPY-03": "Long work shows in the status card how far it is.",
    "RPY-02": "Whose request is denied is told so, with the reason.",
    "AUD-01": "Every call has its entries: agent, connector, method, path, tool, digest of the arguments, "
    "decision, who, which policy or standing approval, status and duration.",
    "AUD-02": "The audit log is a hash chain, and verifying it names the first bad entry.",
    "CMD-01": "Policies are listed with search, action, order and pages; shown, set, tested, and their changes undone.",
    "CMD-05": "`policy test` explains what would be decided about a call, without making it.",
    "CMD-02": "The tools of a connector are listed with a selector beside each, which previews and saves.",
    "CMD-03": "The same commands work in Teams as messages, and in the terminal.",
    "CMD-04": "Only admins change policies; everyone else is told so.",
    "CMD-06": "Policies are made and changed with forms, which show what saving means before it is done.",
    "IDP-01": "Entra ID, Okta, Google Workspace, SCIM and a people file say who somebody is, their manager, their groups, and "
    "whether they are enabled.",
    "IDP-02": "Accounts are tied to persons by stable ids; an address ties one only if it is confirmed, unique and of "
    "an allowed domain, and a sign-in only if the account itself writes its code.",
    "IDP-03": "While the identity provider is away nothing gets wider, and the card says so.",
    "OPS-01": "One process on SQLite needs nothing else; several on PostgreSQL share the work.",
    "OPS-04": "The written manifests make an app with just what the code uses, valid by the platforms’ own rules.",
    "OPS-02": "check says what is missing or wrong in the settings, and where to get it.",
}  # fmt: skip
"""A sentence per promise, by its id; each has at least one journey."""


def ids_of(item: pytest.Item) -> set[str]:
    """Gives the ids that a test names."""
    return {str(one) for mark in item.iter_markers("promise") for one in mark.args}


def unknown_ids(items: Iterable[pytest.Item], known: Mapping[str, str] = PROMISES) -> list[str]:
    """Gives, for each test that names what is no promise, where it stands and what it names."""
    return [f"{item.nodeid}: {one}" for item in items for one in sorted(ids_of(item) - known.keys())]
