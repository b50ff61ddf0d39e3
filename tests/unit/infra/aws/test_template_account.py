"""What the template needs on a real account, in every partition of AWS, and under load."""

import json
import re
from itertools import chain

import pytest
from cfnlint.api import ManualArgs, lint
from samtranslator.yaml_helper import yaml_parse

from app.domain.ids import Rendition
from app.domain.quotas import MAX_UPLOADS_PER_MINUTE
from infra.local.emulator import TEMPLATE
from tests.support.rendered_template import Json, Template, render
from tests.support.template_resources import CDN, as_list, get_property, render_resources

FIREWALL = CDN | {"Firewall": "true"}
REQUESTS_PER_UPLOAD = 2.7  # that reach CloudFront: one creates it, and the others get its state
RATE_MINUTES = 5
PRINCIPALS = re.compile(r'"(?:Service|Principal)": "[a-z0-9-]+\.amazonaws\.com"')


def test_cloudfront_caches_no_error() -> None:
    distribution = get_property(render_resources(**CDN), "Distribution.DistributionConfig")

    seconds = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution["CustomErrorResponses"]}

    assert set(seconds.values()) == {0}
    assert seconds.keys() >= {400, 403, 404, 405, 500, 501, 502, 503, 504}
    assert all(each.keys() == {"ErrorCode", "ErrorCachingMinTTL"} for each in distribution["CustomErrorResponses"])


def test_cloudfront_accepts_no_more_statuses_of_errors() -> None:
    """It never caches 429, so there is no setting for it."""
    template = render(**CDN)
    responses = get_property(template["Resources"], "Distribution.DistributionConfig.CustomErrorResponses")
    template = json.loads(json.dumps(template))
    distribution = get_property(template["Resources"], "Distribution.DistributionConfig")
    distribution["CustomErrorResponses"] = [*responses, {"ErrorCode": 429, "ErrorCachingMinTTL": 0}]

    faults = lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))

    (values,) = [fault.message for fault in faults if fault.rule.id == "E3030"]
    assert values == f"429 is not one of {sorted(each['ErrorCode'] for each in responses)}"


def test_firewall_lets_one_address_upload_at_the_highest_rate_but_not_use_the_whole_api() -> None:
    resources = render_resources(**FIREWALL)
    (limit,) = [
        rule["Statement"]["RateBasedStatement"]["Limit"]
        for rule in get_property(resources, "WebAcl.Rules")
        if "RateBasedStatement" in rule["Statement"]
    ]
    requests_per_second = get_property(resources, "ApiStage.DefaultRouteSettings.ThrottlingRateLimit")

    assert limit >= RATE_MINUTES * MAX_UPLOADS_PER_MINUTE * REQUESTS_PER_UPLOAD
    assert limit <= RATE_MINUTES * 60 * requests_per_second / 2


@pytest.mark.parametrize("role", ["ApiRole", "WorkerRole"])
def test_role_lists_objects_only_below_the_prefixes_of_photos(resources: Template, role: str) -> None:
    statements = chain.from_iterable(
        policy["PolicyDocument"]["Statement"] for policy in get_property(resources, f"{role}.Policies")
    )
    (statement,) = [each for each in statements if "s3:ListBucket" in as_list(each["Action"])]

    assert statement["Action"] == "s3:ListBucket"
    ((operator, keys),) = statement["Condition"].items()
    assert {prefix.removesuffix("/*") for prefix in keys["s3:prefix"]} == {str(each) for each in Rendition}
    # Without a prefix, S3 decides with this statement whether a missing object is 404 or 403.
    assert operator == "StringLikeIfExists"


def list_texts(value: Json) -> list[str]:
    """Return all texts in a value."""
    if isinstance(value, dict):
        return list(chain.from_iterable(map(list_texts, value.values())))
    return list(chain.from_iterable(map(list_texts, value))) if isinstance(value, list) else [str(value)]


def test_host_names_and_arns_are_those_of_the_partition() -> None:
    template = PRINCIPALS.sub("", json.dumps(yaml_parse(TEMPLATE.read_text())))

    assert "amazonaws.com" not in template
    assert [text for text in list_texts(json.loads(json.dumps(render(**FIREWALL)))) if "arn:aws" in text] == []


@pytest.mark.parametrize("script", ["deploy.sh", "destroy.sh", "redrive.sh", "account.sh"])
def test_scripts_name_no_host_of_a_partition(script: str) -> None:
    assert "amazonaws" not in (TEMPLATE.parent / script).read_text()
