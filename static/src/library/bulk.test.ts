import { describe, expect, it } from "vitest";
import { Problem } from "../http";
import type { BulkResponse } from "../schemas";
import { type Ask, batches, carryOut, foresee, inWords, type Part, type Progress, photographs } from "./bulk";

const many = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** Answers that all of a part changed. */
const changedAll = ({ ids = [] }: Part): BulkResponse => ({
  changed: ids.length,
  outcomes: ids.map((image) => ({ image, result: "changed", detail: "" })),
  next: null,
});

function run(stop = new AbortController()) {
  const seen: Progress[] = [];
  const waits: number[] = [];
  const wait = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { seen, waits, stop, signal: stop.signal, wait, onProgress: (now: Progress) => seen.push(now) };
}

describe("many images", () => {
  it("are divided into calls of a hundred", () => {
    expect(batches(many(250)).map((ids) => ids.length)).toEqual([100, 100, 50]);
    expect(batches([])).toEqual([]);
  });

  it("are changed call by call, each with a key of its own", async () => {
    const keys = new Set<string>();
    const running = run();

    const summary = await carryOut(
      { ids: many(250) },
      (part, key) => {
        keys.add(key);
        return Promise.resolve(changedAll(part));
      },
      running,
    );

    expect([summary.changed.length, summary.ended, keys.size]).toEqual([250, "", 3]);
    expect(running.seen.map(({ done }) => done)).toEqual([100, 200, 250]);
  });

  it("of a query are followed to the end", async () => {
    const asked: Part[] = [];
    const ask: Ask = (part) => {
      asked.push(part);
      return Promise.resolve({ ...changedAll({ ids: ["a"] }), next: part.cursor ? null : "behind" });
    };

    await carryOut({ query: "dog" }, ask, run());

    expect(asked).toEqual([{ query: "dog" }, { query: "dog", cursor: "behind" }]);
  });

  it("are counted without a change", async () => {
    const ask: Ask = ({ ids = [], dry_run }) =>
      Promise.resolve({ changed: dry_run ? ids.length - 1 : 0, outcomes: [], next: null });

    expect(await foresee({ ids: many(150) }, ask, new AbortController().signal)).toBe(148);
  });
});

describe("a change of many images", () => {
  it("waits as long as the API says, and asks again with the same key", async () => {
    const keys: string[] = [];
    const running = run();
    const ask: Ask = (part, key) => {
      keys.push(key);
      return keys.length < 3 ? Promise.reject(new Problem("Too many.", 429, "", 7)) : Promise.resolve(changedAll(part));
    };

    const summary = await carryOut({ ids: ["a"] }, ask, running);

    expect([summary.changed, running.waits, new Set(keys).size]).toEqual([["a"], [7000, 7000], 1]);
    expect(running.seen.at(0)).toEqual({ done: 0, waitSeconds: 7 });
  });

  it("asks again when no answer came, and gives up in the end", async () => {
    const running = run();

    const summary = await carryOut({ ids: ["a"] }, () => Promise.reject(new Problem("Unreachable.")), running);

    expect([summary.ended, running.waits.length]).toEqual(["Unreachable.", 5]);
  });

  it("ends at once with what no waiting mends", async () => {
    const running = run();

    const summary = await carryOut({ ids: ["a"] }, () => Promise.reject(new Problem("No tag.", 422)), running);

    expect([summary.ended, running.waits]).toEqual(["No tag.", []]);
  });

  it("is stopped after the call that is under way", async () => {
    const running = run();
    const ask: Ask = (part) => {
      running.stop.abort();
      return Promise.resolve(changedAll(part));
    };

    const summary = await carryOut({ ids: many(250) }, ask, running);

    expect([summary.changed.length, summary.ended]).toEqual([100, "Stopped."]);
  });

  it("is summed up with the reasons of what failed", async () => {
    const outcomes: BulkResponse["outcomes"] = [
      { image: "a", result: "changed", detail: "" },
      { image: "b", result: "unchanged", detail: "" },
      { image: "c", result: "failed", detail: "At most 24." },
      { image: "d", result: "failed", detail: "At most 24." },
    ];

    const ask: Ask = () => Promise.resolve({ changed: 1, outcomes, next: null });
    const summary = await carryOut({ ids: many(4) }, ask, run());

    expect([...summary.failures]).toEqual([["At most 24.", 2]]);
    expect(inWords(summary)).toBe("1 photograph changed, 1 stayed as it was, 2 failed");
    expect(photographs(1234)).toBe("1,234 photographs");
  });
});
