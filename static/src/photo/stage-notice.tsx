// The notice on the stage while there is no picture: it is missing, failed or not processed yet.

import * as messages from "#messages/photo";
import { reason } from "#messages/reasons";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { showsPanel } from "./display-options";
import type { Photo } from "./photo";

export function StageNotice({ photo, onDelete }: { photo: Photo; onDelete: () => void }) {
  const image = photo.details.value;
  if (photo.isMissing.value) {
    return (
      <div class="stage-notice" role="alert">
        <Empty
          icon="photos"
          title={messages.photoNotFound}
          actions={
            <a class="button" href="/">
              {messages.goToLibrary}
            </a>
          }
        >
          {messages.photoNotFoundReason}
        </Empty>
      </div>
    );
  }
  if (photo.problem.value) {
    return (
      <div class="stage-notice">
        <Failed text={photo.problem.value} onRetry={() => void photo.load(new AbortController().signal)} />
      </div>
    );
  }
  if (image?.state === "failed") {
    return (
      <div class="stage-notice">
        <Failed
          title={messages.cantReadThisPhoto}
          text={reason(image.reason)}
          isBusy={photo.isRedetecting.value}
          onRetry={() => void photo.redetect()}
        >
          {image.original && (
            <a class="button" href={image.original} download>
              <Icon name="download" />
              <span>{messages.downloadOriginal}</span>
            </a>
          )}
          <ActionButton label={messages.deleteButton} icon="trash" onClick={onDelete} />
        </Failed>
      </div>
    );
  }
  return (
    <p class="stage-state" role="status">
      {image?.state === "pending" && (
        <>
          <span class="spinner" /> {messages.detectingObjects}
        </>
      )}
      {image?.damage && !showsPanel.value && (
        <>
          <Icon name="alert" /> {reason(image.damage)}
        </>
      )}
    </p>
  );
}
