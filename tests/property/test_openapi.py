"""The document against the app: schemathesis sends what it allows and what it forbids, and checks every answer.

`make fuzz` sends each operation a thousand requests that nobody has sent yet.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, Response

from app import wiring
from app.adapters.aws.quotas import Limits, Quotas
from app.domain.ids import EXAMPLE_ID
from app.main import app
from tests.robustness.torture import cases
from tests.support.fakes import FakeDetector, image
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.wired_app import wired

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
EXAMPLES = os.environ.get("EXAMPLES")
TELLING = {"etag", "link", "location", "retry-after", "www-authenticate"}
# Rules of ours; 1.0, which JSON Schema takes for an integer; and schemathesis says `If-Match: 0`, whatever the pattern.
BEYOND_SCHEMAS = (
    "e-mail address of the account",
    "exactly one of",
    "inside it",
    "needs username",
    "needs refresh_token",
    "cannot contain",
    "Duplicate key",
    "valid integer",
    "header/if-match",
)

config = schemathesis.Config.from_dict(
    {
        "request-timeout": 120,  # a machine may be busy
        "generation": {"max-examples": int(EXAMPLES or 10), "deterministic": not EXAMPLES},
        "checks": {
            "positive_data_acceptance": {"enabled": False},  # which text is a query, a cursor, a code, no schema says
            "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "413", "415", "422"]},
        },
    }
)
document = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


@pytest.fixture(scope="module")
def headers() -> Iterator[dict[str, str]]:
    """What a person sends along who has an image and may ask as often as they like, on AWS by moto."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    with wired(session, FakeDetector()):
        often = Limits(uploads_per_minute=10**6, edits_per_minute=10**6, detections_per_minute=10**6)
        generous = Quotas(session.client("dynamodb"), SETTINGS.table, often)
        app.dependency_overrides[wiring.quotas] = lambda: generous
        wiring.table().save(replace(image(OWNER, dog=2), id=EXAMPLE_ID))
        yield {"Authorization": f"Bearer {sign(claims(OWNER))}"}


def form_is_accepted(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Nothing that the document allows is refused as having another form."""
    problem = response.json() if response.status_code == 422 else {"type": ""}
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        beyond = any(rule in problem.get("detail", "") for rule in BEYOND_SCHEMAS)
        assert beyond or problem["type"] != "urn:pixtag:invalid-request"


def headers_are_documented(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every header that tells a client something is in the document."""
    answer = case.operation.responses.find_by_status_code(response.status_code)
    told = {name.lower() for name in answer.definition.get("headers", {})} if answer else TELLING
    assert TELLING & response.headers.keys() <= told


@document.parametrize()
def test_the_document_is_true(case: Case[Any], headers: dict[str, str]) -> None:
    cases.append(1)
    case.call_and_validate(headers=headers, additional_checks=[form_is_accepted, headers_are_documented])
