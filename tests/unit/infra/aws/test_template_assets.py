"""The files of the web UI, which CloudFront gets from a bucket of their own. Without one, the API has them."""

import pytest

from app.api.security_headers import HEADERS, HSTS
from tests.support.rendered_template import Json, Template, render
from tests.support.template_resources import CDN, get_property, render_resources


@pytest.fixture(scope="module")
def cdn() -> Template:
    """The resources of a stack with CloudFront."""
    return render_resources(**CDN)


def find_item(items: list[Json], key: str, value: str) -> Json:
    (item,) = [item for item in items if item[key] == value]
    return item


def test_only_a_stack_with_cloudfront_has_the_bucket_of_assets(cdn: Template, resources: Template) -> None:
    assert {name for name in cdn.keys() - resources.keys() if name.startswith("Assets")} == {
        "Assets",
        "AssetsAccess",
        "AssetsHeaders",
        "AssetsPolicy",
    }
    assert render(**CDN)["Outputs"]["Assets"]["Value"] == {"Ref": "Assets"}
    assert "Assets" not in render()["Outputs"]


def test_bucket_of_assets_is_private_and_encrypted(cdn: Template) -> None:
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

    assert get_property(cdn, "Assets.PublicAccessBlockConfiguration") == dict.fromkeys(names, True)
    assert get_property(cdn, "Assets.OwnershipControls.Rules") == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    for name in ("BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls"):
        assert get_property(cdn, f"Assets.{name}") == get_property(cdn, f"Bucket.{name}")


def test_bucket_of_assets_has_no_chosen_name_and_never_loses_a_file(cdn: Template) -> None:
    """A chosen name could be taken. A file is deleted with the stack only, because open pages load older ones."""
    assert "BucketName" not in get_property(cdn, "Assets")
    assert "LifecycleConfiguration" not in get_property(cdn, "Assets")
    assert "DeletionPolicy" not in cdn["Assets"]


def test_only_the_distribution_reads_assets_and_only_over_tls(cdn: Template) -> None:
    policy = get_property(cdn, "AssetsPolicy")
    distribution = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"

    allowed, denied = policy["PolicyDocument"]["Statement"]

    assert policy["Bucket"] == {"Ref": "Assets"}
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "s3:GetObject")
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Resource"] == {"Fn::Sub": "${Assets.Arn}/assets/*"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": {"Fn::Sub": distribution}}}
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
    assert denied["Resource"] == [{"Fn::GetAtt": ["Assets", "Arn"]}, {"Fn::Sub": "${Assets.Arn}/*"}]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def test_cloudfront_signs_its_requests_to_the_bucket(cdn: Template) -> None:
    origin = find_item(get_property(cdn, "Distribution.DistributionConfig.Origins"), "Id", "bucket")
    access = get_property(cdn, "AssetsAccess.OriginAccessControlConfig")

    assert origin == {
        "Id": "bucket",
        "DomainName": {"Fn::GetAtt": ["Assets", "RegionalDomainName"]},
        "OriginAccessControlId": {"Fn::GetAtt": ["AssetsAccess", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    assert (access["OriginAccessControlOriginType"], access["SigningBehavior"]) == ("s3", "always")
    assert access["SigningProtocol"] == "sigv4"


@pytest.mark.parametrize(
    "path", ["AssetsAccess.OriginAccessControlConfig", "AssetsHeaders.ResponseHeadersPolicyConfig"]
)
def test_name_is_unique_among_the_stacks_of_all_regions(cdn: Template, path: str) -> None:
    assert get_property(cdn, path)["Name"] == {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}


def test_assets_come_from_the_bucket_and_those_that_it_lacks_from_the_api(cdn: Template) -> None:
    config = get_property(cdn, "Distribution.DistributionConfig")
    behaviour = find_item(config["CacheBehaviors"], "PathPattern", "/assets/*")
    group = find_item(config["OriginGroups"]["Items"], "Id", behaviour["TargetOriginId"])
    statuses = group["FailoverCriteria"]["StatusCodes"]

    assert [member["OriginId"] for member in group["Members"]["Items"]] == ["bucket", "api"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "api"
    assert set(statuses["Items"]) >= {403, 404}  # S3 returns 403 for a missing file
    assert statuses["Quantity"] == len(statuses["Items"])
    assert group["Members"]["Quantity"] == 2
    assert config["OriginGroups"]["Quantity"] == len(config["OriginGroups"]["Items"])
    assert "AllowedMethods" not in behaviour  # by default, GET and HEAD, for which CloudFront uses the second origin


def test_cloudfront_compresses_assets(cdn: Template) -> None:
    (behaviour,) = get_property(cdn, "Distribution.DistributionConfig.CacheBehaviors")

    assert behaviour["Compress"] is True


def test_assets_have_the_security_headers_of_the_api(cdn: Template) -> None:
    (behaviour,) = get_property(cdn, "Distribution.DistributionConfig.CacheBehaviors")
    policy = get_property(cdn, "AssetsHeaders.ResponseHeadersPolicyConfig")
    security, others = policy["SecurityHeadersConfig"], policy["CustomHeadersConfig"]["Items"]
    hsts = security["StrictTransportSecurity"]

    headers = {item["Header"]: item["Value"] for item in others} | {
        "Cache-Control": HEADERS["Cache-Control"],  # the files in the bucket have their own
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in security else "",
    }

    assert behaviour["ResponseHeadersPolicyId"] == {"Ref": "AssetsHeaders"}
    assert headers == HEADERS
    assert hsts["IncludeSubdomains"] is True
    assert f"max-age={hsts['AccessControlMaxAgeSec']}; includeSubDomains" == HSTS
    assert {part["Override"] for part in (*security.values(), *others)} == {False}  # errors of the API keep theirs
