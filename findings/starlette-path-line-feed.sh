#!/usr/bin/env bash
# A guess about Starlette, and what really happens.
#
# Versions: Python 3.11 to 3.13, Starlette 1.10.0, httpx 0.28.1.
# Expected: the parameter of the route /files/{name:path} is the rest of the path, as that of /files/{name} is.
# Seen:     if the path ends with an encoded line feed (%0A), the parameter lacks it. So a signature of the parameter
#           accepts two paths.
# Why:      Starlette compiles paths to regular expressions that end with "$". In Python, "$" also matches before a
#           line feed at the end of the text, and "." does not match a line feed.
# Remedy:   compare the parameter with the end of request.scope["path"], as app/api/routers/objects.py does.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check starlette==1.10.0 httpx==0.28.1

cat >request.py <<'PYTHON'
import asyncio
import sys

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


def show(request):
    return JSONResponse([request.scope["path"], request.path_params["name"]])


app = Starlette(routes=[Route("/all/{name:path}", show), Route("/one/{name}", show)])


async def get(path):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return (await client.get(path)).json()


answers = [asyncio.run(get(path)) for path in ("/all/a/b%0A", "/one/a%0A")]
print(answers)
sys.exit(answers != [["/all/a/b\n", "a/b"], ["/one/a\n", "a\n"]])
PYTHON

venv/bin/python request.py
