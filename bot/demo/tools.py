"""The demo's tools: what each takes, gives and does."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.demo import people_tools as people
from bot.demo import records
from bot.demo import system_tools as systems
from bot.demo.tool import EstateTool, Tool
from bot.domain.actions import Effect

_PEOPLE: tuple[Tool, ...] = (
    EstateTool(
        run=people.get_user,
        title="Look up a person",
        description="Reads one person's account: title, department, manager, groups, whether it is locked.",
        arguments=records.OfUser,
        gives=records.Account,
        effect=Effect.READ,
    ),
    EstateTool(
        run=people.search_users,
        title="Search for people",
        description="Finds people in whose name, address, title or department every given word occurs.",
        arguments=records.SearchUsers,
        gives=records.Accounts,
        effect=Effect.READ,
    ),
    EstateTool(
        run=people.create_user,
        title="Create an account",
        description="Creates the account of a new person, and puts it in the group of all staff.",
        arguments=records.CreateUser,
        gives=records.Account,
        effect=Effect.WRITE,
    ),
    EstateTool(
        run=people.delete_user,
        title="Delete an account",
        description="Deletes a person's account for good, with their app access and group memberships.",
        arguments=records.OfUser,
        gives=records.Deleted,
        effect=Effect.DESTROY,
    ),
    EstateTool(
        run=people.unlock_account,
        title="Unlock an account",
        description="Lets a person sign in again whose account was locked after too many wrong passwords.",
        arguments=records.OfUser,
        gives=records.Account,
        effect=Effect.WRITE,
    ),
    EstateTool(
        run=people.reset_password,
        title="Reset a password",
        description=(
            "Sends a person a one-time link to choose a new password."
            " The old password works until the link is used."
        ),
        arguments=records.OfUser,
        gives=records.ResetSent,
        effect=Effect.WRITE,
        repeatable=False,
    ),
    EstateTool(
        run=people.list_groups,
        title="List groups",
        description="Reads every group, with how many people are in it.",
        arguments=records.Nothing,
        gives=records.GroupList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=people.list_group_members,
        title="List a group's members",
        description="Reads who is in a group.",
        arguments=records.OfGroup,
        gives=records.MemberList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=people.add_user_to_group,
        title="Add someone to a group",
        description="Puts a person in a group, with everything that the group may do.",
        arguments=records.Membership,
        gives=records.MembershipRecord,
        effect=Effect.WRITE,
    ),
    EstateTool(
        run=people.remove_user_from_group,
        title="Remove someone from a group",
        description="Takes a person out of a group, and away what they could do through it.",
        arguments=records.Membership,
        gives=records.MembershipRecord,
        effect=Effect.DESTROY,
    ),
)

_SYSTEMS: tuple[Tool, ...] = (
    EstateTool(
        run=systems.list_apps,
        title="List apps",
        description="Reads every app that Acme uses, with what it is for.",
        arguments=records.Nothing,
        gives=records.AppList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=systems.list_app_access,
        title="List someone's apps",
        description="Reads which apps a person has access to, and at which level.",
        arguments=records.OfUser,
        gives=records.AppAccessList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=systems.grant_app_access,
        title="Give someone access to an app",
        description=(
            "Gives a person access to an app, or a higher level than they have. New access takes one licence."
        ),
        arguments=records.GrantAccess,
        gives=records.AppAccess,
        effect=Effect.WRITE,
    ),
    EstateTool(
        run=systems.revoke_app_access,
        title="Take away access to an app",
        description="Takes a person's access to an app away; their licence is free again.",
        arguments=records.OfUserAndApp,
        gives=records.Revoked,
        effect=Effect.DESTROY,
    ),
    EstateTool(
        run=systems.list_licences,
        title="List free licences",
        description="Reads how many licences of each app Acme owns, uses, and has free.",
        arguments=records.Nothing,
        gives=records.AppList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=systems.add_licences,
        title="Buy licences",
        description="Buys more licences of an app. It costs money every year.",
        arguments=records.AddLicences,
        gives=records.AppRecord,
        effect=Effect.WRITE,
        repeatable=False,
    ),
    EstateTool(
        run=systems.list_devices,
        title="List someone's devices",
        description="Reads which laptops and phones a person has, and the state of each.",
        arguments=records.OfUser,
        gives=records.DeviceList,
        effect=Effect.READ,
    ),
    EstateTool(
        run=systems.get_recovery_key,
        title="Read a recovery key",
        description="Reads the secret key that unlocks a laptop's disk. Whoever has it can read the laptop.",
        arguments=records.OfDevice,
        gives=records.RecoveryKey,
        effect=Effect.READ,
    ),
    EstateTool(
        run=systems.lock_device,
        title="Lock a device",
        description="Locks a lost laptop or phone, with a note for whoever finds it. Nothing on it is lost.",
        arguments=records.LockDevice,
        gives=records.DeviceRecord,
        effect=Effect.WRITE,
    ),
    EstateTool(
        run=systems.wipe_device,
        title="Wipe a device",
        description="Erases everything on a laptop or phone for good.",
        arguments=records.OfDevice,
        gives=records.DeviceRecord,
        effect=Effect.DESTROY,
    ),
)

TOOLS: Mapping[str, Tool] = MappingProxyType({tool.name: tool for tool in (*_PEOPLE, *_SYSTEMS)})
"""The tools by name, in the order in which they are listed."""
