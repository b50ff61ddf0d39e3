"""The complete app on AWS by moto, for tests of all parts together."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from app import wiring
from app.adapters.aws.accounts import CognitoAccounts
from app.adapters.aws.quotas import DynamoQuotas
from app.api import auth
from app.api.auth import KeySet
from app.domain.accounts import Account
from app.domain.quotas import Limits
from app.main import app
from detector import Detector
from tests.support.aws import make_bucket, make_table, mock_aws
from tests.support.tokens import SETTINGS, jwks
from tests.support.user_pool import EMAIL, make_user_pool


class Pool(CognitoAccounts):
    """A user pool of moto. Operations that moto lacks, or supports only for its own tokens, succeed without effect."""

    def resend_code(self, email: str) -> None: ...

    def revoke(self, refresh_token: str) -> None: ...

    def reset_password(self, email: str, code: str, password: str) -> None: ...

    def get_account(self, access_token: str) -> Account:
        return Account(EMAIL, "Ada", "Lovelace", email_verified=True)

    def delete_account(self, access_token: str) -> None: ...


@contextmanager
def wire_app(session: boto3.Session, detector: Detector) -> Iterator[None]:
    """Connect the app to moto and the detector while the context lasts. Its clients come from the session."""
    factories = [member for member in vars(wiring).values() if hasattr(member, "cache_clear")]
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        patch.setattr(wiring, "detector", lambda: detector)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        for name, value in SETTINGS.model_dump().items():
            patch.setenv(f"PIXTAG_{name.upper()}", value)
        for factory in factories:
            factory.cache_clear()
        make_table(session.client("dynamodb"))
        make_bucket(session.client("s3"))
        user_pool, keys = make_user_pool(session.client("cognito-idp"), Pool), KeySet(jwks)
        app.dependency_overrides |= {wiring.accounts: lambda: user_pool, auth.key_set: lambda: keys}
        try:
            yield
        finally:
            app.dependency_overrides.clear()
            for factory in factories:
                factory.cache_clear()


def lift_rate_limits(session: boto3.Session) -> None:
    """Let each owner of the wired app make a million requests of each kind per minute."""
    limits = Limits(uploads_per_minute=10**6, edits_per_minute=10**6, detections_per_minute=10**6)
    quotas = DynamoQuotas(session.client("dynamodb"), SETTINGS.table, limits)
    app.dependency_overrides[wiring.quotas] = lambda: quotas
