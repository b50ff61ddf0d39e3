// Measures the transfer rate while files are sent, and warns the person before the page closes.

import { effect, signal, untracked } from "@preact/signals";
import { addReading, type Reading, transferRate } from "../transfer-rate";
import { queue } from "./arrival";
import { isOpen, totals } from "./queue";

const MEASURE_MS = 1000;

/** Bytes per second; 0 while they are unknown. */
export const speed = signal(0);

const warn = (event: BeforeUnloadEvent) => event.preventDefault();
let timer = 0;
let readings: readonly Reading[] = [];

effect(() => {
  const isBusy = queue.value.some(isOpen);
  untracked(() => {
    if (isBusy && !timer) {
      addEventListener("beforeunload", warn);
      timer = setInterval(measure, MEASURE_MS) as unknown as number;
    } else if (!isBusy && timer) {
      removeEventListener("beforeunload", warn);
      clearInterval(timer);
      timer = 0;
      readings = [];
      speed.value = 0;
    }
  });
});

function measure(): void {
  readings = addReading(readings, { at: performance.now(), bytes: totals(queue.value).sentBytes });
  speed.value = transferRate(readings);
}
