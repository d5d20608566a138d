"""What people type, as queries for lists of users and groups.

Source: https://developers.google.com/workspace/admin/directory/v1/guides/search-users,
https://developers.google.com/workspace/admin/directory/v1/guides/search-groups
"""

import re
from collections.abc import Mapping
from typing import Final

_PLAIN: Final = re.compile(r"[\w.+@-]+")
"""What needs no quotes in a query. Whatever comes after is looked for in what is found."""
_ENABLED: Final = "isSuspended=false isArchived=false"


def user_queries(typed: str) -> list[Mapping[str, str]]:
    """Gives the queries that find whoever has a name or an address that begins so; none where none can.

    A clause takes only what a name begins with, and clauses are joined by “and”; so it takes several queries.
    """
    words = typed.split()
    if not words:
        return [{"query": _ENABLED}]
    first, last = (_PLAIN.match(word) for word in (words[0], words[-1]))
    if first is None:
        return []
    clauses = [f"givenName:{first[0]}*", f"familyName:{first[0]}*"]
    if len(words) == 1:
        clauses.append(f"email:{first[0]}*")
    elif last is not None:
        clauses.append(f"givenName:{first[0]}* familyName:{last[0]}*")
    return [{"query": f"{clause} {_ENABLED}"} for clause in clauses]


def group_query(typed: str) -> Mapping[str, str] | None:
    """Gives the query that finds groups whose address begins so; None where no address can."""
    text = typed.strip()
    if not text:
        return {}
    found = _PLAIN.match(text)
    return None if found is None else {"query": f"email:{found[0]}*"}
