"""Connects the stores of a deployment on AWS. Clients are slow to create, so each is created on first use."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from typing_extensions import override

from app import __version__
from app.adapters.aws.accounts import CognitoAccounts
from app.adapters.aws.albums import DynamoAlbums
from app.adapters.aws.api_keys import DynamoApiKeys
from app.adapters.aws.backups import AwsBackups
from app.adapters.aws.failures import convert_unreadable_responses
from app.adapters.aws.images import DynamoImages
from app.adapters.aws.invitations import DynamoInvitations
from app.adapters.aws.keys import fetch_keys
from app.adapters.aws.mail import SnsMail
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.operations import DynamoOperations
from app.adapters.aws.outbox import DynamoOutbox
from app.adapters.aws.preferences import DynamoPreferences
from app.adapters.aws.queue import SqsQueue
from app.adapters.aws.quotas import DynamoQuotas
from app.adapters.aws.redetections import DynamoRedetections
from app.adapters.aws.sessions import default_session
from app.adapters.aws.shares import DynamoShares
from app.adapters.aws.subscriptions import DynamoSubscriptions
from app.domain.accounts import TokenIssuer
from app.domain.ports import Stores
from app.domain.quotas import Limits
from app.settings import AwsSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sns.client import SNSClient

    from app.adapters.aws.row_checks import DynamoRowChecks

CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=50,
    user_agent=f"PixTag/{__version__}",  # building botocore's default value takes 10 % of each call
)
# The unit tests of the adapters check all parameters, which would take up to a quarter of each request.
DYNAMODB_CONFIG: Final = CONFIG.merge(Config(parameter_validation=False))


class LazyClient:
    """A client of boto3 that is created at its first use. Few messages need the clients of SQS and SNS."""

    def __init__(self, create: Callable[[], object]) -> None:
        self._create = create

    @cached_property
    def _client(self) -> object:
        return self._create()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - an operation of the client
        return getattr(self._client, name)


class AwsStores(Stores):
    """The stores in DynamoDB, S3, SQS, SNS and Cognito."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        """The client that all DynamoDB adapters share."""
        return default_session().client("dynamodb", config=DYNAMODB_CONFIG)

    @cached_property
    @override
    def images(self) -> DynamoImages:
        return DynamoImages(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def objects(self) -> S3Objects:
        # Links must contain the bucket's regional host. Other hosts redirect to it, and the page's content security
        # policy blocks the redirect.
        config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        client = default_session().client("s3", config=CONFIG.merge(config))
        convert_unreadable_responses(client)
        if not (credentials := default_session().get_credentials()):
            raise NoCredentialsError
        return S3Objects(client, self._settings.bucket, credentials)

    @property
    @override
    def object_server(self) -> None:
        return None  # clients send links and forms to S3

    @cached_property
    @override
    def queue(self) -> SqsQueue:
        client: Any = LazyClient(lambda: default_session().client("sqs", config=CONFIG))
        return SqsQueue(client, self._settings.queue_url)

    @cached_property
    @override
    def accounts(self) -> CognitoAccounts:
        client = default_session().client("cognito-idp", config=CONFIG)
        return CognitoAccounts(client, pool_id=self._settings.user_pool_id, client_id=self._settings.client_id)

    @cached_property
    @override
    def invitations(self) -> DynamoInvitations:
        return DynamoInvitations(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def mail(self) -> SnsMail:
        def create_client() -> "SNSClient":
            client = default_session().client("sns", config=CONFIG)
            convert_unreadable_responses(client)
            return client

        client: Any = LazyClient(create_client)
        return SnsMail(client, self._settings.topic_prefix, self._settings.mailbox_url)

    @property
    @override
    def mailbox(self) -> None:
        return None  # SNS and Cognito send e-mails

    @cached_property
    @override
    def outbox(self) -> DynamoOutbox:
        return DynamoOutbox(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def quotas(self) -> DynamoQuotas:
        limits = Limits(bytes_per_day=self._settings.upload_gb_per_day * 10**9)
        return DynamoQuotas(self._dynamodb, self._settings.table, limits)

    @cached_property
    @override
    def subscriptions(self) -> DynamoSubscriptions:
        return DynamoSubscriptions(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def redetections(self) -> DynamoRedetections:
        return DynamoRedetections(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def preferences(self) -> DynamoPreferences:
        return DynamoPreferences(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def albums(self) -> DynamoAlbums:
        return DynamoAlbums(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def api_keys(self) -> DynamoApiKeys:
        return DynamoApiKeys(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def shares(self) -> DynamoShares:
        return DynamoShares(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def operations(self) -> DynamoOperations:
        return DynamoOperations(self._dynamodb, self._settings.table)

    @cached_property
    @override
    def backups(self) -> AwsBackups:
        client = default_session().client("cognito-idp", config=CONFIG)
        return AwsBackups(self._dynamodb, self._settings.table, client, self._settings.user_pool_id)

    @cached_property
    @override
    def row_checks(self) -> "DynamoRowChecks":
        from app.adapters.aws.row_checks import DynamoRowChecks

        return DynamoRowChecks(self._dynamodb, self._settings.table, self.queue)

    @cached_property
    @override
    def token_issuer(self) -> TokenIssuer:
        settings = self._settings
        return TokenIssuer(settings.issuer, settings.client_id, lambda: fetch_keys(settings.jwks_url))
