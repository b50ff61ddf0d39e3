-- The hash of the picture (detector/picture_hash.py). Empty if it is unknown, or if the picture has too little content.
ALTER TABLE image ADD COLUMN picture_hash TEXT NOT NULL DEFAULT '';

-- The id of the group of a ready image and its copies. Empty without copies.
ALTER TABLE image ADD COLUMN similar_group TEXT NOT NULL DEFAULT '';

CREATE INDEX image_picture ON image (owner, picture_hash, id, similar_group) WHERE state = 'ready' AND picture_hash > '';

CREATE INDEX image_similar ON image (owner, similar_group, id) WHERE similar_group > '';

CREATE TRIGGER image_left_similar AFTER UPDATE OF state, picture_hash ON image
WHEN old.similar_group > '' AND (new.state <> 'ready' OR old.picture_hash <> new.picture_hash)
BEGIN
    UPDATE image SET similar_group = '' WHERE owner = new.owner AND id = new.id;
END;
