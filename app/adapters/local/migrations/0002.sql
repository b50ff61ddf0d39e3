-- Invitations to register. Addresses and tokens are hashed.
CREATE TABLE invitation (
    address_hash TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (address_hash, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_expiry ON invitation (expires_at);
