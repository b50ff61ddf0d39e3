-- Albums, and the ids of the albums of each image. No two albums of an owner have equal titles.
CREATE TABLE album (
    owner TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL, -- the normal form of the title
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX album_title ON album (owner, title_key);

ALTER TABLE image ADD COLUMN albums TEXT NOT NULL DEFAULT '[]';
