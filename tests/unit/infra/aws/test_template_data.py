import json

import pytest
from samtranslator.yaml_helper import yaml_parse

from app.adapters.aws.items import SUMMARY_ATTRIBUTES
from app.adapters.aws.row_keys import LISTED_INDEX, STATE_INDEX
from app.adapters.local.copies import KEPT_SECONDS, MIN_KEPT
from app.adapters.local.mail import KEPT_SECONDS as MAIL_SECONDS
from app.domain.ids import Rendition
from app.domain.images import TOMBSTONE_LIFE
from app.domain.outbox import TRASH_LIFE
from app.domain.shares import COPY_DAYS
from infra.local.emulator import TEMPLATE
from tests.support.rendered_template import Template
from tests.support.template_resources import get_property, render_resources

DAY_SECONDS = 24 * 60 * 60
# CloudFormation cannot change these properties in place. It creates a new, empty resource and keeps the old one.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
# and the pages of the other resources
REPLACING_PROPERTIES = {
    "BucketName",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ImportSourceSpecification",
    "TableName",
    "AliasAttributes",
    "UsernameAttributes",
    "UsernameConfiguration",
    "Schema",
}


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("Bucket", "RetainExceptOnCreate"),
        ("BucketPolicy", "RetainExceptOnCreate"),
        ("Table", "Retain"),
        ("UserPool", "Retain"),
    ],
)
def test_resource_with_data_is_retained(resources: Template, name: str, policy: str) -> None:
    assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, "Retain")


def test_bucket_is_encrypted(resources: Template) -> None:
    rules = get_property(resources, "Bucket.BucketEncryption.ServerSideEncryptionConfiguration")

    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


def test_uploads_expire_after_their_messages(resources: Template) -> None:
    uploads, *_ = get_property(resources, "Bucket.LifecycleConfiguration.Rules")
    message_seconds = get_property(resources, "DeadLetters.MessageRetentionPeriod")

    assert (uploads["Prefix"], uploads["Status"]) == ("incoming/", "Enabled")
    assert uploads["ExpirationInDays"] * DAY_SECONDS > message_seconds


def test_old_versions_and_incomplete_uploads_expire(resources: Template) -> None:
    *_, all_objects = get_property(resources, "Bucket.LifecycleConfiguration.Rules")

    assert all_objects == {
        "Id": "old-versions-expire",
        "Status": "Enabled",
        "Prefix": "",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "ExpiredObjectDeleteMarker": True,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }


def test_copies_of_shared_originals_expire_as_on_one_machine(resources: Template) -> None:
    _, copies, _ = get_property(resources, "Bucket.LifecycleConfiguration.Rules")

    assert copies["Prefix"] == f"{Rendition.SHARED_ORIGINAL}/"
    assert (copies["Status"], copies["ExpirationInDays"]) == ("Enabled", COPY_DAYS)
    assert copies["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_security_page_names_the_days_for_which_deleted_data_is_kept(resources: Template) -> None:
    page = (TEMPLATE.parents[2] / "SECURITY.md").read_text()
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in page.splitlines() if row.startswith("| ")}
    uploads, _, versions = get_property(resources, "Bucket.LifecycleConfiguration.Rules")
    log_days = yaml_parse(TEMPLATE.read_text())["Parameters"]["LogDays"]["Default"]

    version_days = [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in (versions, uploads)]
    assert "| {} days; uploads {} day |".format(*version_days) in rows["old versions of objects in S3"]
    assert f"| {log_days} days (`LogDays`) |" in rows["log lines"]
    assert rows["tombstone of a purged photo"].count(f"| {TOMBSTONE_LIFE.days} days") == 2
    assert f"| {TRASH_LIFE.days} days; one day |" in rows["outbox row of a purge, count of uploaded bytes"]
    assert f"| {MAIL_SECONDS // DAY_SECONDS} days. Deleted with the account |" in rows["e-mails in the mailbox"]
    assert (KEPT_SECONDS // DAY_SECONDS, MIN_KEPT) == (7, 7)
    assert "seven days, or until there are seven newer copies" in rows["backups of the table, copies of the database"]


def test_bucket_notifies_the_queue_only_of_uploads(resources: Template) -> None:
    (notification,) = get_property(resources, "Bucket.NotificationConfiguration.QueueConfigurations")

    assert notification == {
        "Event": "s3:ObjectCreated:*",
        "Queue": {"Fn::GetAtt": ["Uploads", "Arn"]},
        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "incoming/"}]}},
    }


def test_table_has_its_keys_and_its_indexes(resources: Template) -> None:
    types = {
        item["AttributeName"]: item["AttributeType"] for item in get_property(resources, "Table.AttributeDefinitions")
    }
    indexes = {index["IndexName"]: index for index in get_property(resources, "Table.GlobalSecondaryIndexes")}

    assert types == {
        "pk": "S",
        "sk": "S",
        "due_shard": "S",
        "due_at": "N",
        "state_view": "S",
        "state_key": "S",
        "listed": "S",
    }
    assert [key["AttributeName"] for key in get_property(resources, "Table.KeySchema")] == ["pk", "sk"]
    assert {name: [key["AttributeName"] for key in index["KeySchema"]] for name, index in indexes.items()} == {
        "due": ["due_shard", "due_at"],
        "state": ["state_view", "state_key"],
        "listed": ["pk", "listed"],
    }


@pytest.mark.parametrize(("name", "others"), [(STATE_INDEX, set[str]()), (LISTED_INDEX, {"images", "objects"})])
def test_index_of_images_contains_their_summaries(resources: Template, name: str, others: set[str]) -> None:
    indexes = get_property(resources, "Table.GlobalSecondaryIndexes")
    (index,) = (index for index in indexes if index["IndexName"] == name)

    assert set(index["Projection"]["NonKeyAttributes"]) == set(SUMMARY_ATTRIBUTES) | others


def test_passwords_have_at_least_12_characters(resources: Template) -> None:
    assert get_property(resources, "UserPool.Policies.PasswordPolicy.MinimumLength") >= 12


def test_access_tokens_live_an_hour_and_refresh_tokens_a_month(resources: Template) -> None:
    client = get_property(resources, "Client.TokenValidityUnits")

    assert client == {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}
    assert get_property(resources, "Client.AccessTokenValidity") == 60
    assert get_property(resources, "Client.RefreshTokenValidity") == 30


def test_message_is_invisible_for_six_times_the_timeout_of_the_worker(resources: Template) -> None:
    timeout = get_property(resources, "WorkerFunction.Timeout")

    assert get_property(resources, "Uploads.VisibilityTimeout") >= 6 * timeout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bucket", {"BucketName": {"Fn::Sub": "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"}}),
        (
            "Table",
            {
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ]
            },
        ),
        (
            "UserPool",
            {
                "UsernameAttributes": ["email"],
                "UsernameConfiguration": {"CaseSensitive": False},
                "Schema": [
                    {"Name": name, "AttributeDataType": "String", "Required": True, "Mutable": True}
                    for name in ("email", "given_name", "family_name")
                ],
            },
        ),
    ],
)
def test_properties_that_replace_a_resource_with_data_are_unchanged(
    resources: Template, name: str, expected: Template
) -> None:
    names = REPLACING_PROPERTIES & get_property(resources, name).keys()

    assert {key: get_property(resources, name)[key] for key in names} == expected


def test_stack_policy_denies_replacing_resources_with_data(resources: Template) -> None:
    allowed, denied = json.loads(TEMPLATE.with_name("stack-policy.json").read_text())["Statement"]
    with_data = {f"LogicalResourceId/{name}" for name, resource in resources.items() if "DeletionPolicy" in resource}

    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "Update:*", "*")
    assert (denied["Effect"], set(denied["Action"])) == ("Deny", {"Update:Replace", "Update:Delete"})
    assert set(denied["Resource"]) == with_data


def test_code_email_says_what_the_code_is_for(resources: Template) -> None:
    message = get_property(resources, "UserPool.VerificationMessageTemplate")

    assert message["DefaultEmailOption"] == "CONFIRM_WITH_CODE"
    assert message["EmailMessage"].count("{####}") == 1
    phrases = ["confirm your address", "new password", "did not request"]
    assert [phrase for phrase in phrases if phrase in message["EmailMessage"]] == phrases


@pytest.mark.parametrize(
    ("arn", "sender"),
    [
        ("", {"EmailSendingAccount": "COGNITO_DEFAULT"}),
        ("arn:identity", {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:identity"}),
    ],
)
def test_codes_are_sent_by_cognito_or_from_an_identity(arn: str, sender: dict[str, str]) -> None:
    assert get_property(render_resources(MailIdentityArn=arn), "UserPool.EmailConfiguration") == sender
