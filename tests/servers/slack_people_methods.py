"""Web API: who and what there is, and the views that people see."""

from collections.abc import Mapping
from typing import Final

from bot.domain.canonical import JsonObject
from tests.servers.slack_methods import Arguments, Method, Place, need, need_for, page
from tests.servers.slack_world import SlackError, SlackUser, World


def _auth_test(place: Place, _: Arguments) -> JsonObject:
    world = place.world
    found: JsonObject = {
        "url": f"https://{world.domain}.slack.com/",
        "team": world.name,
        "user": world.bot.name,
        "team_id": world.team_id,
        "user_id": world.bot.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }
    return {**found, "enterprise_id": world.enterprise_id} if world.enterprise_id else found


def _team_info(place: Place, _: Arguments) -> JsonObject:
    world = place.world
    return {"team": {**world.team_json(), "name": world.name, "email_domain": ""}}


def _bots_info(place: Place, arguments: Arguments) -> JsonObject:
    world = place.world
    if arguments.text("bot") != world.bot_id:
        raise SlackError("bot_not_found")
    bot = {"id": world.bot_id, "app_id": world.app_id, "user_id": world.bot.id, "name": world.bot.name}
    return {"bot": {**bot, "deleted": False}}


def _users_info(place: Place, arguments: Arguments) -> JsonObject:
    return {"user": _shown(place.world, place.world.user(arguments.text("user")))}


def _users_by_email(place: Place, arguments: Arguments) -> JsonObject:
    wanted = arguments.text("email").casefold()
    for user in place.world.users.values():
        hidden = user.deleted or user.is_bot or user.is_stranger
        if user.email.casefold() == wanted and not hidden:
            return {"user": _shown(place.world, user)}
    raise SlackError("users_not_found")


def _users_list(place: Place, arguments: Arguments) -> JsonObject:
    return page([_shown(place.world, one) for one in place.world.users.values()], "members", arguments)


def _shown(world: World, user: SlackUser) -> JsonObject:
    return user.as_json(with_email="users:read.email" in world.scopes)


def _open(place: Place, arguments: Arguments) -> JsonObject:
    """Opens a direct conversation with one person or several."""
    world = place.world
    if channel := arguments.maybe("channel"):
        return {"channel": {"id": world.channel(channel).id}, "already_open": True, "no_op": True}
    people = [one.strip() for one in arguments.text("users").split(",")]
    need(world, "im:write" if len(people) == 1 else "mpim:write")
    for person in people:
        user = world.user(person)
        if user.is_bot:
            raise SlackError("cannot_dm_bot")
        if user.deleted:
            raise SlackError("user_disabled")
    before = len(world.channels)
    found = world.dm(people)
    known = len(world.channels) == before
    return {"channel": {"id": found.id}, "already_open": known, "no_op": known}


def _conversation(place: Place, arguments: Arguments) -> JsonObject:
    found = place.world.channel(arguments.text("channel"))
    need_for(place.world, "conversations.info", found)
    return {"channel": found.as_json(seen_by=place.world.bot.id)}


def _members(place: Place, arguments: Arguments) -> JsonObject:
    found = place.world.channel(arguments.text("channel"))
    need_for(place.world, "conversations.members", found)
    return page(list(found.members), "members", arguments)


def _views_open(place: Place, arguments: Arguments) -> JsonObject:
    view = place.views.open(arguments.text("trigger_id"), arguments.object("view"))
    return {"view": place.views.as_json(view)}


def _views_push(place: Place, arguments: Arguments) -> JsonObject:
    view = place.views.push(arguments.text("trigger_id"), arguments.object("view"))
    return {"view": place.views.as_json(view)}


def _views_update(place: Place, arguments: Arguments) -> JsonObject:
    found = place.views.find(view_id=arguments.maybe("view_id"), external_id=arguments.maybe("external_id"))
    return {
        "view": place.views.as_json(
            place.views.update(found, arguments.object("view"), arguments.maybe("hash"))
        )
    }


def _views_publish(place: Place, arguments: Arguments) -> JsonObject:
    user, hash_ = arguments.text("user_id"), arguments.maybe("hash")
    return {"view": place.views.as_json(place.views.publish(user, arguments.object("view"), hash_))}


PEOPLE_METHODS: Final[Mapping[str, Method]] = {
    "auth.test": _auth_test,
    "bots.info": _bots_info,
    "conversations.info": _conversation,
    "conversations.members": _members,
    "conversations.open": _open,
    "team.info": _team_info,
    "users.info": _users_info,
    "users.list": _users_list,
    "users.lookupByEmail": _users_by_email,
    "views.open": _views_open,
    "views.publish": _views_publish,
    "views.push": _views_push,
    "views.update": _views_update,
}
