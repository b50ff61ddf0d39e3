-- The certain counts of tags, and the list of images to review. `app/domain/images.py` derives them.
ALTER TABLE image ADD COLUMN certain TEXT NOT NULL DEFAULT '{}'; -- JSON: {tag: certain count}, without zeros

-- `doubt` and the id of a ready image that has any, such as 012#01jd8xk3v5m0z8q4n2c7r9t1wy
ALTER TABLE image ADD COLUMN review_key TEXT NOT NULL DEFAULT '';

ALTER TABLE image_tag ADD COLUMN certain INTEGER NOT NULL DEFAULT 0 CHECK (certain BETWEEN 0 AND count);

-- A detection gets the first correction of its label whose box overlaps it by at least half, and no other detection
-- more. Labels and keywords with capital letters other than A to Z are left to `pixtag doctor --repair`.
UPDATE image SET certain = (
    WITH RECURSIVE
    detection (number, label, confidence, x1, y1, x2, y2) AS (
        SELECT
            key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2][0]'),
            json_extract(value, '$[2][1]'), json_extract(value, '$[2][2]'), json_extract(value, '$[2][3]')
        FROM json_each(image.detections) WHERE type = 'array'
    ),
    correction (number, detected_label, label, x1, y1, x2, y2) AS (
        SELECT
            key, json_extract(value, '$[0]'), json_extract(value, '$[2]'), json_extract(value, '$[1][0]'),
            json_extract(value, '$[1][1]'), json_extract(value, '$[1][2]'), json_extract(value, '$[1][3]')
        FROM json_each(image.corrections) WHERE type = 'array'
    ),
    shared (correction, detection, area, both) AS (
        SELECT
            correction.number,
            detection.number,
            1.0 * max(0, min(correction.x2, detection.x2) - max(correction.x1, detection.x1))
            * max(0, min(correction.y2, detection.y2) - max(correction.y1, detection.y1)),
            (correction.x2 - correction.x1) * (correction.y2 - correction.y1)
            + (detection.x2 - detection.x1) * (detection.y2 - detection.y1)
        FROM correction JOIN detection ON detection.label = correction.detected_label
    ),
    assigned (step, corrections) AS ( -- corrections is JSON: {detection: correction}
        VALUES (0, '{}') UNION ALL
        SELECT
            step + 1,
            coalesce(
                (
                    SELECT json_set(corrections, '$."' || shared.detection || '"', step) FROM shared
                    WHERE shared.correction = step AND area > 0 AND area / (both - area) >= 0.5
                        AND json_type(corrections, '$."' || shared.detection || '"') IS NULL
                    ORDER BY area / (both - area) DESC, shared.detection LIMIT 1
                ),
                corrections
            )
        FROM assigned WHERE step < json_array_length(image.corrections)
    ),
    checked (detection, label) AS (
        SELECT CAST(chosen.key AS INTEGER), correction.label
        FROM (SELECT corrections FROM assigned ORDER BY step DESC LIMIT 1) AS last
        JOIN json_each(last.corrections) AS chosen
        JOIN correction ON correction.number = chosen.value
    ),
    visible (tag, certain) AS (
        SELECT lower(trim(label)), sum(is_certain)
        FROM (
            SELECT
                iif(checked.detection IS NULL, detection.label, checked.label) AS label,
                checked.detection IS NOT NULL OR detection.confidence >= 0.35 AS is_certain
            FROM detection LEFT JOIN checked ON checked.detection = detection.number
        )
        WHERE label IS NOT NULL GROUP BY lower(trim(label))
    ),
    keyword (tag) AS (
        SELECT DISTINCT lower(trim(value)) FROM json_each(iif(json_valid(image.metadata), image.metadata, '{}'), '$.keywords')
    ),
    edit (tag, count) AS (SELECT key, json_extract(value, '$[0]') FROM json_each(image.edits) WHERE type = 'array'),
    counted (tag, certain) AS (
        SELECT
            tag.key,
            CAST(min(tag.value, max(
                coalesce(edit.count, 0),
                coalesce(visible.certain, 0),
                keyword.tag IS NOT NULL OR (edit.tag IS NULL AND visible.tag IS NULL)
            )) AS INTEGER)
        FROM json_each(image.tags) AS tag
        LEFT JOIN edit ON edit.tag = tag.key
        LEFT JOIN visible ON visible.tag = tag.key
        LEFT JOIN keyword ON keyword.tag = tag.key
    )
    SELECT json_group_object(tag, certain) FROM counted WHERE certain > 0
)
WHERE tags <> '{}' AND CASE WHEN json_valid(tags) THEN json_type(tags) = 'object' END
    AND json_valid(detections) AND json_valid(corrections) AND json_valid(edits);

UPDATE image SET review_key = coalesce(
    (
        SELECT printf('%03d#%s', min(999, doubt), image.id)
        FROM (
            SELECT
                (SELECT sum(min(value, 999)) FROM json_each(image.tags))
                - coalesce((SELECT sum(min(value, 999)) FROM json_each(image.certain)), 0) AS doubt
        )
        WHERE doubt > 0
    ),
    ''
)
WHERE state = 'ready' AND tags <> '{}' AND CASE WHEN json_valid(tags) THEN json_type(tags) = 'object' END;

UPDATE image_tag SET certain = min(count, coalesce(
    (
        SELECT certain.value FROM image JOIN json_each(image.certain) AS certain
        WHERE image.owner = image_tag.owner AND image.id = image_tag.id AND certain.key = image_tag.tag
    ),
    0
));

DROP INDEX image_tag_image;

CREATE INDEX image_tag_image ON image_tag (owner, id, tag, count, certain);

CREATE INDEX image_review ON image (owner, review_key) WHERE review_key > '';
