-- Changes of many images that can be undone together. The times are Unix times in seconds.
CREATE TABLE operation (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    continued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_expiry ON operation (expires_at);

-- What an operation replaced in an image.
CREATE TABLE undo (
    owner TEXT NOT NULL,
    operation TEXT NOT NULL,
    image TEXT NOT NULL,
    version INTEGER NOT NULL, -- of the image after the operation
    first INTEGER NOT NULL, -- the version before it
    replaced TEXT NOT NULL CHECK (json_valid(replaced)), -- JSON: the values before
    expires_at INTEGER NOT NULL,
    undone INTEGER NOT NULL CHECK (undone IN (0, 1)),
    PRIMARY KEY (owner, operation, image)
) STRICT;

CREATE INDEX undo_expiry ON undo (expires_at);

-- The version that the last change of an image, an undo, has restored
ALTER TABLE image ADD COLUMN undone_to INTEGER NOT NULL DEFAULT 0;
