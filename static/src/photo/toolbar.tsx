// The toolbar over the stage.

import * as messages from "#messages/photo";
import * as viewing from "#messages/viewing";
import { formatPercent } from "../formats";
import { Icon, type IconName } from "../ui/icon";
import { startDrawing } from "./box-draft";
import { showsBoxes, showsPanel, togglePanel } from "./display-options";
import { isFull, leaveFullView } from "./full-view";
import { MoreMenu } from "./more-menu";
import type { Photo } from "./photo";
import type { Viewport } from "./viewport";

export const ZOOM_STEP = 1.5; // of keys and buttons

interface ToolbarProps {
  readonly photo: Photo;
  readonly viewport: Viewport;
  readonly onClose: () => void;
  readonly onFavourite: () => void;
  readonly onTrash: () => void;
}

export function Toolbar({ photo, viewport, onClose, onFavourite, onTrash }: ToolbarProps) {
  const image = photo.details.value;
  const view = viewport.view.value;
  return (
    <div class="stage-bar">
      <Tool icon="close" label={messages.closePhoto} run={onClose} />
      <span class="stage-space" />
      {view && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset belongs in a form
        <div class="stage-zoom" role="group" aria-label={messages.zoom}>
          <Tool icon="minus" label={messages.zoomOut} run={() => viewport.zoom(1 / ZOOM_STEP)} />
          <button
            type="button"
            class="stage-tool percent"
            aria-label={messages.fitToScreen(formatPercent(view.scale))}
            onClick={() => viewport.reset()}
          >
            {formatPercent(view.scale)}
          </button>
          <Tool icon="add" label={messages.zoomIn} run={() => viewport.zoom(ZOOM_STEP)} />
        </div>
      )}
      {image?.state === "ready" && (
        <>
          <Tool
            icon="heart"
            label={messages.favourite}
            pressed={photo.favourite.isOn.value}
            isFilled={photo.favourite.isOn.value}
            run={onFavourite}
          />
          <Tool
            icon="boxes"
            label={messages.showBoxes}
            text={messages.boxes}
            pressed={showsBoxes.value}
            run={() => {
              showsBoxes.value = !showsBoxes.value;
            }}
          />
          <Tool icon="draw" label={messages.drawBox} isOnlyWide run={startDrawing} />
          <a class="stage-tool" href={image.links?.original ?? ""} download aria-label={messages.downloadOriginal}>
            <Icon name="download" />
          </a>
        </>
      )}
      {(image?.state === "ready" || image?.state === "pending") && (
        <Tool
          icon="trash"
          label={image.state === "ready" ? messages.moveToTrash : messages.deleteButton}
          run={onTrash}
        />
      )}
      <Tool icon="info" label={messages.showDetails} pressed={showsPanel.value && !isFull.value} run={togglePanel} />
      {isFull.value ? (
        <Tool icon="shrink" label={viewing.leaveFullScreen} run={leaveFullView} />
      ) : (
        <MoreMenu photo={photo} />
      )}
    </div>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  /** The text beside the icon. */
  readonly text?: string;
  readonly run: () => void;
  readonly pressed?: boolean;
  readonly isFilled?: boolean;
  /** Whether narrow screens have it in the menu. */
  readonly isOnlyWide?: boolean;
}

function Tool({ icon, label, text, run, pressed, isFilled = false, isOnlyWide = false }: ToolProps) {
  return (
    <button
      type="button"
      class={["stage-tool", text && "with-text", isOnlyWide && "only-wide"].filter(Boolean).join(" ")}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={run}
    >
      <Icon name={icon} isFilled={isFilled} />
      {text && <span>{text}</span>}
    </button>
  );
}
