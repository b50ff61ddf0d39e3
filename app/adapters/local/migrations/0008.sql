-- Lists in the order of capture times, and the numbers of images by month.
-- `sorted_at` is a wall clock such as 2019-07-28T01:03:00: the capture time of ready images, `trashed_at` of trashed
-- images, and otherwise the upload time (UTC), which the first ten characters of the id contain. A prefix `!` marks
-- an implausible time. The month of such a time is empty.
ALTER TABLE image ADD COLUMN sorted_at TEXT NOT NULL DEFAULT '';

-- In announcements, `sorted_at` is that of a ready image, also while it is in the trash. `?` at the end means undated.
ALTER TABLE announcement ADD COLUMN before_taken TEXT; -- null if before is null

ALTER TABLE announcement ADD COLUMN after_taken TEXT; -- null if after is null

UPDATE image SET taken_at = '!' || taken_at
WHERE taken_at GLOB '????-??-??*'
    AND (taken_at < '1826' OR substr(taken_at, 1, 10) > date('now', '+14 hours', '+1 day'));

UPDATE image SET sorted_at = coalesce(
    CASE
        WHEN state NOT IN ('ready', 'trashed') THEN NULL
        WHEN taken_at GLOB '!????-??-??T*' THEN substr(taken_at, 1, 20)
        WHEN taken_at GLOB '!????-??-??*' THEN substr(taken_at, 1, 11) || 'T00:00:00'
        WHEN taken_at GLOB '????-??-??T*' THEN substr(taken_at, 1, 19)
        WHEN taken_at GLOB '????-??-??*' THEN substr(taken_at, 1, 10) || 'T00:00:00'
    END,
    (
        WITH RECURSIVE time (place, milliseconds) AS (
            VALUES (1, 0) UNION ALL
            SELECT
                place + 1,
                milliseconds * 32 + instr('0123456789abcdefghjkmnpqrstvwxyz', substr(image.id, place, 1)) - 1 -- pragma: allowlist secret - the digits of ULIDs
            FROM time WHERE place <= 10
        )
        SELECT strftime('%Y-%m-%dT%H:%M:%S', milliseconds / 1000, 'unixepoch') FROM time WHERE place = 11
    ),
    '9999-12-31T23:59:59' -- a damaged id
);

UPDATE announcement SET (before_taken, after_taken) = (
    SELECT
        iif(announcement.before IS NULL, NULL, sorted_at || iif(taken_at IS NULL, '?', '')),
        iif(announcement.after IS NULL, NULL, sorted_at || iif(taken_at IS NULL, '?', ''))
    FROM image WHERE image.owner = announcement.owner AND image.id = substr(announcement.id, 1, 26)
);

UPDATE image SET sorted_at = substr(trashed_at, 1, 19) WHERE state = 'trashed' AND trashed_at IS NOT NULL;

CREATE INDEX image_order ON image (owner, state, sorted_at, id);

DROP INDEX image_untagged;

CREATE INDEX image_untagged ON image (owner, sorted_at, id) WHERE state = 'ready' AND tags = '{}';

CREATE INDEX image_undated ON image (owner, sorted_at, id) WHERE state = 'ready' AND taken_at IS NULL;

-- An image has at most 22 tags now, not 24.
UPDATE image SET tags = (
    SELECT json_group_object(key, value) FROM (SELECT key, value FROM json_each(image.tags) LIMIT 22)
) WHERE CASE WHEN json_valid(tags) THEN (SELECT count(*) FROM json_each(tags)) END > 22;

DELETE FROM image_tag
WHERE (owner, id) IN (
    SELECT owner, id FROM image WHERE CASE WHEN json_valid(tags) THEN (SELECT count(*) FROM json_each(tags)) END = 22
) AND tag NOT IN (
    SELECT key FROM image JOIN json_each(image.tags)
    WHERE image.owner = image_tag.owner AND image.id = image_tag.id
);

-- The tag index. It contains the tags of ready images only.
CREATE TABLE image_tag_by_time (
    owner TEXT NOT NULL,
    tag TEXT NOT NULL,
    sorted_at TEXT NOT NULL,
    id TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    month TEXT NOT NULL GENERATED ALWAYS AS (iif(sorted_at < '0', '', substr(sorted_at, 1, 7))) VIRTUAL,
    PRIMARY KEY (owner, tag, sorted_at, id),
    FOREIGN KEY (owner, id) REFERENCES image (owner, id)
) STRICT, WITHOUT ROWID;

INSERT INTO image_tag_by_time (owner, tag, sorted_at, id, count)
SELECT image_tag.owner, tag, sorted_at, id, count FROM image_tag JOIN image USING (owner, id)
ORDER BY image_tag.owner, tag, sorted_at, id;

DROP TABLE image_tag;

ALTER TABLE image_tag_by_time RENAME TO image_tag;

CREATE INDEX image_tag_image ON image_tag (owner, id, tag, count);

-- The numbers of ready images by month, and those with a tag. Only the triggers below write them.
CREATE TABLE month_total (
    owner TEXT NOT NULL,
    month TEXT NOT NULL,
    images INTEGER NOT NULL CHECK (images >= 0),
    PRIMARY KEY (owner, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag_month_total (
    owner TEXT NOT NULL,
    tag TEXT NOT NULL,
    month TEXT NOT NULL,
    images INTEGER NOT NULL CHECK (images >= 0),
    PRIMARY KEY (owner, tag, month)
) STRICT, WITHOUT ROWID;

ALTER TABLE image ADD COLUMN month TEXT NOT NULL
    GENERATED ALWAYS AS (iif(sorted_at < '0', '', substr(sorted_at, 1, 7))) VIRTUAL;

INSERT INTO month_total (owner, month, images)
SELECT owner, month, count(*) FROM image WHERE state = 'ready' GROUP BY owner, month;

INSERT INTO tag_month_total (owner, tag, month, images)
SELECT owner, tag, month, count(*) FROM image_tag GROUP BY owner, tag, month;

CREATE TRIGGER image_inserted_in_month AFTER INSERT ON image WHEN new.state = 'ready'
BEGIN
    INSERT INTO month_total (owner, month, images) VALUES (new.owner, new.month, 1)
    ON CONFLICT (owner, month) DO UPDATE SET images = images + 1;
END;

CREATE TRIGGER image_added_to_month AFTER UPDATE OF state, sorted_at ON image
WHEN new.state = 'ready' AND (old.state <> 'ready' OR old.month <> new.month)
BEGIN
    INSERT INTO month_total (owner, month, images) VALUES (new.owner, new.month, 1)
    ON CONFLICT (owner, month) DO UPDATE SET images = images + 1;
END;

CREATE TRIGGER image_removed_from_month AFTER UPDATE OF state, sorted_at ON image
WHEN old.state = 'ready' AND (new.state <> 'ready' OR old.month <> new.month)
BEGIN
    UPDATE month_total SET images = images - 1 WHERE owner = old.owner AND month = old.month;
    DELETE FROM month_total WHERE owner = old.owner AND month = old.month AND images = 0;
END;

CREATE TRIGGER image_deleted_from_month AFTER DELETE ON image WHEN old.state = 'ready'
BEGIN
    UPDATE month_total SET images = images - 1 WHERE owner = old.owner AND month = old.month;
    DELETE FROM month_total WHERE owner = old.owner AND month = old.month AND images = 0;
END;

CREATE TRIGGER image_tag_inserted AFTER INSERT ON image_tag
BEGIN
    INSERT INTO tag_total (owner, tag, images, objects) VALUES (new.owner, new.tag, 1, new.count)
    ON CONFLICT (owner, tag) DO UPDATE SET images = images + 1, objects = objects + excluded.objects;
    INSERT INTO tag_month_total (owner, tag, month, images) VALUES (new.owner, new.tag, new.month, 1)
    ON CONFLICT (owner, tag, month) DO UPDATE SET images = images + 1;
END;

CREATE TRIGGER image_tag_updated AFTER UPDATE OF count ON image_tag
BEGIN
    UPDATE tag_total SET objects = objects + new.count - old.count WHERE owner = new.owner AND tag = new.tag;
END;

CREATE TRIGGER image_tag_deleted AFTER DELETE ON image_tag
BEGIN
    UPDATE tag_total SET images = images - 1, objects = objects - old.count WHERE owner = old.owner AND tag = old.tag;
    DELETE FROM tag_total WHERE owner = old.owner AND tag = old.tag AND images = 0;
    UPDATE tag_month_total SET images = images - 1
    WHERE owner = old.owner AND tag = old.tag AND month = old.month;
    DELETE FROM tag_month_total WHERE owner = old.owner AND tag = old.tag AND month = old.month AND images = 0;
END;

-- `after:` and `before:` now mean the capture time, so the worker counts all matches again.
UPDATE profile SET revision = revision + 1, alerts = json_set(alerts, '$.counts', json('{}')), alerts_at = 0
WHERE json_valid(alerts) AND EXISTS (SELECT 1 FROM subscription WHERE subscription.owner = profile.owner);
