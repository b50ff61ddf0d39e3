"""Creates boto3's session with a faster loader, so clients are created in half of the time."""

import gzip
import json
from contextlib import suppress
from typing import Any, Final

import boto3
import botocore.session
from botocore.loaders import JSONFileLoader, Loader
from typing_extensions import override

SERVICES: Final = ("cognito-idp", "dynamodb", "s3", "signin", "sns", "sqs", "sso", "sso-oidc", "sts")
"""The services that PixTag uses, and those from which botocore gets the credentials of profiles."""


class FileLoader(JSONFileLoader):
    """Reads botocore's descriptions of services into plain dictionaries. botocore uses the slower OrderedDict."""

    @override
    def load_file(self, file_path: str) -> Any:
        for path, open_file in ((f"{file_path}.json", open), (f"{file_path}.json.gz", gzip.open)):
            with suppress(FileNotFoundError), open_file(path, "rb") as file:
                return json.loads(file.read())
        return None


class ServiceLoader(Loader):
    """Loads botocore's descriptions of a few services. botocore looks for those of 400 services first.

    Source: https://docs.aws.amazon.com/botocore/latest/reference/loaders.html
    """

    def __init__(self) -> None:
        super().__init__(file_loader=FileLoader())

    @override
    def list_available_services(self, type_name: str) -> list[str]:
        return [*SERVICES]


def default_session() -> boto3.Session:
    """Return boto3's default session. Create it at the first call."""
    if boto3.DEFAULT_SESSION is None:
        session = botocore.session.get_session()
        session.register_component("data_loader", ServiceLoader())
        boto3.DEFAULT_SESSION = boto3.Session(botocore_session=session)
    return boto3.DEFAULT_SESSION
