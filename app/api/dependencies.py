"""What `wiring` makes, as routes ask for it; apart from it, so that the worker starts without FastAPI."""

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
from app.services.library import Catalog
from app.settings import Settings

SettingsDep = Annotated[Settings, Depends(wiring.settings)]
TableDep = Annotated[Table, Depends(wiring.table)]
BucketDep = Annotated[Bucket, Depends(wiring.bucket)]
UserPoolDep = Annotated[UserPool, Depends(wiring.userpool)]
SubscriptionsDep = Annotated[Subscriptions, Depends(wiring.subscriptions)]
OutboxDep = Annotated[Outbox, Depends(wiring.outbox)]
RedetectionsDep = Annotated[Redetections, Depends(wiring.redetections)]
QuotasDep = Annotated[Quotas, Depends(wiring.quotas)]
TopicsDep = Annotated[Topics, Depends(wiring.topics)]
CatalogDep = Annotated[Catalog, Depends(wiring.catalog)]
