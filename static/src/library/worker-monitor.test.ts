import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WorkerMonitor, type WorkerState } from "./worker-monitor";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server that returns these states, and the last one again and again. */
function server(...states: (WorkerState | Error)[]) {
  return vi.fn(() => {
    const state = (states.length > 1 ? states.shift() : states[0]) ?? null;
    return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
  });
}

const SECOND = 1000;

describe("the worker monitor", () => {
  it("reports a worker only if it is still stopped after some seconds", async () => {
    const monitor = new WorkerMonitor(server("stopped"), signal(false));

    const checked = monitor.check();
    await vi.advanceTimersByTimeAsync(3 * SECOND);
    expect(monitor.isStopped.value).toBe(false);
    await vi.advanceTimersByTimeAsync(SECOND);
    await checked;

    expect(monitor.isStopped.value).toBe(true);
  });

  it("ignores a worker that starts again at once", async () => {
    const monitor = new WorkerMonitor(server("stopped", "running"), signal(false));

    void monitor.check();
    await vi.advanceTimersByTimeAsync(4 * SECOND);

    expect(monitor.isStopped.value).toBe(false);
  });

  it("checks a stopped worker until it runs again", async () => {
    const read = server("stopped", "stopped", "stopped", "running");
    const stop = new WorkerMonitor(read, signal(false));

    const end = stop.watch();
    await vi.advanceTimersByTimeAsync(4 * SECOND);
    expect(stop.isStopped.value).toBe(true);
    await vi.advanceTimersByTimeAsync(10 * SECOND);
    expect(stop.isStopped.value).toBe(false);
    await vi.advanceTimersByTimeAsync(60 * SECOND);

    expect(read).toHaveBeenCalledTimes(4);
    end();
  });

  it("checks every 15 seconds only while photos are pending", async () => {
    const [read, hasPending] = [server("running"), signal(false)];
    const end = new WorkerMonitor(read, hasPending).watch();

    await vi.advanceTimersByTimeAsync(60 * SECOND);
    expect(read).toHaveBeenCalledTimes(1);
    hasPending.value = true;
    await vi.advanceTimersByTimeAsync(14 * SECOND);
    expect(read).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(read).toHaveBeenCalledTimes(2);
    hasPending.value = false;
    await vi.advanceTimersByTimeAsync(60 * SECOND);

    expect(read).toHaveBeenCalledTimes(2);
    end();
  });

  it("never checks again if there is no worker process", async () => {
    const read = server(null);
    const monitor = new WorkerMonitor(read, signal(true));

    const end = monitor.watch();
    await vi.advanceTimersByTimeAsync(60 * SECOND);
    await monitor.check();

    expect(read).toHaveBeenCalledTimes(1);
    end();
  });

  it("keeps the state while the server can't be reached", async () => {
    const monitor = new WorkerMonitor(server("stopped", "stopped", new Error("unreachable")), signal(false));

    const end = monitor.watch();
    await vi.advanceTimersByTimeAsync(20 * SECOND);

    expect(monitor.isStopped.value).toBe(true);
    end();
  });

  it("stops checking at the end of the watch", async () => {
    const read = server("running");
    const end = new WorkerMonitor(read, signal(true)).watch();

    end();
    await vi.advanceTimersByTimeAsync(60 * SECOND);

    expect(read).toHaveBeenCalledTimes(1);
  });
});
