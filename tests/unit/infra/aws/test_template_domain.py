import json

import pytest

from app.api import origin_check
from tests.support.rendered_template import Template, render
from tests.support.template_resources import CDN, DOMAIN, get_property, render_resources

API_ADDRESS = {"Fn::GetAtt": ["Api", "ApiEndpoint"]}
CDN_ADDRESS = {"Fn::Sub": "https://${Distribution.DomainName}"}
DOMAIN_ADDRESS = {"Fn::Sub": "https://${DomainName}"}
OPTIONAL_RESOURCES = {"ApiDomain", "ApiMapping", "DomainRecord", "OriginSecret", "Distribution", "WebAcl"}


@pytest.mark.parametrize(
    ("parameters", "address", "names"),
    [
        ({}, API_ADDRESS, set()),
        (DOMAIN, DOMAIN_ADDRESS, {"ApiDomain", "ApiMapping", "DomainRecord"}),
        (DOMAIN | {"HostedZoneId": ""}, DOMAIN_ADDRESS, {"ApiDomain", "ApiMapping"}),
        (CDN, CDN_ADDRESS, {"OriginSecret", "Distribution"}),
        (CDN | DOMAIN, DOMAIN_ADDRESS, {"OriginSecret", "Distribution", "DomainRecord"}),
        (CDN | {"Firewall": "true"}, CDN_ADDRESS, {"OriginSecret", "Distribution", "WebAcl"}),
    ],
)
def test_stack_has_one_address_and_the_resources_for_it(
    parameters: dict[str, str], address: object, names: set[str]
) -> None:
    template = render(**parameters)

    assert template["Resources"].keys() & OPTIONAL_RESOURCES == names
    assert template["Outputs"]["ApiUrl"]["Value"] == address
    for function in ("Api", "Worker"):
        assert get_property(template["Resources"], f"{function}Function.Environment.Variables.PIXTAG_UI_URL") == address


@pytest.mark.parametrize(("parameters", "disabled"), [({}, False), (DOMAIN, True), (CDN | DOMAIN, False)])
def test_api_with_a_domain_has_no_other_address(parameters: dict[str, str], disabled: object) -> None:
    assert get_property(render_resources(**parameters), "Api.DisableExecuteApiEndpoint") is disabled


def test_domain_record_points_to_api_gateway_or_cloudfront() -> None:
    api, cdn = render_resources(**DOMAIN), render_resources(**DOMAIN, **CDN)

    assert get_property(api, "DomainRecord.AliasTarget.DNSName") == {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
    assert get_property(cdn, "DomainRecord.AliasTarget.DNSName") == {"Fn::GetAtt": ["Distribution", "DomainName"]}
    assert get_property(cdn, "Distribution.DistributionConfig.Aliases") == ["photos.example.com"]


def test_cloudfront_sends_the_secret_that_the_api_requires() -> None:
    resources = render_resources(**CDN)
    origins = get_property(resources, "Distribution.DistributionConfig.Origins")
    (origin,) = [origin for origin in origins if "OriginCustomHeaders" in origin]

    (header,) = origin["OriginCustomHeaders"]

    assert header["HeaderName"] == origin_check.ORIGIN_HEADER
    assert header["HeaderValue"] == get_property(
        resources, f"ApiFunction.Environment.Variables.{origin_check.ORIGIN_VARIABLE}"
    )
    assert "{{resolve:secretsmanager:${OriginSecret}}}" in json.dumps(header["HeaderValue"])
    assert origin["Id"] == "api"
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}


@pytest.mark.parametrize(
    ("parameters", "entry_point"), [({}, "Api"), (DOMAIN, "Api"), (CDN, "Distribution"), (CDN | DOMAIN, "DomainRecord")]
)
def test_function_waits_for_the_entry_point(parameters: dict[str, str], entry_point: str) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in get_property(render_resources(**parameters), "ApiFunction.Tags")}

    assert tags["entry-point"] == {"Ref": entry_point}


@pytest.mark.parametrize(
    ("parameters", "target"),
    [
        (DOMAIN | {"HostedZoneId": ""}, {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}),
        (CDN | DOMAIN | {"HostedZoneId": ""}, {"Fn::GetAtt": ["Distribution", "DomainName"]}),
        (DOMAIN, None),
        ({}, None),
    ],
)
def test_record_target_is_an_output_if_the_record_is_made_by_hand(parameters: dict[str, str], target: object) -> None:
    assert render(**parameters)["Outputs"].get("RecordTarget", {}).get("Value") == target


def test_function_without_cloudfront_requires_no_secret(resources: Template) -> None:
    assert get_property(resources, f"ApiFunction.Environment.Variables.{origin_check.ORIGIN_VARIABLE}") == ""


def test_cloudfront_caches_only_files_with_a_hash_in_their_name() -> None:
    config = get_property(render_resources(**CDN), "Distribution.DistributionConfig")
    disabled, optimized = "4135ea2d-6df8-44a3-9df3-3b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"

    assert config["DefaultCacheBehavior"]["CachePolicyId"] == disabled
    assert [(behaviour["PathPattern"], behaviour["CachePolicyId"]) for behaviour in config["CacheBehaviors"]] == [
        ("/assets/*", optimized)
    ]
    assert {
        behaviour["ViewerProtocolPolicy"] for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"])
    } == {"redirect-to-https"}


def test_firewall_protects_cloudfront_and_allows_photos() -> None:
    resources = render_resources(**CDN, Firewall="true")
    rules = get_property(resources, "WebAcl.Rules")

    groups = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in rules]

    assert get_property(resources, "Distribution.DistributionConfig.WebACLId") == {"Fn::GetAtt": ["WebAcl", "Arn"]}
    assert get_property(resources, "WebAcl.Scope") == "CLOUDFRONT"
    assert groups == [None, "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"]
    configs = [get_property(resources, "WebAcl.VisibilityConfig"), *(rule["VisibilityConfig"] for rule in rules)]
    assert not {config["MetricName"].lower() for config in configs} & {"all", "default_action"}  # reserved by AWS
