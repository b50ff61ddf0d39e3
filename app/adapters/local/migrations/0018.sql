-- The cover that a person chose for an album, and the order of its images. Each change of an album has a version.
ALTER TABLE album ADD COLUMN cover TEXT NOT NULL DEFAULT '';
ALTER TABLE album ADD COLUMN ordered_by TEXT NOT NULL DEFAULT 'taken';
ALTER TABLE album ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- The ids of the images that a person placed in an album, in their order, with 16 bytes for each.
CREATE TABLE album_order (
    owner TEXT NOT NULL,
    album TEXT NOT NULL,
    images BLOB NOT NULL,
    PRIMARY KEY (owner, album)
) STRICT;
