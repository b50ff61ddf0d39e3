"""Fetches the public keys that verify Cognito's access tokens."""

import time
from http import HTTPStatus
from typing import Final

import urllib3

from app.domain.errors import Unavailable

MAX_KEYS_BYTES: Final = 64 * 1024
FETCH_SECONDS: Final = 1.5


def fetch_keys(url: str) -> bytes:
    """Send a GET request and return the response body. Do not follow redirects or retry.

    Raises:
        Unavailable: no complete response of at most 64 KiB with status 200 arrived within 1.5 seconds.
    """
    deadline = time.monotonic() + FETCH_SECONDS
    try:
        with urllib3.PoolManager() as pool:
            response = pool.request(
                "GET", url, redirect=False, retries=False, timeout=FETCH_SECONDS, preload_content=False
            )
            body = bytearray()
            for chunk in response.stream(4096):
                body += chunk
                if time.monotonic() > deadline or len(body) > MAX_KEYS_BYTES:
                    raise Unavailable
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable from error
    if response.status != HTTPStatus.OK:
        raise Unavailable
    return bytes(body)
