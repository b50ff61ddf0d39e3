"""AWS that answers at once: requests are built, signed and their answers read as always, but nothing is sent."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


class _Body(io.BytesIO):
    def stream(self, size: int = 1 << 16, **_: object) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


def instant(answer: Callable[[AWSPreparedRequest], Answer]) -> boto3.Session:
    """Return a session whose clients get these answers."""
    session = boto3.Session("test", "test", region_name="us-east-1")

    def reply(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, headers, body = answer(request)
        told = HTTPHeaders.from_dict({"Content-Length": str(len(body)), **headers})
        return AWSResponse(request.url, status, told, _Body(body))

    hook: Any = reply  # the stubs let no hook answer
    session.events.register("before-send", hook)
    return session
