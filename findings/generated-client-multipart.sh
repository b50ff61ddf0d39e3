#!/usr/bin/env bash
# Generated Python clients and a form with a file (multipart/form-data): openapi-generator 7.26.0 (the wheel, which needs
# Java 11 or newer) and openapi-python-client 0.29.1, seen with Python 3.11.7.
#
# A document declares a form with a file, a text that can be null, and a list of texts.
#
# Expected: a client leaves out a text that is None, as the form has no null. It sends a list as one field for each item,
# which is the default of OpenAPI 3.0 (style `form`, `explode`). Its `File` without a name is sent as a file.
# Seen:
# - openapi-python-client sends the text "None", which a server stores.
# - openapi-python-client sends a `File` without `file_name` as a field without a file name, so servers take it for a text.
# - openapi-generator joins the list to one field with commas. A server cannot tell `["a,b"]` from `["a", "b"]`.
# - openapi-generator accepts no open file, but a text is the path of a file. It names bytes after the field.
#
# Consequence: always set `file_name`, use UNSET in place of None, and avoid lists of texts in forms with files.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | grep --quiet version || { echo "This script needs Java 11 or newer on the PATH."; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0 openapi-python-client==0.29.1 \
  attrs==26.1.0 httpx==0.28.1 pydantic==2.14.4 python-dateutil==2.9.0.post0 urllib3==2.8.0

cat >document.py <<'PYTHON'
import json

properties = {
    "file": {"type": "string", "format": "binary"},
    "note": {"type": "string", "nullable": True},
    "tags": {"type": "array", "items": {"type": "string"}},
}
form = {"type": "object", "required": ["file"], "properties": properties}
operation = {
    "operationId": "upload",
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
    "responses": {"204": {"description": "Stored."}},
}
document = {
    "openapi": "3.0.3",
    "info": {"title": "Photos", "version": "1.0.0"},
    "paths": {"/photos": {"post": operation}},
}
with open("openapi.json", "w") as file:
    json.dump(document, file)
PYTHON
venv/bin/python document.py
venv/bin/openapi-generator-cli generate -i openapi.json -g python -o java --additional-properties=packageName=first \
  >generator.log 2>&1 || { cat generator.log; exit 1; }
PATH="$PWD/venv/bin:$PATH" venv/bin/openapi-python-client generate --path openapi.json --output-path second --meta none \
  --fail-on-warning >/dev/null

cat >send.py <<'PYTHON'
import io
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer

import first
import second
from second.api.default import upload
from second.models import UploadBody
from second.types import File

received = []


class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = message_from_bytes(f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body)
        for part in form.get_payload():
            name = part.get_param("name", header="Content-Disposition")
            received.append((name, part.get_filename(), part.get_payload(decode=True).decode()))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
api = first.DefaultApi(first.ApiClient(first.Configuration(host=url)))
client = second.Client(url, httpx_args={"trust_env": False})


def check(text, send, expected):
    received.clear()
    send()
    print(f"{text}: {sorted(received)}")
    assert sorted(received) == expected, sorted(received)


def send_second(name, **fields):
    upload.sync_detailed(client=client, body=UploadBody(file=File(io.BytesIO(b"photo"), file_name=name), **fields))


FILE = ("file", "a.jpg", "photo")
check("openapi-python-client, without a note", lambda: send_second("a.jpg"), [FILE])
check("openapi-python-client, note=None", lambda: send_second("a.jpg", note=None), [FILE, ("note", None, "None")])
check("openapi-python-client, no file_name", lambda: send_second(None), [("file", None, "photo")])
check(
    "openapi-python-client, two tags",
    lambda: send_second("a.jpg", tags=["a", "b"]),
    [FILE, ("tags", None, "a"), ("tags", None, "b")],
)
check("openapi-generator, note=None", lambda: api.upload(("a.jpg", b"photo"), note=None), [FILE])
check("openapi-generator, bytes", lambda: api.upload(b"photo"), [("file", "file", "photo")])
for tags in (["a", "b"], ["a,b"]):
    check(
        f"openapi-generator, tags={tags}",
        lambda: api.upload(("a.jpg", b"photo"), tags=tags),
        [FILE, ("tags", None, "a,b")],
    )
try:
    api.upload(io.BytesIO(b"photo"))
    raise AssertionError("openapi-generator accepts an open file")
except ValueError as error:
    print("openapi-generator, an open file:", type(error).__name__)
PYTHON
PYTHONPATH=java venv/bin/python send.py
