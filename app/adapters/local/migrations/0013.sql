-- The hash of the picture (detector/picture_hash.py). Empty if it is unknown, or if the picture has too little content.
ALTER TABLE image ADD COLUMN picture_hash TEXT NOT NULL DEFAULT '';

-- The group of an image and its copies: the smallest id of those that were first linked. Empty without copies.
ALTER TABLE image ADD COLUMN copy_group TEXT NOT NULL DEFAULT '';

CREATE INDEX image_picture ON image (owner, picture_hash, id, copy_group) WHERE state = 'ready' AND picture_hash > '';

CREATE INDEX image_copies ON image (owner, copy_group, id) WHERE copy_group > '';

CREATE TRIGGER image_left_copies AFTER UPDATE OF state, picture_hash ON image
WHEN old.copy_group > '' AND (new.state <> 'ready' OR old.picture_hash <> new.picture_hash)
BEGIN
    UPDATE image SET copy_group = '' WHERE owner = new.owner AND id = new.id;
END;
