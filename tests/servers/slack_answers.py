"""What Slack does with the app's answers to what people did."""

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_chat_methods import post
from tests.servers.slack_elements import OPTION_GROUPS, OPTIONS, options_of
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.slack_views import View, Views
from tests.servers.slack_world import Channel, SlackError, SlackUser, World


class BadAnswer(AssertionError):
    """Slack cannot use what the app answered; the person sees that something went wrong."""


def apply_submission(views: Views, view: View, answer: JsonObject) -> None:
    """Does to the person's modals what the answer to a submission says; no answer closes the modal.

    Raises:
        BadAnswer: an unknown action, errors for blocks that are no inputs, or a bad view.
    """
    stack = views.stacks.get(view.user, [])
    try:
        match answer.get("response_action"):
            case None if not answer:
                views.stacks[view.user] = [one for one in stack if one is not view]
            case "errors":
                view.errors = _errors(view, answer.get("errors"))
            case "update":
                views.update(view, _view_in(answer))
            case "push":
                views.lay(view.user, _view_in(answer))
            case "clear":
                views.stacks[view.user] = []
            case _:
                raise BadAnswer(f"Slack does not know what to do with {answer}")
    except SlackError as error:
        raise BadAnswer(f"{error.code}: {error.messages}") from error


def options_in(answer: JsonObject) -> list[JsonObject]:
    """Gives the options that the app suggests.

    Raises:
        BadAnswer: they are not as Slack wants them.
    """
    options, groups = answer.get("options"), answer.get("option_groups")
    if groups is not None:
        problems = OPTION_GROUPS(groups, "/option_groups")
    else:
        problems = [] if is_list(options) and not options else OPTIONS(options, "/options")
    if problems:
        raise BadAnswer(f"the suggested options: {problems}")
    return options_of(answer)


def post_answer(world: World, channel: Channel, user: SlackUser, answer: JsonObject) -> None:
    """Shows what the app answered to a command, to this person alone unless it says otherwise.

    Raises:
        BadAnswer: Slack does not accept the message.
    """
    if not answer:
        return
    try:
        only_for = None if answer.get("response_type") == "in_channel" else user.id
        post(world, channel, answer, only_for=only_for)
    except SlackError as error:
        raise BadAnswer(f"{error.code}: {error.messages}") from error


def _view_in(answer: JsonObject) -> JsonObject:
    view = answer.get("view")
    if not is_object(view):
        raise BadAnswer("the answer carries no view")
    return view


def _errors(view: View, errors: JsonValue) -> JsonObject:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not is_object(errors) or not errors:
        raise BadAnswer("the answer carries no errors")
    unknown = errors.keys() - inputs
    if unknown or not all(isinstance(said, str) and said for said in errors.values()):
        raise BadAnswer(f"errors must be texts for inputs; {sorted(unknown)} are none of {inputs}")
    return errors
