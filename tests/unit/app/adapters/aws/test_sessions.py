import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from app.adapters.aws.sessions import SERVICES, ServiceLoader, default_session


@pytest.fixture(autouse=True)
def _no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_descriptions_are_those_of_botocore_in_the_same_order(service: str, kind: str) -> None:
    expected: Any = Loader().load_service_model(service, kind)

    assert json.dumps(ServiceLoader().load_service_model(service, kind)) == json.dumps(expected)


def test_a_client_looks_for_no_other_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "list_available_services", None)

    assert default_session().client("dynamodb").meta.region_name == "eu-central-1"


@pytest.mark.parametrize("service", ["signin", "sso", "sso-oidc", "sts"])
def test_services_that_give_credentials_to_profiles_are_known(service: Any) -> None:
    assert default_session().client(service).meta.region_name == "eu-central-1"


def test_other_services_are_unknown() -> None:
    with pytest.raises(UnknownServiceError):
        default_session().client("ec2")


def test_there_is_one_session() -> None:
    assert default_session() is default_session() is boto3.DEFAULT_SESSION


def test_a_session_that_exists_is_used() -> None:
    boto3.setup_default_session(region_name="eu-west-1")

    assert default_session().region_name == "eu-west-1"
