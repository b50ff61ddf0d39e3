"""`WWW-Authenticate` (RFC 6750, section 3)."""

import pytest
from fastapi.testclient import TestClient

from app.api.challenges import MAX_DESCRIPTION, describe

BEARER = 'Bearer realm="PixTag"'
INVALID = (
    f'{BEARER}, error="invalid_token", error_description="The access token is missing, expired or not valid.'
    ' Get a new one from POST /auth/token."'
)


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, BEARER),
        ("", BEARER),
        ("Bearer", BEARER),
        ("Bearer ", BEARER),
        ("Basic cGl4dGFnOg==", BEARER),
        ("Bearer x", INVALID),
        ("bearer x", INVALID),
    ],
)
def test_challenge_names_an_error_only_for_a_token(
    anonymous: TestClient, authorization: str | None, challenge: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    response = anonymous.get("/images", headers=headers)

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, challenge)


def test_description_has_only_the_allowed_characters() -> None:
    assert describe('"a\\b" \u2026 \u00e4\n') == "'a/b' ... ??"
    assert len(describe("a" * 1_000)) == MAX_DESCRIPTION
