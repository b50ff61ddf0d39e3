"""Instant stub for AWS: clients build and sign requests and parse responses as usual, but nothing is sent."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

Response = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


class _Body(io.BytesIO):
    def stream(self, size: int = 1 << 16, **_: object) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


def stub_session(respond: Callable[[AWSPreparedRequest], Response]) -> boto3.Session:
    """Return a session whose clients receive the responses of this function."""
    session = boto3.Session("test", "test", region_name="us-east-1")

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, headers, body = respond(request)
        http_headers = HTTPHeaders.from_dict({"Content-Length": str(len(body)), **headers})
        return AWSResponse(request.url, status, http_headers, _Body(body))

    hook: Any = send  # the type stubs do not allow a hook to return a value
    session.events.register("before-send", hook)
    return session
