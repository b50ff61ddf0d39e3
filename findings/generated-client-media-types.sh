#!/usr/bin/env bash
# Generated Python clients and a response with two media types: openapi-generator 7.26.0 (the wheel, which needs Java 11
# or newer) and openapi-python-client 0.29.1, seen with Python 3.11.7.
#
# A document declares `text/csv` and `application/json` for the status 200, as OpenAPI allows. A parameter chooses.
#
# Expected: the client selects the schema by the Content-Type of the response, as the specification describes. A client
# that does not support this returns the text as it was received, or refuses to generate the operation.
# Seen: both generate it without a warning, and use only the media type that is listed first.
# - openapi-generator, CSV first: it parses the JSON, because of its Content-Type, and returns `str` of the result. So the
#   text is no JSON any longer: `null` is `None`, and quotes are single. There is no error.
# - openapi-generator, JSON first: the CSV is an error of pydantic.
# - openapi-python-client, CSV first: the text as it was received. JSON first: the CSV is a JSONDecodeError.
#
# Consequence: describe one operation for each media type. Then both clients return the model and the text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | grep --quiet version || { echo "This script needs Java 11 or newer on the PATH."; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0 openapi-python-client==0.29.1 \
  attrs==26.1.0 httpx==0.28.1 pydantic==2.14.4 python-dateutil==2.9.0.post0 urllib3==2.8.0

cat >documents.py <<'PYTHON'
import json

SCHEMAS = {
    "text/csv": {"type": "string"},
    "application/json": {"$ref": "#/components/schemas/Library"},
}
PERSON = {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "string", "nullable": True}}}


def operation(name, kinds):
    content = {kind: {"schema": SCHEMAS[kind]} for kind in kinds}
    responses = {"200": {"description": "The library.", "content": content}}
    parameter = {"name": "format", "in": "query", "required": True, "schema": {"type": "string"}}
    return {"get": {"operationId": name, "parameters": [parameter], "responses": responses}}


kinds = {"csv_first": ["text/csv", "application/json"], "json_first": ["application/json", "text/csv"]}
paths = {f"/{name}": operation(name, order) for name, order in kinds.items()}
paths |= {"/csv": operation("only_csv", ["text/csv"]), "/json": operation("only_json", ["application/json"])}
document = {
    "openapi": "3.0.3",
    "info": {"title": "Export", "version": "1.0.0"},
    "paths": paths,
    "components": {"schemas": {"Library": PERSON}},
}
with open("openapi.json", "w") as file:
    json.dump(document, file)
PYTHON
venv/bin/python documents.py
venv/bin/openapi-generator-cli generate -i openapi.json -g python -o java --additional-properties=packageName=first \
  >generator.log 2>&1 || { cat generator.log; exit 1; }
PATH="$PWD/venv/bin:$PATH" venv/bin/openapi-python-client generate --path openapi.json --output-path second --meta none \
  --fail-on-warning >/dev/null

cat >read.py <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import first
import second
from second.api.default import csv_first, json_first, only_csv, only_json

JSON, CSV = '{"owner": null}', "owner\r\n\r\n"


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, text = ("text/csv", CSV) if "format=csv" in self.path else ("application/json", JSON)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
api = first.DefaultApi(first.ApiClient(first.Configuration(host=url)))
client = second.Client(url, httpx_args={"trust_env": False})


def call(function, kind):
    try:
        result = function(kind)
    except Exception as error:
        return type(error).__name__
    return result if isinstance(result, str) else f"{type(result).__name__} object"


seen = {}
for name, module in {"csv_first": csv_first, "json_first": json_first, "only_csv": only_csv, "only_json": only_json}.items():
    for kind in ("json", "csv") if name.endswith("first") else (name[5:],):
        pair = (call(getattr(api, name), kind), call(lambda text: module.sync(client=client, format_=text), kind))
        print(f"{name:11} {kind:5} openapi-generator: {pair[0]!r:24} openapi-python-client: {pair[1]!r}")
        seen[name, kind] = pair

assert seen["csv_first", "json"] == ("{'owner': None}", JSON)
assert seen["csv_first", "csv"] == (CSV, CSV)
assert seen["json_first", "json"] == ("Library object", "Library object")
assert seen["json_first", "csv"] == ("ValidationError", "JSONDecodeError")
assert seen["only_csv", "csv"] == (CSV, CSV)
assert seen["only_json", "json"] == ("Library object", "Library object")
try:
    json.loads(seen["csv_first", "json"][0])
    raise AssertionError("the text of openapi-generator is JSON")
except json.JSONDecodeError:
    print("The text that openapi-generator's client returns for the JSON is not JSON.")
PYTHON
PYTHONPATH=java venv/bin/python read.py
