"""Which tools hand out secrets: passwords, keys, tokens, vault items, environment variables."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from bot.domain.tool_names import vocabulary

_SECRETS = vocabulary(
    """
    apikey apikeys bitlocker credential credentials dotenv env envvar envvars filevault htpasswd
    keychain kubeconfig laps mnemonic otp passcode passcodes passphrase passphrases passwd password
    passwords privatekey secret secrets totp
    """
)
_KEY_KINDS = vocabulary(
    """
    access account admin api bypass encryption escrow host license master private product recovery
    registration sas secret service shared signing ssh storage unlock
    """
)
_CODE_KINDS = vocabulary("2fa backup bypass lock mfa recovery unlock")
_TOKEN_KINDS = vocabulary(
    """
    access api auth bearer bootstrap bot deploy enrollment get id login oauth personal refresh
    registration sas service session sts user
    """
)
_ABOUT = vocabulary(
    """
    accounts age audit breach breaches count expiration expirations expiry health history leaked
    metadata permissions policies policy report reports requirements rotation rule rules scanning schema
    schemas scopes statistics stats status strength type types usage
    """
)
"""Words behind which a secret is only spoken of."""
_REVEALING = re.compile(
    r"(?:show|include|reveal|with|return|get|expose)_(?:\w+_)?(?:secrets?|passwords?|credentials?|decryption)"
    r"|decrypt|decrypted|reveal|unmask"
)
"""Arguments that ask for the secret itself."""
_SAID = re.compile(
    r"""\b(?:secret(?:['\u2019]s)?\s+values? | values?\s+of\s+(?:an?\s+|the\s+)?secrets?
      | recovery\s+(?:keys?|passwords?) | private\s+keys? | environment\s+variables? | connection\s+strings?
      | (?:bypass|unlock)\s+(?:codes?|pins?) | plain-?\s?text\s+(?:passwords?|secrets?|values?) | decrypted
      | (?:admin(?:istrator)?|local|account|user|root|device)\s+passwords? | (?:api|access)\s+keys
      | (?:get|retrieve|fetch|show|return|reveal)s?\s+(?:(?:an?|the|your)\s+)?(?:\w+\s+)?(?:api|access)\s+key
      | sensitive\s+(?:security|credentials?|secrets?|values?)
      )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST: Final = 300
"""Characters of a description that are read; further down it rather warns of secrets."""


def hands_out_secrets(*, name: Sequence[str], arguments: Collection[str], description: str | None) -> bool:
    """Tells whether a tool, if it reads, may hand out a secret.

    `name` is its words, `arguments` its argument names in snake case. Only the beginning of the
    description counts. A word such as `policy` or `expiry` behind the secret clears it: `get_password_policy`
    does not hand one out.
    """
    return (
        _named(name)
        or any(_REVEALING.fullmatch(argument) for argument in arguments)
        or bool(_SAID.search((description or "")[:_LONGEST]) and not _ABOUT.intersection(name))
    )


def _named(name: Sequence[str]) -> bool:
    for place, word in enumerate(name):
        before = name[place - 1] if place else ""
        if _ABOUT.intersection(name[place + 1 :]) or before in {"leaked", "compromised"}:
            continue
        if word in _SECRETS or _of_a_kind(word, before, name[place + 1 :]):
            return True
    return False


def _of_a_kind(word: str, before: str, after: Sequence[str]) -> bool:
    if word in {"key", "keys"}:
        return before in _KEY_KINDS
    if word in {"code", "codes", "pin", "pins"}:
        return before in _CODE_KINDS or before == "fa"
    if word in {"token", "tokens"}:
        return before in _TOKEN_KINDS
    if word in {"string", "strings"}:
        return before == "connection"
    if word in {"variable", "variables", "vars"}:
        return before in {"environment", "env"}
    if word == "vault":
        return bool(after) and after[0] in {"item", "items", "read", "kv", "get", "secret", "secrets", "data"}
    return False
