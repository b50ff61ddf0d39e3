"""Defines the interfaces of the stores: a Protocol for each store, and `Stores`, which has them all.

`app/adapters/aws` implements the interfaces with AWS services, `app/adapters/local` with SQLite and files.
"""

from app.domain.ports.accounts import Accounts, Invitations
from app.domain.ports.administration import Administration
from app.domain.ports.albums import Albums
from app.domain.ports.api_keys import ApiKeys
from app.domain.ports.images import Images
from app.domain.ports.mail import Mail, Mailbox
from app.domain.ports.objects import Objects
from app.domain.ports.operations import Operations
from app.domain.ports.outbox import Outbox, Queue
from app.domain.ports.preferences import OwnerPreferences
from app.domain.ports.quotas import Quotas
from app.domain.ports.redetections import Redetections
from app.domain.ports.shares import Shares
from app.domain.ports.similar_images import SimilarImages
from app.domain.ports.stores import Stores
from app.domain.ports.subscriptions import Subscriptions

__all__ = [
    "Accounts",
    "Administration",
    "Albums",
    "ApiKeys",
    "Images",
    "Invitations",
    "Mail",
    "Mailbox",
    "Objects",
    "Operations",
    "Outbox",
    "OwnerPreferences",
    "Queue",
    "Quotas",
    "Redetections",
    "Shares",
    "SimilarImages",
    "Stores",
    "Subscriptions",
]
