#!/usr/bin/env bash
# A guess about the emulator MiniStack, and what really happens.
#
# Versions: MiniStack 1.5.33, boto3 1.43.106.
# Expected: a template may set the MaximumConcurrency of an event source mapping with a parameter of type Number, as on
#           AWS. Messages in the queue reach the function.
# Seen:     the stack is created, and the mapping is enabled. No message ever reaches the function. With the number in
#           the template itself, messages arrive.
# Why:      the value of a parameter stays text. The poller compares it with a number, and only logs the TypeError.
# Remedy:   set it again with UpdateEventSourceMapping after the deployment.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106

cat >deliver.py <<'PYTHON'
import json
import os
import subprocess
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
from threading import Event, Thread

import boto3
from botocore.config import Config

SECONDS = 20
delivered = Event()


class Function(BaseHTTPRequestHandler):
    """The function. MiniStack sends it the events."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        delivered.set()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args):
        pass


def make_template(concurrency):
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "worker",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "PackageType": "Image",
                "Code": {"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/worker:1"},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Function"},
                "ScalingConfig": {"MaximumConcurrency": concurrency},
            },
        },
    }
    parameters = {"Concurrency": {"Type": "Number", "Default": 5}}
    return json.dumps({"Parameters": parameters, "Resources": resources, "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}})


def is_delivered(concurrency):
    """Deploy to a new MiniStack, send a message, and return whether it reaches the function."""
    delivered.clear()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    settings |= {"MINISTACK_LAMBDA_PROXY_worker": f"http://127.0.0.1:{server.server_port}/", "TMPDIR": os.getcwd()}
    with open("log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", "ministack"], env=os.environ | settings, stdout=log, stderr=log)
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(300):
            try:
                opener.open(f"{url}/_ministack/ready")
                break
            except OSError:
                time.sleep(0.1)
        options = {"endpoint_url": url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        cloudformation, sqs, functions = (
            boto3.client(name, "us-east-1", config=Config(proxies={}), **options)
            for name in ("cloudformation", "sqs", "lambda")
        )
        cloudformation.create_stack(
            StackName="demo", TemplateBody=make_template(concurrency), Capabilities=["CAPABILITY_IAM"]
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName="demo", WaiterConfig={"Delay": 1})
        (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
        (output,) = cloudformation.describe_stacks(StackName="demo")["Stacks"][0]["Outputs"]
        sqs.send_message(QueueUrl=output["OutputValue"], MessageBody="{}")
        return mapping["State"], delivered.wait(SECONDS)
    finally:
        process.terminate()
        process.wait()


server = HTTPServer(("127.0.0.1", 0), Function)
Thread(target=server.serve_forever, daemon=True).start()
literal, reference = is_delivered(5), is_delivered({"Ref": "Concurrency"})
print(f"MaximumConcurrency 5: the mapping is {literal[0]}, delivered: {literal[1]}")
print(f"MaximumConcurrency !Ref Concurrency: the mapping is {reference[0]}, delivered: {reference[1]}")
sys.exit((literal[1], reference) != (True, ("Enabled", False)))
PYTHON

venv/bin/python deliver.py
