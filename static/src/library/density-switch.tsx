// The control of how the grids show photos: with or without tags, smaller or larger.

import * as messages from "#messages/library";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { photoSize, setPhotoSize, showsTags, toggleTags } from "./density";
import { LARGEST, SMALLEST } from "./photo-size";
import "../styles/density.css";

export function DensitySwitch() {
  const size = photoSize.value;
  return (
    <fieldset class="density">
      <legend class="hidden-text">{messages.photosInTheList}</legend>
      <button
        type="button"
        class="density-tags"
        aria-label={messages.showTags}
        aria-pressed={showsTags.value}
        title={messages.showTags}
        onClick={toggleTags}
      >
        <Icon name="tag" size={16} />
        <span>{messages.tags}</span>
      </button>
      <ActionButton
        label={messages.smallerPhotos}
        icon="minus"
        iconSize={16}
        kind="quiet"
        size="small"
        isIconOnly
        aria-disabled={size === SMALLEST}
        onClick={() => setPhotoSize(size - 1)}
      />
      <ActionButton
        label={messages.largerPhotos}
        icon="add"
        iconSize={16}
        kind="quiet"
        size="small"
        isIconOnly
        aria-disabled={size === LARGEST}
        onClick={() => setPhotoSize(size + 1)}
      />
    </fieldset>
  );
}
