"""The dialog of Always allow, and how a standing approval's arguments are shown."""

from dataclasses import replace

from bot.cards.masking import MASK
from bot.cards.model import Dialog
from bot.cards.offer import always_allow_dialog, pinnable, shown_scope
from bot.domain.canonical import JsonObject
from bot.domain.grants import MANAGER_SEAT, AnyArguments, ExactArguments, PinnedArguments, Seat
from bot.domain.tenants import Tenant
from tests.builders import TECHNICIAN_SEAT
from tests.records import a_tenant
from tests.stories import a_story, an_asking_record, options_in


def dialog_for(
    *calls: JsonObject, wide: bool = False, seat: Seat = TECHNICIAN_SEAT, tenant: Tenant | None = None
) -> Dialog:
    asking = [an_asking_record(arguments) for arguments in calls or ({"user": "alice@acme.test"},)]
    return always_allow_dialog(
        a_story(steps=asking),
        asking,
        seat=seat,
        groups=["finance", "sales"] if wide else [],
        wide=wide,
        tenant=tenant or a_tenant(),
    )


def preselected(dialog: Dialog) -> dict[str, object]:
    return {field.name: field.value for field in dialog.fields}


def test_the_narrowest_choice_comes_first_and_is_preselected() -> None:
    for wide in (False, True):
        dialog = dialog_for(wide=wide)
        chosen = preselected(dialog)
        assert (chosen["holder"], chosen["arguments"], chosen["ends_in_days"]) == ("person", "exact", 30)
        assert (chosen["uses"], chosen["reason"]) == (None, None)
        assert options_in(dialog, "holder")[0] == "person"
        assert options_in(dialog, "arguments")[0] == "exact"


def test_the_wide_choices_are_for_those_who_may_give_them() -> None:
    narrow, wide = dialog_for(), dialog_for(wide=True)
    assert options_in(narrow, "holder") == ["person"]
    assert options_in(narrow, "arguments") == ["exact", "pinned"]
    assert options_in(narrow, "group") == []
    assert options_in(wide, "holder") == ["person", "group", "everyone"]
    assert options_in(wide, "arguments") == ["exact", "pinned", "any"]
    assert options_in(wide, "group") == ["finance", "sales"]


def test_the_summary_states_the_rule_with_secrets_masked() -> None:
    dialog = dialog_for({"user": "alice@acme.test", "password": "hunter2"})
    assert dialog.summary.startswith("Alice may use acme-it:reset_password with exactly")
    assert "hunter2" not in repr(dialog)
    assert MASK in dialog.summary


def test_the_rule_of_a_manager_says_so() -> None:
    assert "without asking their manager" in dialog_for(seat=MANAGER_SEAT).summary


def test_several_calls_make_several_rules_and_cannot_be_pinned() -> None:
    dialog = dialog_for({"user": "a@acme.test"}, {"user": "b@acme.test"})
    assert dialog.summary.count("may use") == 2
    assert options_in(dialog, "arguments") == ["exact"]


def test_an_end_can_be_left_out_only_where_the_tenant_allows_it() -> None:
    forever = replace(a_tenant(), never_ending_grants=True)
    for tenant, required in ((a_tenant(), True), (forever, False)):
        [days] = [field for field in dialog_for(tenant=tenant).fields if field.name == "ends_in_days"]
        assert days.required is required


def test_only_what_can_be_fixed_by_itself_is_offered() -> None:
    arguments: JsonObject = {"user": "a", "a.b": "path", "glob": "a*", "what": "why?", "n": 1, "list": ["*"]}
    assert list(pinnable(arguments)) == ["user", "n", "list"]
    assert options_in(dialog_for(arguments), "pinned") == ["user", "n", "list"]
    assert options_in(dialog_for({"glob": "*"}), "arguments") == ["exact"]
    assert options_in(dialog_for({}), "arguments") == ["exact"]


def test_a_fixed_argument_keeps_its_own_name_however_it_is_shown() -> None:
    dialog = dialog_for({"us\u200ber": "x", "token": "t0p"})
    [field] = [field for field in dialog.fields if field.name == "pinned"]
    assert [(option.value, option.label) for option in field.options] == [
        ("us\u200ber", "us⟨U+200B⟩er = x"),
        ("token", f"token = {MASK}"),
    ]


def test_the_arguments_of_a_standing_approval_are_shown_as_on_a_card() -> None:
    secret: JsonObject = {"user": "a\u202e", "password": "hunter2"}
    safe: JsonObject = {"user": "a⟨U+202E⟩", "password": MASK}
    assert shown_scope(ExactArguments(secret), {}) == ExactArguments(safe)
    assert shown_scope(PinnedArguments(secret), {}) == PinnedArguments(safe)
    assert shown_scope(AnyArguments(), {}) == AnyArguments()
