"""The OpenAPI document against the app: schemathesis sends valid and invalid requests and checks every response.

`make fuzz` sends a thousand new requests to each operation.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, Response
from starlette.types import Receive, Scope, Send

from app import wiring
from app.api.dependencies import provide
from app.domain.ids import EXAMPLE_ID, Rendition
from app.domain.uploads import Upload
from app.main import app
from tests.robustness.torture import cases
from tests.support.fakes import FakeDetector, image
from tests.support.user_pool import EMAIL
from tests.support.wired_app import lift_rate_limits, wire_app

EXAMPLES = os.environ.get("EXAMPLES")
CLIENT_HEADERS = {"etag", "link", "location", "retry-after", "www-authenticate"}
# Errors of requests that the document allows: rules that no schema can express, and 1.0, which is an integer in JSON
# Schema.
RULES_WITHOUT_SCHEMA = (
    "e-mail address of the account",
    "not an e-mail address",
    "exactly one of",
    "at least one",
    "inside it",
    "requires username",
    "requires refresh_token",
    "cannot contain",
    "in the future",
    "visible character",
    "Duplicate key",
    "valid integer",
)

config = schemathesis.Config.from_dict(
    {
        "request-timeout": 120,  # the machine may be busy
        "generation": {"max-examples": int(EXAMPLES or 10), "deterministic": not EXAMPLES},
        "checks": {
            "positive_data_acceptance": {"enabled": False},  # no schema defines valid queries, cursors and codes
            "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "413", "415", "422"]},
        },
    }
)
HOST = {"Host": "127.0.0.1:8000"}


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    """Call the app. Its lifespan, which would start a worker process, is left out."""
    if scope["type"] == "http":
        await app(scope, receive, send)


document = schemathesis.openapi.from_asgi("/openapi.json", served, config=config, headers=HOST)


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The headers of a person who has an image and very high rate limits, on the stores of one machine."""
    with wire_app("local", tmp_path_factory.mktemp("data"), FakeDetector()) as pixtag:
        lift_rate_limits()
        claims = pixtag.add_person(EMAIL)
        issuer = replace(
            wiring.token_issuer(), is_active=lambda _owner, _session: True
        )  # some requests end the session
        app.dependency_overrides[provide(wiring.token_issuer)] = lambda: issuer
        original = Rendition.ORIGINAL.key(claims["sub"], EXAMPLE_ID)
        wiring.objects().claim(original, Upload(b"photo", "image/jpeg", "beach.jpg"))
        wiring.images().save(replace(image(claims["sub"], dog=2), id=EXAMPLE_ID))
        yield {"Authorization": f"Bearer {pixtag.signer.sign(claims)}"} | HOST


def request_is_accepted(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Assert that no request that the document allows is rejected as invalid, except by `RULES_WITHOUT_SCHEMA`."""
    problem = response.json() if response.status_code in {400, 422} else {"type": ""}
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        is_expected = any(rule in problem.get("detail", "") for rule in RULES_WITHOUT_SCHEMA)
        assert is_expected or problem["type"] != "urn:pixtag:invalid-request"


def headers_are_documented(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Assert that the document contains every header of the response that clients may need."""
    definition = case.operation.responses.find_by_status_code(response.status_code)
    if definition:
        documented = {name.lower() for name in definition.definition.get("headers", {})}
        assert CLIENT_HEADERS & response.headers.keys() <= documented


@document.parametrize()
def test_response_to_any_request_matches_the_document(case: Case[Any], headers: dict[str, str]) -> None:
    cases.append(1)
    case.call_and_validate(headers=headers, additional_checks=[request_is_accepted, headers_are_documented])
