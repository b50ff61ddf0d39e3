"""Limits the requests of clients without an access token, by the client's address.

`current_user` counts the requests with an access token. Every router needs one of the two, except for those that only
serve static files.
"""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from app.api.auth import current_user
from app.api.dependencies import AddressCounter
from app.domain.quotas import Rate


async def limit_visits(request: Request, count: AddressCounter) -> None:
    """Count a request to an operation that needs no access token. Other requests are counted by `current_user`.

    Raises:
        TooManyRequests: the client's address has reached the limit of such requests per minute.
    """
    if current_user not in _list_calls(request.scope["route"].dependant):
        count(Rate.VISITS)


async def limit_files(count: AddressCounter) -> None:
    """Count a request that sends or receives a file with a link or an upload form.

    Raises:
        TooManyRequests: the client's address has reached the limit of such requests per minute.
    """
    count(Rate.FILES)


def _list_calls(dependant: Dependant) -> Iterator[object]:
    """Yield the functions that a route depends on, also indirectly."""
    for each in dependant.dependencies:
        yield each.call
        yield from _list_calls(each)
