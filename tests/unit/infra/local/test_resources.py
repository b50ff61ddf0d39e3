import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE, session
from infra.local.resources import create_elsewhere, replace_resources
from tests.support.aws import mock_aws

AWS = "https://{}.us-east-1.amazonaws.com"  # moto answers these requests in process


@pytest.fixture
def account(aws: None) -> boto3.Session:
    return session()


def test_create_elsewhere_creates_the_table_and_the_user_pool(account: boto3.Session) -> None:
    endpoints = {
        "AWS_ENDPOINT_URL_DYNAMODB": AWS.format("dynamodb"),
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": AWS.format("cognito-idp"),
    }

    ids = create_elsewhere(account, yaml_parse(TEMPLATE.read_text()), "pixtag", endpoints)

    table = account.client("dynamodb").describe_table(TableName=ids["Table"])["Table"]
    client = account.client("cognito-idp").describe_user_pool_client(
        UserPoolId=ids["UserPool"], ClientId=ids["Client"]
    )["UserPoolClient"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["due", "state", "listed"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_create_elsewhere_without_other_emulators_creates_nothing(account: boto3.Session) -> None:
    with mock_aws():
        ids = create_elsewhere(account, yaml_parse(TEMPLATE.read_text()), "pixtag", {})

        assert ids == {}
        assert account.client("dynamodb").list_tables()["TableNames"] == []


def test_replaced_resources_become_parameters() -> None:
    template = yaml_parse(TEMPLATE.read_text())

    replaced = replace_resources(template, {"Table": "photos"})

    assert replaced["Parameters"]["Table"] == {"Type": "String", "Default": "photos"}
    assert replaced["Parameters"].keys() == template["Parameters"].keys() | {"Table"}
    assert {"Bucket", "UserPool", "Uploads"} <= replaced["Resources"].keys()
    assert replaced["Resources"].keys().isdisjoint({"Table", "Worker", "Api"})
    assert "Table" in replaced["Outputs"]
    assert "ApiUrl" not in replaced["Outputs"]
