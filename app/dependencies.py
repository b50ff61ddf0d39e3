"""What `wiring` makes, as routes ask for it; apart from it, so that the worker starts without FastAPI."""

from typing import Annotated

from fastapi import Depends

from app import wiring
from app.bucket import Bucket
from app.catalog import Catalog
from app.outbox import Outbox
from app.quotas import Quotas
from app.redetections import Redetections
from app.settings import Settings
from app.subscriptions import Subscriptions
from app.table import Table
from app.topics import Topics
from app.userpool import UserPool

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
