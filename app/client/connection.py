"""Sends requests to a PixTag server, and sends them again after failures that pass."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx
from typing_extensions import override

from app import __version__
from app.client.errors import (
    ClientError,
    KeyRejected,
    LinkRefused,
    RequestRefused,
    ServerBusy,
    ServerUnreachable,
    Stopped,
)
from app.client.retries import MAX_RETRY_AFTER, PATIENCE_SECONDS, RETRIED, Backoff, parse_retry_after

TIMEOUT: Final = httpx.Timeout(60, connect=15, pool=None)

_parse_url: Final = lru_cache(maxsize=64)(httpx.URL)  # uploads have few addresses, but httpx parses each of them twice


class _NoCookies(httpx.Cookies):
    """No cookies, because the API uses none. To look for them takes an eighth of the CPU time of a request."""

    @override
    def extract_cookies(self, response: httpx.Response) -> None:
        pass


_NO_COOKIES: Final = _NoCookies()


class _HttpClient(httpx.Client):
    """Sends requests without cookies."""

    @property  # type: ignore[misc] # nothing sets them
    @override
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES


@dataclass(frozen=True)
class Waits:
    """How a connection waits before it repeats a request.

    Attributes:
        patience: The seconds after which a request has failed.
        stop: Ends all waits with `Stopped`.
        notify: Is called with a sentence before each wait.
    """

    patience: float = PATIENCE_SECONDS
    stop: threading.Event = field(default_factory=threading.Event)
    notify: Callable[[str], None] = lambda _: None


class Connection:
    """A connection to a server. Threads can share it.

    Args:
        url: The address of the server.
        key: The API key or access token of the account. Empty before the login.
        waits: How the connection waits before it repeats a request.
        transport: Replaces the network in tests.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        waits: Waits | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._waits = waits or Waits()
        self._resume_at = 0.0
        self._authorization = {"Authorization": f"Bearer {key}"} if key else {}
        headers = {"User-Agent": f"pixtag/{__version__}"}
        self._http = _HttpClient(headers=headers, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to the API with the key, and return the response.

        Args:
            method: The HTTP method.
            path: The path, which begins with a slash.
            options: Options of `httpx.Client.build_request`. The body must be repeatable.

        Raises:
            KeyRejected: the server does not accept the key.
            RequestRefused: the server refuses the request.
            ServerBusy: the server accepts requests only much later.
            ServerUnreachable: the server does not answer for too long.
            Stopped: the command was stopped during a wait.
        """
        options["headers"] = self._authorization | options.get("headers", {})
        response = self._send(lambda: self._http.build_request(method, _parse_url(self._url + path), **options))
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._authorization:
            raise KeyRejected
        if response.is_error:
            raise RequestRefused(response.status_code, describe_problem(response), _read_kind(response))
        if not response.is_success:  # a redirect, perhaps to a page of the network
            raise _make_foreign_answer(response)
        return response

    def get_json(self, path: str, **params: str | int | None) -> dict[str, Any]:
        """Return the JSON at a path of the API. Parameters that are None are left out. See `call`."""
        return read_json(
            self.call("GET", path, params={key: value for key, value in params.items() if value is not None})
        )

    def post_json(self, path: str, body: object, *, once: bool = False) -> dict[str, Any]:
        """Send JSON to a path of the API, and return the JSON in the response. See `call`.

        Args:
            path: The path, which begins with a slash.
            body: The JSON to send.
            once: Whether no image may change twice if the request is repeated because its response was lost.
        """
        headers = {"Idempotency-Key": str(uuid4())} if once else {}
        return read_json(self.call("POST", path, json=body, headers=headers))

    def send_to_link(self, method: str, url: str, make_body: Callable[[], dict[str, Any]]) -> None:
        """Send a body to a link of the object store, without the key.

        Args:
            method: The HTTP method.
            url: The link.
            make_body: Returns the options of `httpx.Client.build_request` for each attempt.

        Raises:
            LinkRefused: the object store refuses the request.
            ServerBusy, ServerUnreachable, Stopped: see `call`.
        """
        response = self._send(lambda: self._http.build_request(method, _parse_url(url), **make_body()))
        if not response.is_success:
            raise LinkRefused(response.status_code, describe_problem(response))

    def open_link(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """Return the response to a GET request for a link, whose body was not read. The caller closes it. See `call`.

        Raises:
            LinkRefused: the object store refuses the request.
            ServerBusy, ServerUnreachable, Stopped: see `call`.
        """
        response = self._send(lambda: self._http.build_request("GET", url, headers=headers), stream=True)
        if response.is_success:
            return response
        response.read()
        raise LinkRefused(response.status_code, describe_problem(response))

    def _send(self, make_request: Callable[[], httpx.Request], *, stream: bool = False) -> httpx.Response:
        backoff = self.make_backoff()
        while True:
            self._wait(self._resume_at - time.monotonic())
            retry_after = None
            try:
                response = self._http.send(make_request(), stream=stream)
            except httpx.TransportError as error:
                failure: ClientError = ServerUnreachable(_describe_transport(error))
                if isinstance(error, httpx.UnsupportedProtocol) or "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise failure from error
            else:
                if response.status_code == HTTPStatus.INSUFFICIENT_STORAGE:
                    raise ServerBusy(_read_problem(response))
                if response.status_code not in RETRIED:
                    return response
                failure = ServerBusy(_read_problem(response))
                retry_after = parse_retry_after(response.headers.get("Retry-After"))
            self.pause(backoff.next_wait(retry_after), failure, is_for_all=retry_after is not None)

    def make_backoff(self) -> Backoff:
        """Return the waits of a new request."""
        return Backoff(self._waits.patience)

    def pause(self, seconds: float | None, failure: ClientError, *, is_for_all: bool = False) -> None:
        """Wait before the next attempt.

        Args:
            seconds: The seconds, or None if the request has failed for too long.
            failure: The reason.
            is_for_all: Whether the requests of all threads wait.

        Raises:
            ClientError: the failure, because the wait would be too long.
            Stopped: the command was stopped.
        """
        if seconds is None or seconds > MAX_RETRY_AFTER:
            raise failure
        self._waits.notify(f"{failure} The next attempt is in {seconds:.0f} s.")
        if is_for_all:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        else:
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        if self._waits.stop.is_set() or (seconds > 0 and self._waits.stop.wait(seconds)):
            raise Stopped


def read_json(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a response.

    Raises:
        RequestRefused: it is not a JSON object. Some networks answer with their own page.
    """
    with suppress(ValueError):
        if isinstance(body := response.json(), dict):
            return body
    raise _make_foreign_answer(response)


def describe_problem(response: httpx.Response) -> str:
    """Return why the server refuses a request, from its problem details (RFC 9457) if there are any."""
    with suppress(ValueError, KeyError, TypeError):
        if isinstance(detail := response.json()["detail"], str):
            return detail
    return f"{response.url.host} answered with status {response.status_code}."


def _read_kind(response: httpx.Response) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(response.json()["type"])
    return ""


def _make_foreign_answer(response: httpx.Response) -> RequestRefused:
    return RequestRefused(
        response.status_code, f"{response.url.host} did not answer as a PixTag server. Check the address."
    )


def _read_problem(response: httpx.Response) -> str:
    response.read()
    return describe_problem(response)


def _describe_transport(error: httpx.TransportError) -> str:
    return f"{error.request.url.host} cannot be reached: {str(error) or type(error).__name__}."
