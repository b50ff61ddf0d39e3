"""Finds the emulator of each AWS service, and explains failures of emulators.

AWS's SDKs read the same variables: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import EndpointConnectionError
from botocore.parsers import ResponseParserError

from app.adapters.aws.failures import find_unsupported_operation
from app.wiring import STORE_FAILURES
from infra.local.program import LocalCloudError

VARIABLE: Final = "AWS_ENDPOINT_URL"
DYNAMODB: Final = "DYNAMODB"
COGNITO: Final = "COGNITO_IDENTITY_PROVIDER"
SNS: Final = "SNS"


class EmulatorFailed(LocalCloudError):
    """An emulator cannot be used."""


def list_service_endpoints(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that name the emulator of a single service."""
    return {name: url for name, url in variables.items() if name.startswith(f"{VARIABLE}_") and url}


def find_endpoint(service: str, variables: Mapping[str, str]) -> str:
    """Return the URL of the emulator of a service, such as `DYNAMODB`."""
    return list_service_endpoints(variables).get(f"{VARIABLE}_{service}", variables[VARIABLE])


@contextmanager
def explain_failures(endpoint_url: str) -> Iterator[None]:
    """Convert failures of calls to an emulator to one sentence.

    Raises:
        EmulatorFailed: no emulator responds, it lacks an operation, or it does not respond as AWS does.
    """
    try:
        yield
    except EndpointConnectionError as error:
        url = str(error.kwargs["endpoint_url"]).rstrip("/")
        raise EmulatorFailed(f"No emulator responds at {url}. Start it, or correct {VARIABLE}.") from error
    except (*STORE_FAILURES, ResponseParserError) as error:
        if operation := find_unsupported_operation(error):
            raise EmulatorFailed(f"The emulator at {endpoint_url} lacks the operation {operation}.") from error
        reason = "" if isinstance(error, ResponseParserError) else f": {error}".rstrip(".")
        raise EmulatorFailed(f"The server at {endpoint_url} does not respond as AWS does{reason}.") from error
    except ValueError as error:
        if not str(error).startswith("Invalid endpoint"):
            raise
        raise EmulatorFailed(f"{error} is not a URL. Correct {VARIABLE}, for example http://127.0.0.1:4566.") from error
