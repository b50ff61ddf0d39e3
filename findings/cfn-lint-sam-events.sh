#!/usr/bin/env bash
# cfn-lint 1.58.0 with aws-sam-translator 1.115.0, and the SAM CLI 1.170.0, whose `sam validate --lint` calls cfn-lint.
#
# A SAM function reads a queue. The event has `BatchSize: none`, although it must be an integer, or 99999, although the
# maximum is 10000.
#
# Expected: an error. cfn-lint transforms SAM templates before it checks them. It then finds AWS::Lambda::EventSourceMapping
# with this property, whose type it knows: in a template without SAM, the same value is an error (E3012).
# Seen: cfn-lint reports nothing, and its exit status is 0, although aws-sam-translator itself refuses `none`. If the template
# is transformed first, and cfn-lint gets the result, it also reports 99999.
#
# Consequence: transform SAM templates in the tests, and lint the result too. `cfn-lint` and `sam validate --lint` are not
# enough.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0 aws-sam-translator==1.115.0

cat >check.py <<'PYTHON'
import json
import os
import sys

from cfnlint.api import ManualArgs, lint
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
ARN = {"Fn::GetAtt": ["Queue", "Arn"]}


def make_sam(size):
    event = {"Type": "SQS", "Properties": {"Queue": ARN, "BatchSize": size}}
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1"
    function = {"PackageType": "Image", "ImageUri": image, "Events": {"Message": event}}
    resources = {"Queue": {"Type": "AWS::SQS::Queue"}, "Worker": {"Type": "AWS::Serverless::Function", "Properties": function}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31", "Resources": resources}


def make_plain(size):
    mapping = {"EventSourceArn": ARN, "FunctionName": "worker", "BatchSize": size}
    resources = {"Queue": {"Type": "AWS::SQS::Queue"}, "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def list_rules(template):
    return sorted({match.rule.id for match in lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))})


def list_errors(template):
    return [rule for rule in list_rules(template) if rule.startswith("E")]


def transform_and_list_errors(template):
    try:
        return list_errors(Translator({}, Parser()).translate(template, {}))
    except InvalidDocumentException as error:
        return [str(error)]


changed = False
for size in (10, "none", 99_999):
    seen = [list_errors(make_sam(size)), transform_and_list_errors(make_sam(size)), list_errors(make_plain(size))]
    print(f"BatchSize: {size}")
    for kind, errors in zip(("SAM, only cfn-lint", "SAM, transformed first", "without SAM"), seen):
        print(f"  {kind}: {errors or 'no error'}")
    is_valid = size == 10
    changed |= [not errors for errors in seen] != [True, is_valid, is_valid]
sys.exit("The behaviour has changed." if changed else 0)
PYTHON
venv/bin/python check.py
