// Change the capture time of a photo, or return to the date that its file has.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/photo";
import { describeTimeSource, formatCaptureTime } from "../capture-time";
import { DateFields } from "../library/date-fields";
import { type DateInput, dateProblem, inputOf, takenAtOf } from "../library/date-input";
import type { ImageDetails } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import type { Photo } from "./photo";
import "../styles/dates.css";

interface DateDialogProps {
  readonly photo: Photo;
  readonly image: ImageDetails;
  readonly onClose: () => void;
}

export default function DateDialog({ photo, image, onClose }: DateDialogProps) {
  const { taken_at: takenAt, taken_source: source } = image;
  const input = useSignal<DateInput>(initialInput(image));
  const isReady = input.value.date !== "" && !dateProblem(input.value);
  const save = (at: string | null) => {
    void photo.setDate(at);
    onClose();
  };
  return (
    <ConfirmDialog
      title={messages.changeDate}
      action={messages.saveDate}
      isReady={isReady}
      problem=""
      onConfirm={() => save(takenAtOf(input.value))}
      onClose={onClose}
    >
      <DateFields
        value={input.value}
        onValue={(value) => {
          input.value = value;
        }}
      />
      {takenAt && source && source !== "upload" && (
        <p class="date-source">{messages.now(formatCaptureTime(takenAt, source), describeTimeSource(source))}</p>
      )}
      {source === "person" && <ActionButton label={messages.useFileDate} icon="restore" onClick={() => save(null)} />}
    </ConfirmDialog>
  );
}

/** A time in UTC isn't the clock of the place, so its offset isn't kept. */
function initialInput({ taken_at: takenAt, taken_source: source }: ImageDetails): DateInput {
  if (takenAt === null || source === "upload") {
    return { date: "", time: "", offset: "" };
  }
  const input = inputOf(takenAt);
  return source === "gps" ? { ...input, offset: "" } : input;
}
