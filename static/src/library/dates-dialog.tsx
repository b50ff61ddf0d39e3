// Set, shift or reset the dates of the selected images. A dry run shows the old and the new dates before anything changes.

import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/edits";
import { outcome } from "#messages/outcomes";
import { post } from "../api";
import { formatTakenAt } from "../capture-time";
import { formatNumber } from "../formats";
import type { DateOutcome, DatesResponse } from "../schemas";
import { Field } from "../ui/field";
import { Switch } from "../ui/switch";
import type { Batch } from "./bulk";
import { BulkDialog } from "./bulk-dialog";
import { DateFields } from "./date-fields";
import { type DateInput, dateProblem, type ShiftInput, shiftText, takenAtOf } from "./date-input";
import { redate } from "./feed-updates";
import { describeChange, type EditProps, finishEdit, idempotencyHeader, partOf } from "./selected-edit";
import "../styles/dates.css";

const KINDS = [
  { value: "set", label: messages.setOneDate },
  { value: "shift", label: messages.shiftDates },
  { value: "reset", label: messages.resetDates },
] as const;

type Kind = (typeof KINDS)[number]["value"];
type Change = { readonly shift: string } | { readonly taken_at: string | null };
const MAX_PREVIEWED = 500;
const MAX_ROWS = 50;
const MAX_AMOUNT = 9999;
const NOTHING: DatesResponse = { changed: 0, outcomes: [], next: null, operation: null };

export function DatesDialog({ selection, onClose }: EditProps) {
  const kind = useSignal<Kind>("set");
  const date = useSignal<DateInput>({ date: "", time: "", offset: "" });
  const shift = useSignal<ShiftInput>({ sign: "+", days: 0, hours: 0, minutes: 0 });
  const change = changeOf(kind.value, date.value, shift.value);
  const inputs = JSON.stringify(change);
  const { preview, dates, call } = useDates(change, inputs);
  return (
    <BulkDialog
      title={messages.changeDates}
      target={selection.target}
      size={selection.size.value}
      call={change ? call : null}
      inputs={inputs}
      describe={(count) => describePreview(count, preview.value, selection.size.value)}
      action={messages.changeDates}
      onDone={(summary) => {
        finishEdit(selection, summary, () => redate(selection.feed, dates.current));
      }}
      onClose={onClose}
    >
      <Switch
        label={messages.change}
        value={kind.value}
        choices={KINDS}
        onValue={(value) => {
          kind.value = value;
        }}
      />
      {kind.value === "set" && (
        <DateFields
          value={date.value}
          onValue={(value) => {
            date.value = value;
          }}
        />
      )}
      {kind.value === "shift" && <ShiftFields shift={shift} />}
      {change && <Preview outcomes={preview.value} names={namesOf(selection.images.value)} />}
    </BulkDialog>
  );
}

/** Return what the person entered as a request; null if it is incomplete. */
function changeOf(kind: Kind, date: DateInput, shift: ShiftInput): Change | null {
  switch (kind) {
    case "reset":
      return { taken_at: null };
    case "shift":
      return shiftText(shift) ? { shift: shiftText(shift) } : null;
    case "set":
      return date.date && !dateProblem(date) ? { taken_at: takenAtOf(date) } : null;
  }
}

/** The request that changes dates. It keeps the outcomes of the latest dry run, and those of changed images. */
function useDates(change: Change | null, inputs: string) {
  const preview = useSignal<readonly DateOutcome[]>([]);
  const dates = useRef(new Map<string, DateOutcome>());
  const latest = useRef(inputs);
  if (latest.current !== inputs) {
    latest.current = inputs;
    preview.value = [];
  }
  const call = async (images: Batch, key: string, operation: string): Promise<DatesResponse> => {
    if (images.dry_run && preview.peek().length >= MAX_PREVIEWED) {
      return NOTHING;
    }
    const response = await post("/images/date", {
      body: { ...change, images, ...partOf(operation) },
      ...idempotencyHeader(key),
    });
    if (!images.dry_run) {
      for (const outcome of response.outcomes.filter(({ result }) => result === "changed")) {
        dates.current.set(outcome.image, outcome);
      }
    } else if (latest.current === inputs) {
      preview.value = [...preview.peek(), ...response.outcomes];
    }
    return response;
  };
  return { preview, dates, call };
}

/** `143 photos will change.`, with the number of photos that were checked if that isn't all of them. */
function describePreview(count: number, preview: readonly DateOutcome[], size: number): string {
  const checked = preview.length;
  return checked >= MAX_PREVIEWED && checked < size
    ? `${messages.wereChecked(checked, size)} ${describeChange(count)}`
    : describeChange(count);
}

function ShiftFields({ shift }: { shift: Signal<ShiftInput> }) {
  const amounts = [
    ["days", messages.days],
    ["hours", messages.hours],
    ["minutes", messages.minutes],
  ] as const;
  return (
    <div class="shift-fields">
      <label class="field">
        <span class="field-label">{messages.direction}</span>
        <select
          class="input"
          value={shift.value.sign}
          onChange={({ currentTarget: { value } }) => {
            shift.value = { ...shift.value, sign: value === "-" ? "-" : "+" };
          }}
        >
          <option value="+">{messages.later}</option>
          <option value="-">{messages.earlier}</option>
        </select>
      </label>
      {amounts.map(([unit, label]) => (
        <Field
          key={unit}
          label={label}
          value={String(shift.value[unit])}
          onValue={(value) => {
            shift.value = { ...shift.value, [unit]: Math.min(MAX_AMOUNT, Math.max(0, Math.trunc(Number(value)) || 0)) };
          }}
          input={{ type: "number", min: 0, max: MAX_AMOUNT, inputMode: "numeric" }}
        />
      ))}
    </div>
  );
}

interface PreviewProps {
  readonly outcomes: readonly DateOutcome[];
  readonly names: ReadonlyMap<string, string>;
}

/** The photos that would change, each with its old and its new date. */
function Preview({ outcomes, names }: PreviewProps) {
  const shown = outcomes.filter(({ result }) => result !== "unchanged");
  if (shown.length === 0) {
    return null;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard must reach it
    <section class="dates-preview" aria-label={messages.preview} tabIndex={0}>
      <ul>
        {shown.slice(0, MAX_ROWS).map(({ image, before, after, detail }) => (
          <li key={image}>
            <span class="dates-name">{names.get(image) ?? messages.photo}</span>
            {detail ? (
              <span class="field-error">{outcome(detail)}</span>
            ) : (
              <span>
                {formatDate(before)} <span aria-hidden="true">→</span>
                <span class="hidden-text">{messages.becomes}</span> <b>{formatDate(after)}</b>
              </span>
            )}
          </li>
        ))}
        {shown.length > MAX_ROWS && <li class="muted">{controls.andMore(formatNumber(shown.length - MAX_ROWS))}</li>}
      </ul>
    </section>
  );
}

function formatDate(takenAt: string | null): string {
  return takenAt === null ? messages.noDate : formatTakenAt(takenAt);
}

function namesOf(images: readonly { readonly id: string; readonly name: string }[]): ReadonlyMap<string, string> {
  return new Map(images.map(({ id, name }) => [id, name]));
}
