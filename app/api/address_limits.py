"""Limits the requests of clients without an access token, by the client's address.

`current_user` counts the requests with an access token. Every router needs one of the two, except for those that only
serve static files.
"""

from fastapi import Request

from app.api.dependencies import count_for_address
from app.api.scopes import NEED_TOKEN
from app.domain.quotas import Rate


async def limit_visits(request: Request) -> None:
    """Count a request to an operation that needs no access token. Other requests are counted by `current_user`.

    Raises:
        TooManyRequests: the client's address has reached the limit of such requests per minute.
    """
    if request.scope["route"].operation_id not in NEED_TOKEN:
        count_for_address(request, Rate.VISITS)


async def limit_files(request: Request) -> None:
    """Count a request that sends or receives a file with a link or an upload form.

    Raises:
        TooManyRequests: the client's address has reached the limit of such requests per minute.
    """
    count_for_address(request, Rate.FILES)
