-- Announcements: one row for each image, the worker's lease of an owner's outbox, and the numbers of matches.

-- What has changed about an image since the worker last compared it with the owner's subscriptions.
CREATE TABLE announcement (
    owner TEXT NOT NULL,
    id TEXT NOT NULL, -- the id of the image
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    before TEXT, -- JSON; null if the image was neither ready nor trashed
    was_ready INTEGER NOT NULL,
    after TEXT, -- JSON; null if the image is neither ready nor trashed
    is_ready INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- Earlier versions wrote a row for each change. The oldest one has the tags before all changes.
INSERT INTO announcement (owner, id, version, created_at, before, was_ready, after, is_ready)
SELECT
    change.owner, change.image, image.version, min(change.due_at), change.before, change.before IS NOT NULL,
    CASE WHEN image.state IN ('ready', 'trashed') THEN image.tags END, image.state = 'ready'
FROM outbox AS change JOIN image ON image.owner = change.owner AND image.id = change.image
WHERE change.kind = 'announce'
    AND change.version = (
        SELECT min(version) FROM outbox AS first
        WHERE first.owner = change.owner AND first.image = change.image AND first.kind = 'announce'
    )
GROUP BY change.owner, change.image;

DELETE FROM outbox WHERE kind = 'announce';

ALTER TABLE outbox DROP COLUMN before;

ALTER TABLE outbox DROP COLUMN after;

DROP INDEX outbox_due;

CREATE INDEX outbox_due ON outbox (owner, due_at);

-- The right of one worker to process an owner's outbox, until a time.
CREATE TABLE outbox_lease (
    owner TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE profile ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- the number of changes of `alerts`

ALTER TABLE profile ADD COLUMN alerts TEXT; -- JSON: the numbers of matches, and the images of the next digest

ALTER TABLE profile ADD COLUMN alerts_at INTEGER; -- when the worker must count matches or send a digest; null if never

CREATE INDEX profile_alerts ON profile (alerts_at) WHERE alerts_at IS NOT NULL;

-- The worker counts the matches of existing subscriptions.
INSERT INTO profile (owner, last_digest, alerts_at)
SELECT DISTINCT owner, 0, 0 FROM subscription WHERE TRUE
ON CONFLICT (owner) DO UPDATE SET alerts_at = 0;

-- Invitations to register. Addresses and tokens are hashed.
CREATE TABLE invitation (
    address_hash TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (address_hash, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_expiry ON invitation (expires_at);
