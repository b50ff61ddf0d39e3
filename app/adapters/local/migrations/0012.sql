-- The texts of photos that searches compare (app/domain/texts.py). This version's Python defines the function.
ALTER TABLE image ADD COLUMN texts TEXT NOT NULL DEFAULT '';

UPDATE image SET texts = read_texts(CAST(name AS BLOB), CAST(metadata AS BLOB));

CREATE INDEX image_texts ON image (owner, state, sorted_at, id, texts) WHERE state = 'ready';
