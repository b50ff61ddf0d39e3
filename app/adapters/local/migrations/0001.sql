-- The tables of an embedded PixTag. `docs/architecture.md` describes them.
-- Times are Unix times in seconds, except taken_at, trashed_at, started_at and created_at of subscriptions (ISO 8601).

-- Images and tombstones. The columns that are read rarely, and that can be large, come last.
CREATE TABLE image (
    number INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ready', 'failed', 'trashed', 'gone')),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken_at TEXT,
    reason TEXT NOT NULL,
    trashed_at TEXT,
    tags TEXT NOT NULL, -- JSON: {tag: count}
    version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    duplicate_of TEXT NOT NULL,
    model TEXT NOT NULL,
    redetection TEXT NOT NULL,
    expires_at INTEGER,
    requests TEXT NOT NULL, -- JSON
    edits TEXT NOT NULL, -- JSON
    corrections TEXT NOT NULL, -- JSON
    detections TEXT NOT NULL, -- JSON
    counted INTEGER NOT NULL GENERATED ALWAYS AS (state IN ('ready', 'trashed', 'failed')) VIRTUAL,
    UNIQUE (owner, id)
) STRICT;

CREATE INDEX image_state ON image (owner, state, id);
CREATE INDEX image_untagged ON image (owner, id) WHERE state = 'ready' AND tags = '{}';
CREATE UNIQUE INDEX image_bytes ON image (owner, sha256) WHERE state IN ('ready', 'trashed');
CREATE INDEX image_expiry ON image (expires_at) WHERE expires_at IS NOT NULL;

-- The tag index. It contains the tags of ready images only.
CREATE TABLE image_tag (
    owner TEXT NOT NULL,
    tag TEXT NOT NULL,
    id TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (owner, tag, id),
    FOREIGN KEY (owner, id) REFERENCES image (owner, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX image_tag_image ON image_tag (owner, id);

-- The sums of the tag index. Only the triggers below write them.
CREATE TABLE tag_total (
    owner TEXT NOT NULL,
    tag TEXT NOT NULL,
    images INTEGER NOT NULL CHECK (images >= 0),
    objects INTEGER NOT NULL CHECK (objects >= 0),
    PRIMARY KEY (owner, tag)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER image_tag_inserted AFTER INSERT ON image_tag
BEGIN
    INSERT INTO tag_total (owner, tag, images, objects) VALUES (new.owner, new.tag, 1, new.count)
    ON CONFLICT (owner, tag) DO UPDATE SET images = images + 1, objects = objects + excluded.objects;
END;

CREATE TRIGGER image_tag_updated AFTER UPDATE OF count ON image_tag
BEGIN
    UPDATE tag_total SET objects = objects + new.count - old.count WHERE owner = new.owner AND tag = new.tag;
END;

CREATE TRIGGER image_tag_deleted AFTER DELETE ON image_tag
BEGIN
    UPDATE tag_total SET images = images - 1, objects = objects - old.count WHERE owner = old.owner AND tag = old.tag;
    DELETE FROM tag_total WHERE owner = old.owner AND tag = old.tag AND images = 0;
END;

-- The number and bytes of the images that count toward the quota. Only the triggers below write them.
CREATE TABLE usage (
    owner TEXT NOT NULL PRIMARY KEY,
    images INTEGER NOT NULL CHECK (images >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER image_inserted AFTER INSERT ON image WHEN new.counted
BEGIN
    INSERT INTO usage (owner, images, bytes) VALUES (new.owner, 1, new.size)
    ON CONFLICT (owner) DO UPDATE SET images = images + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER image_updated AFTER UPDATE OF state, size ON image WHEN old.counted OR new.counted
BEGIN
    INSERT INTO usage (owner, images, bytes) VALUES (new.owner, 0, 0) ON CONFLICT (owner) DO NOTHING;
    UPDATE usage
    SET images = images + new.counted - old.counted,
        bytes = bytes + new.counted * new.size - old.counted * old.size
    WHERE owner = new.owner;
END;

CREATE TRIGGER image_deleted AFTER DELETE ON image WHEN old.counted
BEGIN
    UPDATE usage SET images = images - 1, bytes = bytes - old.size WHERE owner = old.owner;
END;

CREATE TABLE outbox (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    image TEXT NOT NULL,
    version INTEGER NOT NULL,
    before TEXT, -- JSON
    after TEXT NOT NULL, -- JSON
    due_at INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE subscription (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE profile (
    owner TEXT NOT NULL PRIMARY KEY,
    last_digest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE redetection (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    queued INTEGER NOT NULL,
    done INTEGER NOT NULL,
    queued_all INTEGER NOT NULL,
    queued_until TEXT,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- Requests in the latest minute in which the owner sent any.
CREATE TABLE rate (
    owner TEXT NOT NULL,
    rate TEXT NOT NULL,
    minute INTEGER NOT NULL, -- Unix time in minutes
    used INTEGER NOT NULL,
    PRIMARY KEY (owner, rate)
) STRICT, WITHOUT ROWID;

-- The metadata of files in the folder `objects`.
CREATE TABLE object (
    key TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The worker's queue. A received message is invisible until visible_at. While it is processed, it is leased.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX message_visible ON message (dead, visible_at);
CREATE INDEX message_body ON message (body);

-- E-mails that wait for delivery, or that the mailbox shows.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER -- null if the e-mail is only shown in the mailbox
) STRICT;

CREATE INDEX mail_address ON mail (address);
CREATE INDEX mail_age ON mail (sent_at);
CREATE INDEX mail_waiting ON mail (next_try_at) WHERE next_try_at IS NOT NULL;

-- The addresses of owners who have subscribed to a query.
CREATE TABLE subscriber (
    owner TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The owner of images is the `owner` of an account (the `sub` of its access tokens).
CREATE TABLE account (
    owner TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE, -- lower case
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    admin INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX account_unconfirmed ON account (created_at) WHERE confirmed_at IS NULL;

-- Recent failed sign-ins. Addresses are hashed, because they may have no account.
CREATE TABLE sign_in_failure (
    address_hash BLOB NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_failure_age ON sign_in_failure (failed_at);

-- The latest code of each purpose that was sent to an account.
CREATE TABLE code (
    owner TEXT NOT NULL REFERENCES account (owner) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('confirm', 'reset')),
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    issued INTEGER NOT NULL, -- the number of codes since first_issued_at
    first_issued_at INTEGER NOT NULL,
    PRIMARY KEY (owner, purpose)
) STRICT, WITHOUT ROWID;

-- `id` is the `origin_jti` of the session's access tokens.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES account (owner) ON DELETE CASCADE,
    signed_in_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_owner ON session (owner);
CREATE INDEX session_expiry ON session (expires_at);

-- All refresh tokens of a session. The current one has not been replaced.
CREATE TABLE refresh_token (
    hash BLOB NOT NULL PRIMARY KEY,
    session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    replaced_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_token_session ON refresh_token (session);

-- Values of this installation, such as the key that signs its access tokens.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
