"""What AWS can do to a call: refuse it, keep it, lose its answer, or do what was sent a second time."""

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
# The first calls AWS later, page by page; the others never.
NO_CALLS: Final = {"get_paginator", "generate_presigned_post", "generate_presigned_url"}


class Fault(StrEnum):
    """How a call goes wrong after all that the SDK does about it; the last one is what the SDK does."""

    THROTTLE = "throttle"
    CONFLICT = "conflict"
    ERROR = "500"
    UNSENT = "time-out before the send"
    UNANSWERED = "answer lost"
    SENT_TWICE = "answer lost, and sent again"


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
    """What can happen to a call. A transaction that is sent again has a token by which AWS knows it, not so moto."""
    return [fault for fault in Fault if call != TRANSACTION or fault is not Fault.SENT_TWICE]


@dataclass(frozen=True, order=True)
class Site:
    """Where PixTag calls AWS: a call of a client in the source."""

    module: str
    first: int
    last: int
    call: str


def call_sites() -> set[Site]:
    """All of them, as the source has them."""
    return {
        Site(path.name, node.lineno, node.end_lineno or node.lineno, node.func.attr)
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).endswith("client")
        and node.func.attr not in NO_CALLS
    }


SITES: Final = call_sites()


def sites_at_hand() -> set[Site]:
    """From where PixTag calls just now."""
    found, frame = set(), inspect.currentframe()
    while frame:
        path = Path(frame.f_code.co_filename)
        if APP in path.parents:
            found |= {one for one in SITES if one.module == path.name and one.first <= frame.f_lineno <= one.last}
        frame = frame.f_back
    return found


@dataclass
class Calls:
    """The calls that PixTag makes, like `dynamodb.GetItem`; the one of a number goes wrong."""

    number: int = -1
    fault: Fault | None = None
    made: list[str] = field(default_factory=list)
    sites: set[Site] = field(default_factory=set)
    broken: bool = False

    @contextmanager
    def watched(self, clients: "Sequence[BaseClient]") -> Iterator[None]:
        """Note, and break, the calls of these clients; the SDK sends again at once."""
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

    def _breaks(self, *faults: Fault) -> bool:
        """Whether this is the call, and such is to happen to it; it happens once."""
        breaks = not self.broken and self.fault in faults and len(self.made) == self.number + 1
        self.broken = self.broken or breaks
        return breaks

    def _before_call(self, event_name: str, **_: object) -> Any:
        call = event_name.removeprefix("before-call.")
        self.made.append(call)
        self.sites |= sites_at_hand()
        if self._breaks(Fault.UNSENT):
            raise ConnectTimeoutError(endpoint_url=call)
        if self.fault and self._breaks(*CODES):
            return AWSResponse("", 500, HTTPHeaders(), None), refusal(call, self.fault)
        return None

    def _before_send(self, event_name: str, request: Any, **_: object) -> None:
        if self._breaks(Fault.SENT_TWICE):
            botocore_stubber(event_name, request)
            raise ReadTimeoutError(endpoint_url=event_name)

    def _after_call(self, event_name: str, **_: object) -> None:
        if self._breaks(Fault.UNANSWERED):
            raise ReadTimeoutError(endpoint_url=event_name)


def refusal(call: str, fault: Fault) -> dict[str, Any]:
    """An error as AWS answers it; of a transaction, the first action is the reason."""
    if call == TRANSACTION and fault in REASONS:
        code, reasons = "TransactionCanceledException", [{"Code": REASONS[fault]}, {"Code": "None"}]
    else:
        code, reasons = CODES[fault][call.partition(".")[0]], []
    return {"Error": {"Code": code, "Message": fault}, "CancellationReasons": reasons, "ResponseMetadata": {}}
