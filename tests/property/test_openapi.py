"""The document against the app: schemathesis sends what it allows and what it forbids, and checks every answer.

`make fuzz` sends each operation a thousand requests that nobody has sent yet.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from moto import mock_aws
from schemathesis import Case, CheckContext, GenerationMode, Response

from app import auth, wiring
from app.auth import KeySet
from app.catalog import Catalog
from app.errors import InvalidCode
from app.images import EXAMPLE_ID
from app.main import app
from app.quotas import Limits, Quotas
from app.userpool import UserPool
from tests.conftest import FakeDetector, image, make_table, session
from tests.people import make_userpool
from tests.tokens import SETTINGS, claims, jwks, sign

OWNER = "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"
EXAMPLES = os.environ.get("EXAMPLES")
TELLING = {"etag", "link", "location", "retry-after", "www-authenticate"}
# Rules of ours; 1.0, which JSON Schema takes for an integer; and schemathesis says `If-Match: 0`, whatever the pattern.
BEYOND_SCHEMAS = (
    "exactly one of",
    "needs username",
    "needs refresh_token",
    "cannot contain",
    "stands here twice",
    "valid integer",
    "header/if-match",
)

config = schemathesis.Config.from_dict(
    {
        "generation": {"max-examples": int(EXAMPLES or 10), "deterministic": not EXAMPLES},
        "checks": {
            "positive_data_acceptance": {"enabled": False},  # which text is a query, a cursor, a code, no schema says
            "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "413", "415", "422"]},
        },
    }
)
document = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


class Pool(UserPool):
    """A pool of moto's, which sends no code again, revokes nothing and knows nobody who has forgotten a password."""

    def resend(self, email: str) -> None: ...

    def revoke(self, refresh_token: str) -> None: ...

    def reset(self, email: str, code: str, password: str) -> None:
        raise InvalidCode


@pytest.fixture(scope="module")
def headers() -> Iterator[dict[str, str]]:
    """What a person sends along who has an image, to the app as it is wired, on AWS by moto."""
    factories = [made for made in vars(wiring).values() if hasattr(made, "cache_clear")]
    variables = {f"PIXTAG_{name.upper()}": value for name, value in SETTINGS.model_dump().items()}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name, value in (variables | keys).items():
            patch.setenv(name, value)
        for factory in factories:
            factory.cache_clear()
        make_table(session().client("dynamodb"))
        session().client("s3").create_bucket(Bucket=SETTINGS.bucket)
        wiring.table().save(replace(image(OWNER, dog=2), id=EXAMPLE_ID))
        often = Limits(uploads_a_minute=10**6, edits_a_minute=10**6)
        generous = Quotas(session().client("dynamodb"), SETTINGS.table, often)
        people, known = make_userpool(session().client("cognito-idp"), Pool), KeySet(jwks)
        app.dependency_overrides |= {
            wiring.catalog: lambda: Catalog(wiring.table(), wiring.bucket(), FakeDetector),
            wiring.quotas: lambda: generous,
            wiring.userpool: lambda: people,
            auth.key_set: lambda: known,
        }
        yield {"Authorization": f"Bearer {sign(claims(OWNER))}"}
        app.dependency_overrides.clear()
        for factory in factories:
            factory.cache_clear()


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
    case.call_and_validate(headers=headers, additional_checks=[form_is_accepted, headers_are_documented])
