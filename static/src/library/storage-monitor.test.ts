import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StorageMonitor, type StorageState } from "./storage-monitor";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server that returns these states, and the last one again and again. */
function server(...states: (StorageState | Error)[]) {
  return vi.fn(() => {
    const state = (states.length > 1 ? states.shift() : states[0]) ?? null;
    return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
  });
}

const SECOND = 1000;

describe("the storage monitor", () => {
  it("refuses nothing before the first response", () => {
    expect(new StorageMonitor(server("full"), new EventTarget()).isRefusing.value).toBe(false);
  });

  it.each([
    ["ok", false],
    ["low", true],
    ["full", true],
    ["read-only", true],
    [null, false],
  ] as const)("knows what the state %s means", async (state, isRefusing) => {
    const monitor = new StorageMonitor(server(state), new EventTarget());

    await monitor.check();

    expect(monitor.isRefusing.value).toBe(isRefusing);
  });

  it("checks a full disk until there is space again", async () => {
    const read = server("full", "low", "ok");
    const monitor = new StorageMonitor(read, new EventTarget());

    const end = monitor.watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(monitor.state.value).toBe("full");
    await vi.advanceTimersByTimeAsync(10 * SECOND);
    expect(monitor.state.value).toBe("low");
    await vi.advanceTimersByTimeAsync(10 * SECOND);
    expect(monitor.isRefusing.value).toBe(false);
    await vi.advanceTimersByTimeAsync(60 * SECOND);

    expect(read).toHaveBeenCalledTimes(3);
    end();
  });

  it("checks when a request has failed", async () => {
    const failures = new EventTarget();
    const monitor = new StorageMonitor(server("ok", "full"), failures);

    const end = monitor.watch();
    await vi.advanceTimersByTimeAsync(0);
    failures.dispatchEvent(new Event("refused"));
    await vi.advanceTimersByTimeAsync(0);

    expect(monitor.isRefusing.value).toBe(true);
    end();
  });

  it("keeps the state while the server can't be reached", async () => {
    const monitor = new StorageMonitor(server("full", new Error("unreachable")), new EventTarget());

    const end = monitor.watch();
    await vi.advanceTimersByTimeAsync(30 * SECOND);

    expect(monitor.isRefusing.value).toBe(true);
    end();
  });

  it("stops checking at the end of the watch", async () => {
    const [read, failures] = [server("full"), new EventTarget()];
    const end = new StorageMonitor(read, failures).watch();
    await vi.advanceTimersByTimeAsync(0);

    end();
    failures.dispatchEvent(new Event("refused"));
    await vi.advanceTimersByTimeAsync(60 * SECOND);

    expect(read).toHaveBeenCalledTimes(1);
  });
});
