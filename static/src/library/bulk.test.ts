import { describe, expect, it } from "vitest";
import { Problem } from "../http";
import type { BulkResponse } from "../schemas";
import { applyBulk, type Batch, type BulkCall, type BulkProgress, batches, describeSummary, dryRunBulk } from "./bulk";

const many = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** A response in which every image of the batch changed. */
const changedAll = ({ ids = [] }: Batch): BulkResponse => ({
  changed: ids.length,
  outcomes: ids.map((image) => ({ image, result: "changed", detail: "" })),
  next: null,
  operation: null,
});

function options(stop = new AbortController()) {
  const reports: BulkProgress[] = [];
  const waits: number[] = [];
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { reports, waits, stop, signal: stop.signal, wait, onProgress: (now: BulkProgress) => reports.push(now) };
}

describe("many images", () => {
  it("are divided into batches of 100", () => {
    expect(batches(many(250)).map((ids) => ids.length)).toEqual([100, 100, 50]);
    expect(batches([])).toEqual([]);
  });

  it("are changed batch by batch, each with its own key", async () => {
    const keys = new Set<string>();
    const running = options();

    const summary = await applyBulk(
      { ids: many(250) },
      (batch, key) => {
        keys.add(key);
        return Promise.resolve(changedAll(batch));
      },
      running,
    );

    expect([summary.changed.length, summary.ended, keys.size]).toEqual([250, "", 3]);
    expect(running.reports.map(({ done }) => done)).toEqual([100, 200, 250]);
  });

  it("belong to one operation, except those of a dry run", async () => {
    const operations: string[] = [];
    const call: BulkCall = (batch, _key, operation) => {
      operations.push(operation);
      return Promise.resolve(changedAll(batch));
    };

    const summary = await applyBulk({ ids: many(250) }, call, options());
    await dryRunBulk({ ids: many(1) }, call, AbortSignal.timeout(1000));

    expect(summary.operation).toMatch(/^[0-9a-f-]{36}$/);
    expect(operations).toEqual([...Array.from({ length: 3 }, () => summary.operation), ""]);
  });

  it("of an operation are undone page by page", async () => {
    const requested: Batch[] = [];
    const call: BulkCall = (batch) => {
      requested.push(batch);
      return Promise.resolve({ ...changedAll({ ids: ["a"] }), next: batch.cursor ? null : "behind" });
    };

    await applyBulk({ operation: "an operation" }, call, options());

    expect(requested).toEqual([{}, { cursor: "behind" }]);
  });

  it("of a query are changed page by page", async () => {
    const requested: Batch[] = [];
    const call: BulkCall = (batch) => {
      requested.push(batch);
      return Promise.resolve({ ...changedAll({ ids: ["a"] }), next: batch.cursor ? null : "behind" });
    };

    await applyBulk({ query: "dog" }, call, options());

    expect(requested).toEqual([{ query: "dog" }, { query: "dog", cursor: "behind" }]);
  });

  it("are counted by a dry run", async () => {
    const call: BulkCall = ({ ids = [], dry_run }) =>
      Promise.resolve({ changed: dry_run ? ids.length - 1 : 0, outcomes: [], next: null, operation: null });

    expect(await dryRunBulk({ ids: many(150) }, call, new AbortController().signal)).toBe(148);
  });
});

describe("a change of many images", () => {
  it("waits as long as the API says, and retries with the same key", async () => {
    const keys: string[] = [];
    const running = options();
    const call: BulkCall = (batch, key) => {
      keys.push(key);
      return keys.length < 3
        ? Promise.reject(new Problem("Too many.", 429, "", 7))
        : Promise.resolve(changedAll(batch));
    };

    const summary = await applyBulk({ ids: ["a"] }, call, running);

    expect([summary.changed, running.waits, new Set(keys).size]).toEqual([["a"], [7000, 7000], 1]);
    expect(running.reports.at(0)).toEqual({ done: 0, waitSeconds: 7 });
  });

  it("retries when no response arrives, and gives up after six attempts", async () => {
    const running = options();

    const summary = await applyBulk({ ids: ["a"] }, () => Promise.reject(new Problem("Unreachable.")), running);

    expect([summary.ended, running.waits.length]).toEqual(["Unreachable.", 5]);
  });

  it("ends at once with an error that a retry can't fix", async () => {
    const running = options();

    const summary = await applyBulk({ ids: ["a"] }, () => Promise.reject(new Problem("No tag.", 422)), running);

    expect([summary.ended, running.waits]).toEqual(["No tag.", []]);
  });

  it("stops after the current batch", async () => {
    const running = options();
    const call: BulkCall = (batch) => {
      running.stop.abort();
      return Promise.resolve(changedAll(batch));
    };

    const summary = await applyBulk({ ids: many(250) }, call, running);

    expect([summary.changed.length, summary.ended]).toEqual([100, "Stopped."]);
  });

  it("is summarized with the reasons of the failures", async () => {
    const outcomes: BulkResponse["outcomes"] = [
      { image: "a", result: "changed", detail: "" },
      { image: "b", result: "unchanged", detail: "" },
      { image: "c", result: "failed", detail: "At most 24." },
      { image: "d", result: "failed", detail: "At most 24." },
    ];

    const call: BulkCall = () => Promise.resolve({ changed: 1, outcomes, next: null, operation: null });
    const summary = await applyBulk({ ids: many(4) }, call, options());

    expect([...summary.failures]).toEqual([["At most 24.", 2]]);
    expect(describeSummary(summary)).toBe("1 photo changed, 1 unchanged, 2 failed");
  });
});
