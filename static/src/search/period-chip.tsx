// The chip of a period: `Taken Jul 2019`, with a menu for its first and last day.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/results";
import { Icon } from "../ui/icon";
import { RemoveButton, useChipMenu } from "./chip-menu";
import { describePeriod, type Period, type PeriodName } from "./periods";
import { type Part, partText } from "./query";

interface PeriodChipProps {
  readonly part: { readonly kind: PeriodName } & Period;
  readonly onChange: (part: Part | null) => void;
}

export function PeriodChip({ part, onChange }: PeriodChipProps) {
  const { ref, id, isOpen, closeWithEscape } = useChipMenu();
  const change = (period: Partial<Period>) => {
    const after = { ...part, ...period };
    onChange(after.first === null && after.last === null ? null : after);
  };
  return (
    <fieldset ref={ref} aria-label={part.kind} class="query-chip" onKeyDown={closeWithEscape}>
      <button
        type="button"
        class="query-name"
        aria-expanded={isOpen.value}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        {part.kind} {describePeriod(part)} <Icon name="down" size={14} />
      </button>
      <RemoveButton name={partText(part)} onRemove={() => onChange(null)} />
      <div id={id} class="query-menu" hidden={!isOpen.value}>
        <DayField label={messages.from} value={part.first} onDay={(first) => change({ first })} />
        <DayField label={messages.to} value={part.last} onDay={(last) => change({ last })} />
      </div>
    </fieldset>
  );
}

interface DayFieldProps {
  readonly label: string;
  readonly value: string | null;
  readonly onDay: (day: string | null) => void;
}

/** A day. The search changes when the person leaves the field, because a year that is being typed is a date too. */
function DayField({ label, value, onDay }: DayFieldProps) {
  const typed = useSignal(value ?? "");
  useEffect(() => {
    typed.value = value ?? "";
  }, [typed, value]);
  const finish = (input: HTMLInputElement) => {
    if (input.validity.valid && (input.value || null) !== value) {
      onDay(input.value || null);
    }
  };
  return (
    <label class="query-day">
      {label}
      <input
        type="date"
        max="9999-12-31"
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
        }}
        onBlur={({ currentTarget }) => finish(currentTarget)}
        onKeyDown={({ key, currentTarget }) => key === "Enter" && finish(currentTarget)}
      />
    </label>
  );
}
