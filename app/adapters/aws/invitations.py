"""Stores invitations in DynamoDB, which deletes expired ones."""

import time

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.row_keys import between, invitation_key, invitation_partition
from app.domain.ports import Invitations
from app.domain.registration import Invitation


class DynamoInvitations(DynamoTable, Invitations):
    """Adds, finds and removes invitations."""

    @override
    def add(self, invitation: Invitation) -> None:
        key = invitation_key(invitation.email, invitation.token)
        self._put(key | {"expires_at": int(invitation.expires_at.timestamp())})

    @override
    def contains(self, email: str, token: str) -> bool:
        item = self._find(invitation_key(email, token))
        return item is not None and int(item["expires_at"]) > time.time()  # DynamoDB deletes items with a delay

    @override
    def remove(self, email: str) -> None:
        for item in self._query(between(invitation_partition(email), "0", "g"), consistent=True):
            self._delete({"pk": item["pk"], "sk": item["sk"]})
