-- Shares. Only the hashes of the token in a share's link and of its password are stored. The shares of an account end with
-- it. An expired share stays in the list until its owner deletes it.
CREATE TABLE share (
    owner TEXT NOT NULL REFERENCES account (owner) ON DELETE CASCADE,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL, -- the id of the album or the saved search; empty for single photos
    image_count INTEGER NOT NULL, -- of single photos
    token_hash TEXT NOT NULL, -- SHA-256 in hexadecimal
    secret BLOB NOT NULL, -- signs the cookies and encrypts the cursors of the share
    password_hash TEXT NOT NULL, -- argon2id; empty if there is no password
    created_at TEXT NOT NULL,
    expires_at TEXT,
    originals INTEGER NOT NULL,
    views INTEGER NOT NULL DEFAULT 0,
    last_viewed TEXT, -- the day of the last view (UTC)
    images BLOB NOT NULL, -- the ids of single photos, with 16 bytes for each
    PRIMARY KEY (owner, id)
) STRICT;
