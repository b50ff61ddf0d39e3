"""Defines FastAPI dependencies for the objects that `wiring` creates. The worker does not import FastAPI."""

from typing import Annotated

from fastapi import Depends

from app import wiring
from app.adapters.aws.bucket import Bucket
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.quotas import Quotas
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.adapters.aws.user_pool import UserPool
from app.services.ingest import Ingest
from app.services.library import Library
from app.settings import Settings

SettingsDep = Annotated[Settings, Depends(wiring.settings)]
TableDep = Annotated[Table, Depends(wiring.table)]
BucketDep = Annotated[Bucket, Depends(wiring.bucket)]
UserPoolDep = Annotated[UserPool, Depends(wiring.user_pool)]
SubscriptionsDep = Annotated[Subscriptions, Depends(wiring.subscriptions)]
OutboxDep = Annotated[Outbox, Depends(wiring.outbox)]
RedetectionsDep = Annotated[Redetections, Depends(wiring.redetections)]
QuotasDep = Annotated[Quotas, Depends(wiring.quotas)]
TopicsDep = Annotated[Topics, Depends(wiring.topics)]
LibraryDep = Annotated[Library, Depends(wiring.library)]
IngestDep = Annotated[Ingest, Depends(wiring.ingest)]
