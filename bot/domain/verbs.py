"""What verbs of English and of IT do: read, write, destroy, or now one and now the other."""

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final


class Sense(Enum):
    """What a word says about the effect of a tool that carries it."""

    READ = auto()
    """A verb that only looks, or works something out, and is no noun (`get`, `compare`)."""
    READ_OR_NOUN = auto()
    """The same, but a noun as well (`search`, `list`): behind another word it proves little."""
    WRITE = auto()
    """A verb that changes something, wherever in a name it stands (`create`, `assign`)."""
    DESTROY = auto()
    """A verb for a loss that no further call can undo (`delete`, `wipe`)."""
    WRITE_OR_NOUN = auto()
    """A changing verb that is a noun behind a reading verb (`deploy_app`, but `get_deploy_status`)."""
    NOUN_OR_WRITE = auto()
    """A noun that is now and then a changing verb (`ticket_comment`, but `comment_on_ticket`)."""
    UNCLEAR = auto()
    """A verb that only looks with one server and changes something with the next (`export`, `scan`)."""


_READ = """
    aggregate browse calculate compare compute correlate decode describe detect determine
    discover enumerate examine exists explain explore fetch find get grep has identify inspect
    introspect is ls obtain parse peek predict read recognise recognize recommend retrieve
    show suggest summarise summarize testconnection think validate wait whoami
"""
_READ_OR_NOUN = """
    autocomplete check count diff echo estimate filter forecast glob head help lint list lookup measure
    preview score search stat tail trace view
"""
_UNCLEAR = """
    analyse analyze ask audit benchmark convert crawl design diagnose download export generate goto
    investigate load model monitor navigate open ping plan print probe profile query render review sample
    scan scrape screenshot select simulate synthesise synthesize test track transform translate
    troubleshoot verify visit watch
"""
_NOUN_OR_WRITE = """
    address alert bill book budget bundle cache comment complete contact discharge display document email
    fax feature feed file flag format group index invoice issue label lead log mail map mask message name
    note order page phone pin power queue rank rate recall record remark report request return route sms
    sort stage star state stream tag text ticket title type water
"""
_WRITE_OR_NOUN = """
    abort allow answer apply archive backup bash bid block bookmark boot borrow broadcast build bump call
    cancel capture change charge checkin checkout clone close combine command commit compile connect
    consent control copy decrease delegate deploy deposit dim dispatch dispute downgrade draft drive
    duplicate embed enter evaluate exclude exit expose failover favorite favourite fill follow fork
    forward freeze grant halt handle hangup hide import include increase init install invite join launch
    leave lend like link lock login logout lower make merge mint mirror mount mutation nudge operate
    override patch pause play poke post powershell press process pull purchase push raise refund register
    release repair replay reserve reset resolve restore resume retry revert ring rollback rollout run
    scale schedule scroll seek set settle setup share shell ship sign skip spawn spend split squash stake
    start stash steer stop store swap swipe sync synchronize tap trade train transfer transition trash
    triage trigger turn tweet update upgrade void vote withdraw
"""
_WRITE = """
    accept ack acknowledge activate add adjust allocate allowlist alter amend announce append approve
    assign associate attach authorise authorize ban bind blacklist bootstrap buy chmod chown click
    configure confirm cordon create crop crosspost dblclick deactivate deallocate deauthorize decline
    decrement deescalate defer defragment delist deliver demote deny denylist deprioritize dequeue
    deregister detach dial disable disapprove disassociate disconnect dismiss dissociate downscale
    downvote drag drain edit elevate emit enable enforce enqueue enrich enrol enroll escalate eval evict
    exec execute exempt expire extend failback finalise finalize finish fulfil fulfill heal hibernate
    hover ignore impersonate inactivate increment initialise initialize inject insert invoke isolate kick
    kickoff kill manage mark memorise memorize migrate mkdir modify move mutate mute notify offboard
    onboard optimise optimize overrule pay perform populate postpone prepend prioritise prioritize promote
    provision publish put quarantine react reactivate reallocate rearm rearrange reassign reattach rebase
    reboost reboot rebuild recategorize recompile reconcile reconfigure reconnect recover recreate
    redeploy redirect redo reenable regenerate reimage reindex reinstall reinvite reject rekey relabel
    relink reload relocate remediate remember remind rename renew reopen reorder reparent replace
    replicate reply repost reprocess reprovision republish requeue rerun rescale reschedule reseal resend
    reship resize respond restart resubmit resubscribe resurrect resync retag retire retweet revoke rewind
    rewrite rotate save say scaffold seal sell send shuffle shutdown silence snooze speak submit subscribe
    suspend taint thaw toggle touch unapply unarchive unassign unassociate unban unbind unblock uncancel
    uncheck uncomment uncordon undelete undeploy undo unenrol unfavorite unflag unfollow unfreeze unhide
    unignore unisolate unlabel unlike unlink unlist unlock unmark unmerge unmount unmute unpause unpin
    unpublish unquarantine unreact unregister unreserve unseal unset unshare unsilence unsnooze unstar
    unsubmit unsubscribe unsuspend untag untaint untrack unvote unwatch upload upscale upsert upvote
    vacuum waive whitelist write
"""
_DESTROY = """
    annihilate clear decommission del delete deprovision destroy discard dispose drop empty eradicate
    erase expunge flush forget nuke obliterate overwrite prune purge remove rm rmdir shred terminate
    truncate unenroll uninstall wipe
"""


def _all(text: str, sense: Sense) -> dict[str, Sense]:
    return dict.fromkeys(text.split(), sense)


SENSES: Final[Mapping[str, Sense]] = MappingProxyType(
    _all(_READ, Sense.READ)
    | _all(_READ_OR_NOUN, Sense.READ_OR_NOUN)
    | _all(_UNCLEAR, Sense.UNCLEAR)
    | _all(_NOUN_OR_WRITE, Sense.NOUN_OR_WRITE)
    | _all(_WRITE_OR_NOUN, Sense.WRITE_OR_NOUN)
    | _all(_WRITE, Sense.WRITE)
    | _all(_DESTROY, Sense.DESTROY)
)
"""The sense of each verb in its base form."""

READS: Final = frozenset({Sense.READ, Sense.READ_OR_NOUN})
WRITES: Final = frozenset({Sense.WRITE, Sense.DESTROY})
MAYBE_WRITES: Final = frozenset({Sense.WRITE_OR_NOUN, Sense.NOUN_OR_WRITE})

_GLUED = ("create", "delete", "update", "remove", "destroy", "insert", "modify")
_PREFIXES = ("re", "un", "de", "dis", "over", "auto", "bulk", "batch", "mass", "multi", "force")


def sense_of(word: str) -> Sense | None:
    """Gives the sense of a lower-case word in its base form; None for a word that is not known as a verb.

    A word that runs on after a plain changing verb (`createorupdate`) has that verb's sense, its inflections
    (`created`, `updates`, `remover`) have none. Nor need every `bulkdelete` and `recreate` be listed: behind
    such a prefix a changing verb keeps its sense.
    """
    known = SENSES.get(word)
    if known:
        return known
    for verb in _GLUED:
        if word.startswith(verb) and word[len(verb) :] not in {"d", "s", "r", "rs", "ed", "ion", "ions"}:
            return SENSES[verb]
    for prefix in _PREFIXES:
        rest = SENSES.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
        if rest in WRITES or rest is Sense.WRITE_OR_NOUN:
            return rest
    return None


def base_of(word: str) -> str:
    """Gives the base form of a verb in the third person or the gerund, as descriptions begin with.

    `creates`, `queries`, `fetches`, `listing`, `removing` and `getting` lead back to their verbs. A word that
    leads to no known verb comes back as it is.
    """
    for form in _bases(word):
        if form in SENSES:
            return form
    return word


def _bases(word: str) -> tuple[str, ...]:
    if word in SENSES:
        return (word,)
    if word.endswith("ies"):
        return (word[:-3] + "y",)
    if word.endswith("s"):
        return (word[:-1], word[:-2])
    if word.endswith("ing"):
        stem = word[:-3]
        return (stem, stem + "e", stem[:-1]) if stem[-1:] == stem[-2:-1] else (stem, stem + "e")
    return ()
