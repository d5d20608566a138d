"""Seeding: what a tool that nobody has judged starts with."""

from collections.abc import Mapping

import pytest

from bot.domain.actions import Action, Effect
from bot.domain.effects import Annotations, Seeding, Why, annotations_of, seed

READ_ONLY = Annotations(read_only=True)


def seeded(
    name: str,
    description: str | None = None,
    *,
    hints: Annotations | None = None,
    manifest: Effect | None = None,
    arguments: Mapping[str, object] | None = None,
) -> Seeding:
    """A tool with the given arguments, each a JSON Schema."""
    return seed(
        name=name,
        description=description,
        input_schema={"type": "object", "properties": arguments or {}},
        annotations=hints,
        manifest=manifest,
    )


@pytest.mark.parametrize(
    "name",
    [
        "list_gadgets", "get_gadget", "findGadgets", "search-gadgets", "gadgets.get",
        "acme_get_gadget", "acme.gadgets.fetch", "describeGadget", "count_gadgets", "compare_gadgets",
        "whoami", "think", "wait_for", "get_gadgets_and_widgets", "look_up_gadget", "test_connection",
    ],
)  # fmt: skip
def test_a_name_led_by_a_reading_verb_runs_unasked(name: str) -> None:
    result = seeded(name)
    assert (result.effect, result.action, result.why) == (Effect.READ, Action.AUTO, Why.VERB)


@pytest.mark.parametrize(
    "name",
    [
        "get_deploy_status", "list_pull_requests", "get_commit", "list_updates", "get_lock_state",
        "list_runs", "get_change_request_details", "get_install_status", "get_release", "get_comments",
        "order_get", "list_deleted_gadgets",
    ],
)  # fmt: skip
def test_a_verb_behind_a_reading_verb_is_a_noun(name: str) -> None:
    assert seeded(name).action is Action.AUTO


@pytest.mark.parametrize(
    "name",
    [
        "create_gadget", "gadgetsCreate", "acme_gadgets_add_comment", "gadget-rename", "sendMessage",
        "setStatus", "reset_password", "acme_reboot_host", "approve_order", "un_assign_gadget",
        "merge_pull_request", "turn_on_light", "press_key", "click", "drag", "execute_anything",
        "run_script", "call_api", "kubectl_exec", "gadget_createorupdate", "bulkupdate_gadgets",
        "redeploy", "mark_as_read", "request_gadget", "log_time", "raw_request", "check_out_gadget",
        "show_notification", "run_query",
    ],
)  # fmt: skip
def test_a_changing_verb_asks_whatever_the_server_says(name: str) -> None:
    assert seeded(name).effect is not Effect.READ
    hinted = seeded(name, hints=READ_ONLY)
    assert (hinted.action, hinted.why) == (Action.APPROVAL_NEEDED, Why.CONFLICT)


@pytest.mark.parametrize(
    "name",
    [
        "get_or_create_gadget", "getOrRegisterGadget", "find_gadgets_and_update",
        "register_and_get_gadget", "list_then_frobnicate", "search_replace", "frobnicate_list",
        "share_view", "post_search", "search_update",
    ],
)  # fmt: skip
def test_a_reading_verb_beside_another_verb_is_not_enough(name: str) -> None:
    assert seeded(name).effect is not Effect.READ


@pytest.mark.parametrize(
    "name",
    [
        "delete_gadget", "gadgets.delete", "removeUser", "purge_queue", "wipe_device", "drop_table",
        "rm", "terminate_instance", "empty_trash", "get_and_delete", "batchDelete", "uninstall_agent",
        "flush_all",
    ],
)  # fmt: skip
def test_what_cannot_be_made_good_destroys(name: str) -> None:
    assert seeded(name).effect is Effect.DESTROY


@pytest.mark.parametrize(
    "name",
    [
        "remove_member", "remove_user_from_group", "remove_label", "clear_cache", "flush_dns",
        "revoke_access", "archive_channel", "disable_account", "unlink_account",
    ],
)  # fmt: skip
def test_what_the_next_call_makes_good_only_writes(name: str) -> None:
    assert seeded(name).effect is Effect.WRITE


@pytest.mark.parametrize("name", ["gadget", "frobnicate_gadget", "acme_gadgets_by_owner", "hset"])
def test_what_nothing_tells_is_an_unknown_write(name: str) -> None:
    result = seeded(name)
    assert (result.effect, result.why) == (Effect.WRITE, Why.UNKNOWN)


@pytest.mark.parametrize("name", ["get_dat\u0430", "get gadget", "get_" + "x" * 10_000, ""])
def test_a_name_that_cannot_be_read_is_a_write_whatever_the_server_says(name: str) -> None:
    assert seeded(name, "Get it.", hints=READ_ONLY).effect is Effect.WRITE


@pytest.mark.parametrize(
    "description",
    [
        "Get the gadgets of an owner.", "Lists gadgets.", "This tool returns gadgets.",
        "[READ] Fetch gadgets", "Use this tool to retrieve gadgets.",
        "Given an owner, returns gadgets", "Paginated list of gadgets",
        "Use the Gadget API to list gadgets.", "Shows the gadgets",
        "Test the connection to the gadget server", "Take a screenshot of the current gadget",
    ],
)  # fmt: skip
def test_a_description_speaks_where_the_name_is_silent(description: str) -> None:
    assert seeded("acme_gadgets", description).effect is Effect.READ
    assert seeded("frobnicate_list", description).effect is Effect.READ


@pytest.mark.parametrize(
    "description",
    [
        "Create a gadget.", "Creates or refreshes gadgets.", "Get or update the scale of a gadget.",
        "Deletes it", "Return to the shop.", "Get the guide. It also creates a gadget.",
        "Updates gadgets", "⚠ DANGER — IRREVERSIBLE. Permanently deletes the gadget.",
        "Sends the gadget",
    ],
)  # fmt: skip
def test_a_description_of_a_change_asks_whatever_the_name_says(description: str) -> None:
    assert seeded("acme_gadgets", description).effect is not Effect.READ
    if "Return" not in description:
        assert seeded("get_gadgets", description).effect is not Effect.READ


def test_a_warning_that_it_cannot_be_undone_makes_a_write_destroy() -> None:
    assert seeded("merge_gadgets", "Merges gadgets. This cannot be undone.").effect is Effect.DESTROY


@pytest.mark.parametrize("description", ["Export the gadgets", "Generates a gadget", "Scan the gadget"])
def test_a_verb_that_may_change_needs_more_than_a_hint(description: str) -> None:
    assert seeded("acme_gadgets", description).effect is Effect.WRITE
    assert seeded("acme_gadgets", description, hints=READ_ONLY).effect is Effect.WRITE


@pytest.mark.parametrize("argument", ["method", "action", "operation", "sql", "graphql", "raw_request"])
def test_where_the_caller_chooses_what_is_done_words_are_not_enough(argument: str) -> None:
    told = seeded("get_gadgets", "Get gadgets.", arguments={argument: {"type": "string"}})
    assert (told.effect, told.why) == (Effect.WRITE, Why.UNKNOWN)
    hinted = seeded("get_gadgets", "Get gadgets.", hints=READ_ONLY, arguments={argument: {"type": "string"}})
    assert (hinted.effect, hinted.why) == (Effect.READ, Why.ANNOTATION)


@pytest.mark.parametrize("name", ["query", "query_gadgets", "gadget_query"])
def test_a_promise_to_query_read_only_is_only_a_promise(name: str) -> None:
    assert seeded(name).effect is Effect.WRITE
    assert seeded(name, "Run a read-only query.", arguments={"query": {}}).effect is Effect.WRITE
    assert (
        seeded(name, "Run a read-only query.", arguments={"query": {}}, hints=READ_ONLY).effect is Effect.READ
    )


def test_a_search_text_is_not_a_statement() -> None:
    assert seeded("acme_gadgets_search", "Search gadgets.", arguments={"query": {}}).effect is Effect.READ


@pytest.mark.parametrize("argument", ["code", "script", "command", "javascript", "body"])
def test_code_is_carried_out_whatever_the_server_says(argument: str) -> None:
    result = seeded("acme_gadgets", "Frobnicates.", hints=READ_ONLY, arguments={argument: {}})
    assert (result.effect, result.why) == (Effect.WRITE, Why.CONFLICT)


def test_following_an_address_is_a_write_and_looking_around_a_help_page_is_not() -> None:
    assert (
        seeded("browser_navigate", "Navigate to a page.", arguments={"url": {}}, hints=READ_ONLY).effect
        is Effect.WRITE
    )
    assert (
        seeded("acme_navigate", "Discover the tools of a domain.", arguments={"domain": {}}).effect
        is Effect.READ
    )


@pytest.mark.parametrize(
    ("argument", "values", "effect"),
    [
        ("action", ["get", "list"], Effect.READ),
        ("action", ["get", "update"], Effect.WRITE),
        ("method", ["GET", "PATCH"], Effect.WRITE),
        ("operation", ["list", "create", "delete"], Effect.DESTROY),
        ("kind", ["create_gadget", "other"], Effect.WRITE),
        ("permission", ["read", "write"], Effect.READ),
        ("sort", ["created", "updated"], Effect.READ),
    ],
)
def test_a_changing_value_among_those_of_an_argument_counts(
    argument: str, values: list[str], effect: Effect
) -> None:
    assert seeded("get_gadgets", hints=READ_ONLY, arguments={argument: {"enum": values}}).effect is effect


@pytest.mark.parametrize(
    "nested",
    [
        {"type": "object", "properties": {"action": {"enum": ["create"]}}},
        {"type": "array", "items": {"properties": {"action": {"const": "create"}}}},
        {"anyOf": [{"type": "null"}, {"properties": {"action": {"enum": ["create"]}}}]},
    ],
)
def test_a_changing_value_counts_at_any_depth(nested: Mapping[str, object]) -> None:
    assert seeded("get_gadgets", arguments={"gadget": nested}).effect is Effect.WRITE


@pytest.mark.parametrize(
    ("hints", "effect", "why"),
    [
        (None, Effect.READ, Why.VERB),
        (READ_ONLY, Effect.READ, Why.VERB),
        (Annotations(read_only=False), Effect.WRITE, Why.ANNOTATION),
        (Annotations(destructive=False), Effect.WRITE, Why.ANNOTATION),
        (Annotations(idempotent=True), Effect.WRITE, Why.ANNOTATION),
        (Annotations(read_only=False, destructive=True), Effect.DESTROY, Why.ANNOTATION),
        (Annotations(read_only=True, destructive=True), Effect.DESTROY, Why.ANNOTATION),
    ],
)
def test_the_stricter_of_name_and_hints_holds(hints: Annotations | None, effect: Effect, why: Why) -> None:
    result = seeded("get_gadget", hints=hints)
    assert (result.effect, result.why) == (effect, why)


def test_a_hint_speaks_where_the_words_are_silent() -> None:
    result = seeded("acme_gadgets", hints=READ_ONLY)
    assert (result.effect, result.action, result.why) == (Effect.READ, Action.AUTO, Why.ANNOTATION)


@pytest.mark.parametrize("effect", list(Effect))
def test_our_own_manifest_outweighs_everything(effect: Effect) -> None:
    result = seeded("delete_gadget", hints=Annotations(read_only=False), manifest=effect)
    assert (result.effect, result.why) == (effect, Why.MANIFEST)
    assert (result.action is Action.AUTO) is (effect is Effect.READ)


def test_hints_are_read_from_the_wire() -> None:
    wire = {"title": "Gadgets", "readOnlyHint": True, "destructiveHint": False, "openWorldHint": None}
    assert annotations_of(wire) == Annotations(read_only=True, destructive=False)


@pytest.mark.parametrize("wire", [None, {}, {"title": "Gadgets"}])
def test_no_hint_on_the_wire_says_nothing(wire: Mapping[str, object] | None) -> None:
    assert annotations_of(wire) is None
    assert seeded("get_gadget", hints=annotations_of(wire)).effect is Effect.READ


@pytest.mark.parametrize("wire", [{"readOnlyHint": "true"}, {"readOnlyHint": 1}, {"idempotentHint": True}])
def test_hints_that_do_not_say_read_only_mean_write(wire: Mapping[str, object]) -> None:
    assert seeded("get_gadget", hints=annotations_of(wire)).effect is Effect.WRITE


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (
            seeded("list_gadgets", hints=READ_ONLY),
            "The name starts with “list”, and the server says that it only reads.",
        ),
        (seeded("gadgets_create"), "The name says “create”."),
        (
            seeded("delete_gadget", hints=READ_ONLY),
            "The name starts with “delete”, but the server says that it only reads.",
        ),
        (seeded("gadget"), "Its name and description do not say what it does."),
        (seeded("manage", arguments={"action": {"enum": ["list"]}}), "The name starts with “manage”."),
        (
            seeded("get_gadget", arguments={"action": {"enum": ["add"]}}),
            "Its argument “action” can be “add”.",
        ),
        (seeded("gadget", manifest=Effect.READ), "The connector's settings say that it only reads."),
        (seeded("get_secret"), "The name starts with “get”. It may hand out secrets, so it asks."),
    ],
)
def test_the_sentence_says_why(result: Seeding, sentence: str) -> None:
    assert result.sentence == sentence
