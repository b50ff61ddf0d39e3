#!/usr/bin/env bash
# A guess about botocore's errors, and what really happens.
#
# Versions: boto3 and botocore 1.43.106, Python 3.11 to 3.13.
# Expected: every failure of a call is a BotoCoreError or a ClientError. If a load balancer, a proxy or an emulator
#           responds with status 503 and an HTML page, botocore retries the call, as it does for status 503 elsewhere.
# Seen:     services with JSON (SQS) behave so. Services with XML (SNS) raise ResponseParserError, which is derived only
#           from Exception, and make no second attempt, although the message says "Further retries may succeed".
# Why:      botocore.parsers.ResponseParserError is not in botocore.exceptions, and is raised before the retry handler
#           sees the status.
# Remedy:   catch ResponseParserError too, or convert it in a handler of the event `after-call-error`.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check boto3==1.43.106 botocore==1.43.106

cat >call.py <<'PYTHON'
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


class Proxy(BaseHTTPRequestHandler):
    """Responds with a page, as a proxy without a backend does."""

    attempts = 0

    def do_POST(self):
        Proxy.attempts += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        page = b"<!doctype html><title>503 Service Unavailable</title>"
        self.send_response(503)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_args):
        pass


def call(service, operation):
    """Return the error of a call, whether the usual classes include it, and the number of attempts."""
    Proxy.attempts = 0
    client = boto3.client(
        service,
        "us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.server_port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}, proxies={}),
    )
    try:
        getattr(client, operation)()
    except Exception as error:
        return type(error).__name__, isinstance(error, (BotoCoreError, ClientError)), Proxy.attempts


server = HTTPServer(("127.0.0.1", 0), Proxy)
Thread(target=server.serve_forever, daemon=True).start()
sqs, sns = call("sqs", "list_queues"), call("sns", "list_topics")
for name, (error, is_usual, attempts) in {"SQS": sqs, "SNS": sns}.items():
    print(f"{name}: {error}, BotoCoreError or ClientError: {is_usual}, attempts: {attempts}")
sys.exit((sqs, sns) != (("ClientError", True, 3), ("ResponseParserError", False, 1)))
PYTHON

venv/bin/python call.py
