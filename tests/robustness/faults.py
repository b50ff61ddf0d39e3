"""Faults of AWS calls: errors, requests that are not sent, lost responses, and requests that are executed twice."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.models import botocore_stubber

import app

if TYPE_CHECKING:
    from botocore.client import BaseClient

TRANSACTION: Final = "dynamodb.TransactWriteItems"
APP: Final = Path(app.__file__).parent
# A paginator calls AWS later, page by page. The other methods never call it.
LOCAL_METHODS: Final = {"get_paginator", "generate_presigned_post", "generate_presigned_url"}


class Fault(StrEnum):
    """A fault that the SDK's retries do not hide. `SENT_TWICE` is such a retry itself."""

    THROTTLE = "throttle"
    CONFLICT = "conflict"
    ERROR = "500"
    UNSENT = "timeout before the request"
    RESPONSE_LOST = "response lost"
    SENT_TWICE = "response lost and request sent again"


CODES: Final = {
    Fault.THROTTLE: {
        "cognito-identity-provider": "TooManyRequestsException",
        "dynamodb": "ProvisionedThroughputExceededException",
        "s3": "SlowDown",
        "sns": "Throttled",
        "sqs": "RequestThrottled",
    },
    Fault.CONFLICT: {
        "cognito-identity-provider": "ConcurrentModificationException",
        "dynamodb": "TransactionConflictException",
        "s3": "ConditionalRequestConflict",
        "sns": "ConcurrentAccess",
        "sqs": "Conflict",
    },
    Fault.ERROR: dict.fromkeys(("cognito-identity-provider", "dynamodb", "s3", "sns", "sqs"), "InternalError"),
}
REASONS: Final = {Fault.THROTTLE: "ThrottlingError", Fault.CONFLICT: "TransactionConflict"}


def faults(call: str) -> list[Fault]:
    """Return the faults of a call. AWS detects a repeated transaction by its token, but moto does not."""
    return [fault for fault in Fault if call != TRANSACTION or fault is not Fault.SENT_TWICE]


@dataclass(frozen=True, order=True)
class Site:
    """A place in the source where PixTag calls AWS. `start` and `end` are line numbers."""

    module: str
    start: int
    end: int
    call: str


def call_sites() -> set[Site]:
    """Return all places in the source of `app` where a client's method is called."""
    return {
        Site(path.name, node.lineno, node.end_lineno or node.lineno, node.func.attr)
        for path in (APP / "adapters" / "aws").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).endswith("client")
        and node.func.attr not in LOCAL_METHODS
    }


SITES: Final = call_sites()


def current_sites() -> set[Site]:
    """Return the sites on the call stack."""
    sites, frame = set(), inspect.currentframe()
    while frame:
        path = Path(frame.f_code.co_filename)
        if APP in path.parents:
            sites |= {site for site in SITES if site.module == path.name and site.start <= frame.f_lineno <= site.end}
        frame = frame.f_back
    return sites


@dataclass
class Calls:
    """Records the calls of PixTag, such as `dynamodb.GetItem`, and lets one of them fail.

    Attributes:
        number: The index in `made` of the call that fails.
        fault: How it fails. None if it does not.
        made: The calls so far.
        sites: The places in the source that made them.
        failed: Whether the call has failed.
    """

    number: int = -1
    fault: Fault | None = None
    made: list[str] = field(default_factory=list)
    sites: set[Site] = field(default_factory=set)
    failed: bool = False

    @contextmanager
    def watch(self, clients: "Sequence[BaseClient]") -> Iterator[None]:
        """Record the calls of these clients and inject the fault. The SDK's retries do not wait."""
        hooks: dict[str, Callable[..., Any]] = {}
        hooks |= {"before-call": self._before_call, "before-send": self._before_send, "after-call": self._after_call}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
            for client in clients:
                for event, hook in hooks.items():
                    client.meta.events.register_first(event, hook)
            try:
                yield
            finally:
                for client in clients:
                    for event, hook in hooks.items():
                        client.meta.events.unregister(event, hook)

    def _inject(self, *faults: Fault) -> bool:
        """Return whether the current call fails now with one of these faults. It fails only once."""
        fails = not self.failed and self.fault in faults and len(self.made) == self.number + 1
        self.failed = self.failed or fails
        return fails

    def _before_call(self, event_name: str, **_: object) -> Any:
        call = event_name.removeprefix("before-call.")
        self.made.append(call)
        self.sites |= current_sites()
        if self._inject(Fault.UNSENT):
            raise ConnectTimeoutError(endpoint_url=call)
        if self.fault and self._inject(*CODES):
            return AWSResponse("", 500, HTTPHeaders(), None), error_response(call, self.fault)
        return None

    def _before_send(self, event_name: str, request: Any, **_: object) -> None:
        if self._inject(Fault.SENT_TWICE):
            botocore_stubber(event_name, request)
            raise ReadTimeoutError(endpoint_url=event_name)

    def _after_call(self, event_name: str, **_: object) -> None:
        if self._inject(Fault.RESPONSE_LOST):
            raise ReadTimeoutError(endpoint_url=event_name)


def error_response(call: str, fault: Fault) -> dict[str, Any]:
    """Return AWS's error response to the call. In a transaction, the first action is the reason."""
    if call == TRANSACTION and fault in REASONS:
        code, reasons = "TransactionCanceledException", [{"Code": REASONS[fault]}, {"Code": "None"}]
    else:
        code, reasons = CODES[fault][call.partition(".")[0]], []
    return {"Error": {"Code": code, "Message": fault}, "CancellationReasons": reasons, "ResponseMetadata": {}}
