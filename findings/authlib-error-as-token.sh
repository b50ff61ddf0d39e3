#!/usr/bin/env bash
# Authlib 1.9.10 with httpx 0.28.1.
#
# Expected: `fetch_token` raises an error for each response with a status of 400 or more.
# Seen:     Up to 499, the status is not looked at. A response without the member `error` is returned as a token, so a
#           program with a wrong password goes on, and fails later because the token has no `access_token`.
# Why:      `parse_response_token` raises for statuses of 500 and more, and else only if the JSON has `error`.
#
# Consequence: an API that returns problem details (RFC 9457) or another JSON at its token endpoint must add the members of
# RFC 6749, section 5.2. PixTag does so in app/api/oauth.py, also for a rate limit (429), for which there is no code.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check authlib==1.9.10 httpx==0.28.1

venv/bin/python -W ignore - <<'PYTHON'
import json
import sys

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client


def sign_in(status, body):
    """Return the token, or the name of the error."""
    answer = httpx.MockTransport(lambda request: httpx.Response(status, json=body))
    client = OAuth2Client("program", token_endpoint_auth_method="none", transport=answer)
    try:
        return dict(client.fetch_token("https://example.com/token", username="ada", password="wrong"))
    except (OAuthError, httpx.HTTPStatusError) as error:
        return type(error).__name__


problem = {"type": "about:blank", "title": "Unauthorized", "status": 401}
seen = {
    "401 with a problem": sign_in(401, problem),
    "429 with a problem": sign_in(429, problem | {"status": 429}),
    "503 with a problem": sign_in(503, problem | {"status": 503}),
    "401 with `error`": sign_in(401, problem | {"error": "invalid_grant"}),
}
for case, result in seen.items():
    print(f"{case}: {json.dumps(result)}")
sys.exit(
    seen
    != {
        "401 with a problem": problem,
        "429 with a problem": problem | {"status": 429},
        "503 with a problem": "HTTPStatusError",
        "401 with `error`": "OAuthError",
    }
)
PYTHON
