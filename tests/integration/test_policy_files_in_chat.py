"""Policy files in chat, on a real store: exported page by page, pasted into a form, tried, saved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import FieldKind
from bot.chat.slack.shown.answer import answer_words
from bot.chat.teams.kit.limits import CARD_BYTES
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.teams.shown.answer import answer_cards
from bot.demo.company import CONNECTOR
from bot.documents.json_reading import rows_at
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.connectors import Connector, OverStdio
from bot.domain.grants import ExactArguments, Grant, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import AllTools, Policy, PolicyId, PolicySource
from bot.domain.rule_changes import GrantEdit
from bot.domain.tools import ToolId
from bot.flow.change_rules import ChangedMeanwhile
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.policy_export import LINE, MOST, PAGE, TooLongForChat
from bot.flow.commands.refusals import OnlyAdmins
from tests.builders import a_grant, a_policy, chosen, tools_named
from tests.commanding import answer, asker, done, refusal, told
from tests.commanding import saved as saves
from tests.journeys.arranging import entries, grants, put_policy
from tests.journeys.stage import TENANT, Stage
from tests.servers.slack_rules import problems_of_message

RESET = ToolId(CONNECTOR, "reset_password")
DELETE = ToolId(CONNECTOR, "delete_user")
SECRET = "hunter2"  # noqa: S105 - of nobody
ODD = replace(
    a_policy(
        Action.DISABLED,
        name="odd\u00a0: # “name”\u200b & <b> :smile: {{DATE(2027)}}",
        tools=tools_named("delete_user"),
        subjects=chosen(persons=["p-eve"], groups=["contractors"]),
    ),
    description="Two  spaces, a tab\tand a fixed\u00a0one.",
)
FILE = f"""\
version: 1
policies:
  - name: Nobody deletes
    connector: {CONNECTOR}
    tools: [delete_user]
    action: disabled
"""


async def exported(stage: Stage, words: str = "") -> list[Answer]:
    """Gives every page of the file."""
    page = await answer(stage, "ada", f"policy export {words}")
    found = [page]
    while page.command_for_next:
        page = await answer(stage, "ada", page.command_for_next)
        found.append(page)
    assert [one.page for one in found] == list(range(1, page.pages + 1))
    return found


async def form(stage: Stage, words: str = "", by: str = "ada") -> FormPage:
    found = await done(stage, by, f"policy apply {words}")
    assert isinstance(found, FormPage), found
    assert not found.problems
    return found


async def pasted(
    stage: Stage, page: FormPage, *parts: str, by: str = "ada", ticked: str = "", reason: str = ""
) -> FormPage | Answer:
    """Sends the page as a surface does, with these parts of a file in its fields and these boxes ticked."""
    standing = {one.name: one.value for one in page.dialog.fields}
    texts = [one.name for one in page.dialog.fields if one.kind is FieldKind.PARAGRAPH]
    boxes = dict.fromkeys(ticked.split(), True)
    filled = {**standing, **dict(zip(texts, parts, strict=False)), **boxes, "reason": reason}
    assert filled.keys() == standing.keys()
    return await Dispatch(stage.seams).submit(page.form, page.state, filled, await asker(stage, by))


async def preview(stage: Stage, text: str, *, ticked: str = "", reason: str = "") -> FormPage:
    found = await pasted(stage, await form(stage), text, ticked=ticked, reason=reason)
    assert isinstance(found, FormPage), found
    assert not found.problems, found.problems
    assert found.state.startswith("save ")
    return found


async def problems(stage: Stage, *parts: str, ticked: str = "") -> Mapping[str, str]:
    """Gives what is wrong; what was pasted still stands in the form."""
    found = await pasted(stage, await form(stage), *parts, ticked=ticked)
    assert isinstance(found, FormPage), found
    texts = [one.value for one in found.dialog.fields if one.kind is FieldKind.PARAGRAPH]
    assert texts[: len(parts)] == list(parts)
    return found.problems


async def saved(stage: Stage, page: FormPage, by: str = "ada") -> Answer:
    found = await Dispatch(stage.seams).submit(page.form, page.state, {}, await asker(stage, by))
    assert isinstance(found, Answer)
    return found


async def names(stage: Stage) -> set[str]:
    async with stage.store.view(TENANT) as view:
        return {policy.name for policy in await view.policies.all()}


def a_given(stage: Stage, start: str, **arguments: JsonValue) -> Grant:
    """Gives Bob's standing approval for Alice's reset of exactly these arguments."""
    holder = HolderPerson(PersonId("p-alice"))
    made = a_grant(start, tool=RESET, holder=holder, arguments=ExactArguments(arguments), giver="p-bob")
    return replace(made, ends=stage.clock.now() + timedelta(days=30))


async def give(stage: Stage, *given: Grant) -> None:
    async with stage.store.unit(TENANT) as unit:
        accepted = (await unit.connections.catalog())[RESET].accepted
        for one in given:
            await unit.grants.add(replace(one, fingerprint=accepted))


def in_slack(found: Answer) -> list[str]:
    """Gives the texts in a fixed width, as they are copied out of Slack."""
    texts = []
    for message in answer_words(found):
        assert problems_of_message({"text": message.text, "blocks": list(message.blocks)}) == []
        for block in rows_at({"blocks": list(message.blocks)}, "blocks"):
            for part in rows_at(block, "elements"):
                runs = rows_at(part, "elements") if part["type"] == "rich_text_preformatted" else []
                texts += ["".join(str(run["text"]) for run in runs)] if runs else []
    return texts


def in_teams(found: Answer) -> list[str]:
    """Gives the texts in a fixed width, as they are copied out of Teams."""
    texts = []
    for card in answer_cards(found):
        assert wire_bytes(card) <= CARD_BYTES
        for box in rows_at(card, "body"):
            for block in rows_at(box, "items"):
                runs = rows_at(block, "inlines")
                if any(run.get("fontType") == "Monospace" for run in runs):
                    texts.append("".join(str(run["text"]) for run in runs))
    return texts


async def test_every_page_is_a_file_that_reads_back_out_of_slack_and_out_of_teams(stage: Stage) -> None:
    for number in range(40):
        named = replace(ODD, name=f"{ODD.name} {number}", id=PolicyId(f"odd-{number}"))
        await put_policy(stage, named)
    await give(stage, a_given(stage, "aa11", user="alice@acme.test"))
    before = await names(stage)
    pages = await exported(stage, "--with-grants")
    assert len(pages) > 1
    assert sum(page.text.count("  - name: ") for page in pages) == len(before)
    for page in pages:
        assert page.text.startswith("version: 1\n")
        for parts in ([page.text], in_slack(page), in_teams(page)):
            assert len(parts) <= 3
            found = await pasted(stage, await form(stage), *parts, ticked="with_grants")
            assert isinstance(found, Answer), found
            assert found.title == "Nothing would change"


async def test_one_connectors_part_says_nothing_of_another(stage: Stage) -> None:
    async with stage.store.unit(TENANT) as unit:
        made = Connector(id="github", name="github", transport=OverStdio(command="true"), manifest={})
        await unit.connections.put(made)
    await put_policy(stage, a_policy(Action.AUTO, name="All of github", connector="github", tools=AllTools()))
    [found] = await exported(stage, "github")
    assert found.title == "Policy file of github: 1 policy"
    assert "All of github" in found.text
    assert CONNECTOR not in found.text
    assert "*" not in found.text
    assert "--prune" in found.note
    assert "Did you mean “github”?" in (await refusal(stage, "ada", "policy export githup")).sentence
    assert isinstance(await refusal(stage, "bob", "policy export"), OnlyAdmins)


async def test_what_cannot_be_copied_is_named_with_the_command_that_prints_it(stage: Stage) -> None:
    many = [f"tool_{number}" for number in range(LINE // 8)]
    await put_policy(stage, a_policy(name="A very long one", tools=tools_named(*many)))
    await give(stage, a_given(stage, "aa11", user="a", password=SECRET))
    found = (await exported(stage, "--with-grants"))[0]
    assert "too long for chat: “A very long one”" in found.note
    assert "because of secrets: 1 standing approval." in found.note
    assert "printed in the terminal: countersign --tenant acme policy export." in found.note
    for page in await exported(stage, "--with-grants"):
        assert SECRET not in page.text
        assert "A very long one" not in page.text


async def test_a_file_of_too_many_pages_is_refused_with_both_ways_out(stage: Stage) -> None:
    async with stage.store.unit(TENANT) as unit:
        for number in range(MOST * PAGE // 1_200):
            one = a_policy(name=f"{number} {'é' * 200}", tools=tools_named("delete_user"))
            await unit.policies.put(replace(one, id=PolicyId(f"n{number}")), by="ada")
    found = await refusal(stage, "ada", "policy export")
    assert isinstance(found, TooLongForChat)
    assert f"“policy export {CONNECTOR}” for one connector’s part" in found.sentence
    assert found.sentence.endswith(": countersign --tenant acme policy export")
    narrow = await refusal(stage, "ada", f"policy export {CONNECTOR}")
    assert "for one connector" not in narrow.sentence
    assert narrow.sentence.endswith(f": countersign --tenant acme policy export {CONNECTOR}")


async def test_a_file_is_foreseen_then_saved_as_one_change_with_its_reason(stage: Stage) -> None:
    text = FILE + f"defaults:\n  {CONNECTOR}: step_up\n"
    page = await preview(stage, text, reason="the yearly review")
    assert "Nobody deletes: new" in page.dialog.summary
    assert f"{CONNECTOR}:*: new (action: none of its own → step_up)" in page.dialog.summary
    assert "In the last 30 days" in page.dialog.summary
    assert "Nobody deletes" not in await names(stage)
    done_ = await saved(stage, page)
    assert done_.title.startswith("Saved as change ")
    async with stage.store.view(TENANT) as view:
        change = await view.changes.get(await view.changes.newest())
        own = (await view.policies.defaults()).connectors
    assert change is not None
    assert (change.by, change.reason, len(change.edits)) == ("p-ada", "the yearly review", 2)
    assert own == {CONNECTOR: Action.STEP_UP}
    policy = next(edit.after for edit in change.edits if edit.name == "Nobody deletes")
    assert isinstance(policy, Policy)
    assert (policy.source, policy.owner) == (PolicySource.IMPORT, "p-ada")


async def test_a_dry_run_saves_nothing_and_keeps_nothing_that_could_be_saved(stage: Stage) -> None:
    found = await pasted(stage, await form(stage, "--dry-run"), FILE)
    assert isinstance(found, Answer)
    assert [row.label for row in found.lines] == ["Nobody deletes"]
    assert found.buttons == ()
    assert found.note == "Nothing is saved."
    assert "In the last 30 days" in told(found)
    assert "Nobody deletes" not in await names(stage)


async def test_the_flags_of_the_command_stand_in_the_form(stage: Stage) -> None:
    page = await form(stage, "--prune --with-grants the yearly review")
    values = {one.name: one.value for one in page.dialog.fields}
    assert (values["prune"], values["with_grants"]) == (True, True)
    assert values["reason"] == "the yearly review"


async def test_with_prune_the_file_is_the_whole_truth(stage: Stage) -> None:
    await give(stage, a_given(stage, "aa11", user="alice@acme.test"))
    page = await preview(stage, FILE, ticked="prune with_grants")
    await saved(stage, page)
    assert await names(stage) == {"Nobody deletes"}
    assert all(one.revoked for one in await grants(stage))
    [revoked] = await entries(stage, "grant.revoked")
    assert (revoked.actor, revoked.grants) == ("p-ada", ("aa11",))


async def test_a_mistake_is_told_at_the_field_in_which_it_stands_with_its_line(stage: Stage) -> None:
    found = await problems(stage, FILE.replace("action", "acton"))
    assert list(found) == ["part_1"]
    assert "Line 6 (acton: disabled): “acton” is not a key of a policy." in found["part_1"]
    head, tail = FILE[: FILE.index("    tools")], FILE[FILE.index("    tools") :]
    found = await problems(stage, head.rstrip("\n"), tail.replace("delete_user", "delete_usr"))
    assert found == {
        "part_2": f"Line 1 (tools: [delete_usr]): {CONNECTOR} has no tool “delete_usr”. "
        "Did you mean “delete_user”?"
    }
    found = await problems(stage, "version: 1\npolicies: [")
    assert "column" in found["part_1"]
    assert (await problems(stage, " \n"))["part_1"] == "Paste the policy file here."
    assert "60000 is the most" in (await problems(stage, "# " + "x" * 60_000))["part_1"]
    many = FILE + "".join(f"    wrong_{number}: 1\n" for number in range(9))
    assert (await problems(stage, many))["part_1"].endswith("And 6 more.")
    assert "Nobody deletes" not in await names(stage)


async def test_of_a_file_with_one_mistake_nothing_is_applied(stage: Stage) -> None:
    nobody = FILE + "    subjects: {persons: [nobody@acme.test]}\n"
    found = await problems(stage, f"{nobody}defaults:\n  {CONNECTOR}: step_up\n")
    assert "Nobody with the address “nobody@acme.test”" in found["part_1"]
    async with stage.store.view(TENANT) as view:
        assert not (await view.policies.defaults()).connectors


async def test_a_preview_that_another_admin_overtook_is_not_saved(stage: Stage) -> None:
    await put_policy(stage, a_policy(Action.AUTO, name="Nobody deletes", tools=tools_named("delete_user")))
    page = await preview(stage, FILE)
    await saves(stage, "ahmed", 'policy disable "Nobody deletes"')
    with pytest.raises(ChangedMeanwhile) as caught:
        await saved(stage, page)
    assert "yes → no (change 2)" in caught.value.sentence


async def test_what_lets_a_destroying_tool_do_more_waits_for_another_admin(stage: Stage) -> None:
    text = FILE.replace("Nobody deletes", str(DELETE)).replace("disabled", "auto")
    page = await preview(stage, text)
    assert page.dialog.submit.startswith("Ask")
    looked = await pasted(stage, await form(stage, "--dry-run"), text)
    assert isinstance(looked, Answer)
    assert "another admin has to approve it" in told(looked)
    assert (await saved(stage, page)).title == "Another admin has to approve this change"
    async with stage.store.view(TENANT) as view:
        [waiting] = await view.changes.pending_proposals()
        own = next(one for one in await view.policies.all() if one.name == str(DELETE))
    assert (waiting.by, waiting.tools) == ("p-ada", (DELETE,))
    assert own.action is Action.DISABLED


def a_grant_of(
    stage: Stage, giver: str, holder: str = "{person: alice@acme.test}", *, tool: ToolId = RESET
) -> str:
    ends = (stage.clock.now() + timedelta(days=10)).isoformat()
    return f"""\
version: 1
grants:
  - tool: {tool}
    holder: {holder}
    arguments: {{exact: {{user: alice@acme.test}}}}
    seats: [technician]
    giver: {giver}
    ends: {ends}
"""


async def test_standing_approvals_are_given_in_ones_own_name_only(stage: Stage) -> None:
    for giver, holder, why in (
        ("bob@acme.test", "{person: alice@acme.test}", "is given in one's own name."),
        ("ada@acme.test", "{person: ada@acme.test}", "You cannot give yourself a standing approval."),
    ):
        text = a_grant_of(stage, giver, holder)
        found = await problems(stage, text, ticked="with_grants")
        assert found["part_1"].startswith(f"Line 3 (- tool: {RESET}): ")
        assert why in found["part_1"]
        unread = await pasted(stage, await form(stage), text)
        assert isinstance(unread, Answer)
        assert unread.title == "Nothing would change"
    text = a_grant_of(stage, "ada@acme.test", "everyone")
    await saved(stage, await preview(stage, text, ticked="with_grants"))
    [given] = await grants(stage)
    assert (given.giver, given.tool) == ("p-ada", RESET)
    [entry] = await entries(stage, "grant.given")
    assert (entry.actor, entry.grants) == ("p-ada", (given.id,))


async def test_a_standing_approval_for_a_destroying_tool_is_given_once_another_admin_approved(
    stage: Stage,
) -> None:
    page = await preview(stage, a_grant_of(stage, "ada@acme.test", tool=DELETE), ticked="with_grants")
    await saved(stage, page)
    async with stage.store.view(TENANT) as view:
        [waiting] = await view.changes.pending_proposals()
    assert await grants(stage) == ()
    assert (await stage.presses("ahmed", f"change-{waiting.id}", "approve")).status == 200
    [given] = await grants(stage)
    assert (given.tool, given.giver) == (DELETE, "p-ada")


async def test_a_standing_approval_of_a_file_settles_what_waits_for_it(stage: Stage) -> None:
    request = await stage.fills("alice", str(RESET), user="alice@acme.test")
    await stage.comes_to(request, "waiting")
    found = await saved(stage, await preview(stage, a_grant_of(stage, "ada@acme.test"), ticked="with_grants"))
    assert "It also settles: 1 other request" in told(found)
    await stage.comes_to(request, "done")


async def test_undoing_a_file_revokes_what_it_gave_and_leaves_revoked_what_it_revoked(stage: Stage) -> None:
    text = FILE + a_grant_of(stage, "ada@acme.test").removeprefix("version: 1\n")
    await saved(stage, await preview(stage, text, ticked="with_grants"))
    async with stage.store.view(TENANT) as view:
        number = await view.changes.newest()
        change = await view.changes.get(number)
    assert change is not None
    assert [type(edit) for edit in change.edits][-1] is GrantEdit
    history = await answer(stage, "ada", f"policy history {RESET}")
    assert "Standing approval: " in told(history)
    await saves(stage, "ada", f"policy undo {number}")
    assert "Nobody deletes" not in await names(stage)
    assert all(one.revoked for one in await grants(stage))
    again = await answer(stage, "ada", f"policy undo {number + 1}")
    assert "stay revoked" in again.note
    await answer(stage, "ada", again.buttons[0].value)
    assert "Nobody deletes" in await names(stage)
    assert all(one.revoked for one in await grants(stage))
