#!/usr/bin/env bash
# Authlib 1.9.10 with httpx 0.28.1.
#
# Expected: a public client (`token_endpoint_auth_method="none"`, or no secret at all) sends each password, as a client with
#           `client_secret_basic` does. RFC 6749 says that the form is in UTF-8.
# Seen:     a password or user name with a letter outside of ASCII raises UnicodeEncodeError before anything is sent.
# Why:      the client id is added to the body, which is bytes here. `urllib.parse.parse_qsl` decodes bytes, and encodes the
#           decoded values in ASCII again.
#
# Consequence: users of such a client need another method. Any secret does for a server that ignores it, like PixTag.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check authlib==1.9.10 httpx==0.28.1

venv/bin/python -W ignore - <<'PYTHON'
import sys

import httpx
from authlib.integrations.httpx_client import OAuth2Client


def sign_in(password, **options):
    """Return the body that the client sends, or the name of the error."""
    bodies = []

    def answer(request):
        bodies.append(request.content.decode())
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer"})

    client = OAuth2Client("program", transport=httpx.MockTransport(answer), **options)
    try:
        client.fetch_token("https://example.com/token", username="ada", password=password)
    except UnicodeEncodeError as error:
        return type(error).__name__
    return bodies[0]


seen = {
    "no secret, ASCII": sign_in("cafe"),
    "no secret, other letters": sign_in("caf\u00e9"),
    "client_secret_post, other letters": sign_in(
        "caf\u00e9", client_secret="x", token_endpoint_auth_method="client_secret_post"
    ),
    "client_secret_basic, other letters": sign_in("caf\u00e9", client_secret="x"),
}
for case, result in seen.items():
    print(f"{case}: {result}")
sys.exit(
    [result == "UnicodeEncodeError" for result in seen.values()] != [False, True, True, False]
    or "caf%C3%A9" not in seen["client_secret_basic, other letters"]
)
PYTHON
