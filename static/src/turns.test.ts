import { expect, test } from "vitest";
import { inTurn } from "./turns";

/** Return a function that starts, and ends when it is told to. */
function makeWork(name: string, log: string[]) {
  const events = new EventTarget();
  const done = inTurn(() => {
    log.push(name);
    return new Promise<string>((resolve, reject) => {
      events.addEventListener("end", () => resolve(name));
      events.addEventListener("fail", () => reject(new Error(name)));
    });
  });
  return {
    done,
    end: () => events.dispatchEvent(new Event("end")),
    fail: () => events.dispatchEvent(new Event("fail")),
  };
}

test("two run at once, and the others run in their order, also after a failure", async () => {
  const log: string[] = [];
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => makeWork(name, log));
  expect(log).toEqual(["a", "b"]);

  b?.fail();
  await expect(b?.done).rejects.toThrow("b");
  expect(log).toEqual(["a", "b", "c"]);

  a?.end();
  expect(await a?.done).toBe("a");
  expect(log).toEqual(["a", "b", "c", "d"]);

  c?.end();
  d?.end();
  expect(await Promise.all([c?.done, d?.done])).toEqual(["c", "d"]);
});

test("after all have ended, two can run again", async () => {
  const log: string[] = [];
  const works = ["a", "b", "c"].map((name) => makeWork(name, log));

  expect(log).toEqual(["a", "b"]);
  for (const work of works) {
    work.end();
    await work.done;
  }
  expect(log).toEqual(["a", "b", "c"]);
});
