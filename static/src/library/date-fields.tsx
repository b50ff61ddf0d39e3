// The fields of a date and a time of day.

import * as messages from "#messages/dates";
import { Field } from "../ui/field";
import { type DateInput, dateProblem, MIN_DATE, maxDate } from "./date-input";

interface DateFieldsProps {
  readonly value: DateInput;
  readonly onValue: (value: DateInput) => void;
}

export function DateFields({ value, onValue }: DateFieldsProps) {
  return (
    <div class="form-pair date-fields">
      <Field
        label={messages.date}
        value={value.date}
        onValue={(date) => onValue({ ...value, date })}
        error={isTyped(value) ? dateProblem(value) : ""}
        input={{ type: "date", required: true, min: MIN_DATE, max: maxDate() }}
      />
      <Field
        label={messages.time}
        value={value.time}
        onValue={(time) => onValue({ ...value, time })}
        hint={value.offset ? messages.atPlaceWithOffset(value.offset) : messages.atPlace}
        input={{ type: "time", step: 1 }}
      />
    </div>
  );
}

/** While a person types the year 2019, the date has the years 2, 20 and 201. */
function isTyped({ date }: DateInput): boolean {
  return date >= "1000";
}
