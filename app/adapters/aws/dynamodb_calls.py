"""Signs the requests to DynamoDB and parses its responses in less time than botocore.

botocore visits every attribute of every item, and compares the headers of every request. It still checks parameters,
finds the endpoint, sends and retries requests, and raises errors.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.exceptions import NoCredentialsError
from botocore.handlers import add_retry_headers
from botocore.model import OperationModel
from botocore.parsers import ResponseParserFactory
from botocore.signers import RequestSigner
from typing_extensions import override

from app.adapters.aws.signatures import ALGORITHM, make_signer

_OPERATIONS: Final = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)
_PORTS: Final = {"http": ":80", "https": ":443"}


def speed_up(client: BaseClient) -> None:
    """Make a client sign and parse directly. Responses contain bytes in Base64. Another call changes nothing."""
    endpoint: Endpoint = vars(client)["_endpoint"]  # only it knows the certificates, proxies and open connections
    direct = _DirectEndpoint(
        endpoint.host, "dynamodb", client.meta.events, ResponseParserFactory(), endpoint.http_session
    )
    call: Any = direct.call  # the type stubs do not allow a hook to return a value
    client.meta.events.register_last("before-call", call, unique_id="pixtag-call")  # after all other handlers
    for operation in _OPERATIONS:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _parse, unique_id=f"pixtag-{operation}")


class _DirectEndpoint(Endpoint):
    """Sends and retries requests as botocore does, and signs them itself."""

    def call(self, model: OperationModel, params: dict[str, Any], request_signer: RequestSigner, **_: object) -> object:
        """Send a request in place of botocore, and return its response."""
        params["context"]["request_signer"] = request_signer
        return self.make_request(model, params)

    @override
    def create_request(self, params: Mapping[str, Any], operation_model: OperationModel | None = None) -> Any:
        """Return the signed request of an attempt.

        Raises:
            NoCredentialsError: the client has no credentials.
        """
        context, body = params["context"], params["body"]
        region = context["client_region"]
        credentials = context["request_signer"].get_auth_instance("dynamodb", region, "v4").credentials
        if not credentials:
            raise NoCredentialsError
        signer = make_signer(credentials, region, "dynamodb", int(time.time()))
        path, host = _split(params["url"])
        signed = {
            "content-type": params["headers"]["Content-Type"],
            "host": host,
            "x-amz-date": signer.timestamp,
            **({"x-amz-security-token": signer.token} if signer.token else {}),
            "x-amz-target": params["headers"]["X-Amz-Target"],
        }
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        names = ";".join(signed)
        signature = signer.sign_request(f"POST\n{path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}")
        proof = f"{ALGORITHM} Credential={signer.credential}, SignedHeaders={names}, Signature={signature}"
        del signed["host"]  # urllib3 adds it
        headers: Any = {**params["headers"], **signed, "Authorization": proof, "Content-Length": str(len(body))}
        request: Any = AWSPreparedRequest("POST", params["url"], headers, body, stream_output=False, context=context)
        add_retry_headers(request)
        request.headers = HeadersDict((name, value.encode()) for name, value in headers.items())
        return request


@lru_cache(maxsize=16)
def _split(url: str) -> tuple[str, str]:
    """Return the path of a URL, and the value of the header `Host`, which contains no default port."""
    parts = urlsplit(url)
    return parts.path or "/", parts.netloc.lower().removesuffix(_PORTS[parts.scheme])


def _parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Parse the body of a successful response. botocore receives an empty one, or the original if it is unreadable."""
    if response_dict["status_code"] != HTTPStatus.OK:
        return
    try:
        members = json.loads(response_dict["body"].decode())
        customized_response_dict.update((name, value) for name, value in members.items() if value is not None)
    except (AttributeError, ValueError):
        return
    response_dict["body"] = b"{}"
