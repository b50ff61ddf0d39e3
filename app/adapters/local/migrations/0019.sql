-- API keys. Only the hash of a key's token is stored. The keys of an account end with it. An expired key stays in the list
-- until its owner deletes it.
CREATE TABLE api_key (
    owner TEXT NOT NULL REFERENCES account (owner) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL, -- JSON
    token_hash TEXT NOT NULL, -- SHA-256 in hexadecimal
    created_at TEXT NOT NULL,
    expires_at TEXT,
    last_used TEXT, -- the day of the last request (UTC)
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
