-- New addresses of accounts, and what the administrator sees of them.

-- SQLite cannot change a CHECK, so the table is copied. `address` is the new address of an account whose change its owner
-- has not confirmed yet.
CREATE TABLE new_code (
    owner TEXT NOT NULL REFERENCES account (owner) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('confirm', 'reset', 'address')),
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    issued INTEGER NOT NULL, -- the number of codes since first_issued_at
    first_issued_at INTEGER NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (owner, purpose)
) STRICT, WITHOUT ROWID;

INSERT INTO new_code (owner, purpose, hash, expires_at, attempts, issued, first_issued_at)
SELECT owner, purpose, hash, expires_at, attempts, issued, first_issued_at FROM code;

DROP TABLE code;

ALTER TABLE new_code RENAME TO code;

-- The owner to whose account an e-mail belongs. It ends with the account, also if it went to another address.
ALTER TABLE mail ADD COLUMN owner TEXT NOT NULL DEFAULT '';

CREATE INDEX mail_owner ON mail (owner) WHERE owner > '';

-- The day of the last sign-in (UTC). Null if there was none.
ALTER TABLE account ADD COLUMN last_sign_in TEXT;

UPDATE account
SET last_sign_in = (SELECT date(max(signed_in_at), 'unixepoch') FROM session WHERE session.owner = account.owner);
