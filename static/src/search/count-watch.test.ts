import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchCounts } from "./count-watch";

const LONG_MS = 600_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function start(isUnknown = false) {
  const changes = signal(3);
  const isCounting = signal(isUnknown);
  const read = vi.fn();
  return { changes, isCounting, read, stop: watchCounts(changes, isCounting, read) };
}

it("nothing is read without a change", () => {
  const { read } = start();

  vi.advanceTimersByTime(LONG_MS);

  expect(read).not.toHaveBeenCalled();
});

it("numbers are read a few times after a change", () => {
  const { changes, read } = start();
  changes.value += 1;
  vi.advanceTimersByTime(2_000);
  expect(read).toHaveBeenCalledTimes(1);

  vi.advanceTimersByTime(LONG_MS);

  expect(read).toHaveBeenCalledTimes(5);
});

it("unknown numbers are read again", () => {
  const { read } = start(true);

  vi.advanceTimersByTime(LONG_MS);

  expect(read).toHaveBeenCalledTimes(5);
});

it("changes one after another are read together", () => {
  const { changes, read } = start();
  for (let count = 0; count < 10; count += 1) {
    changes.value += 1;
    vi.advanceTimersByTime(100);
  }

  vi.advanceTimersByTime(LONG_MS);

  expect(read).toHaveBeenCalledTimes(5);
});

it("nothing is read after the end", () => {
  const { changes, read, stop } = start();
  changes.value += 1;

  stop();
  vi.advanceTimersByTime(LONG_MS);

  expect(read).not.toHaveBeenCalled();
});
