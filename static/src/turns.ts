// Limits how many requests that only read are sent at once. Each one needs a function on AWS, and new accounts have ten.

const MAX_AT_ONCE = 2;

const waiting: (() => void)[] = [];
let running = 0;

/** Run a function as soon as fewer than two others run. The first that waits is the first to run. */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_AT_ONCE) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) {
      next(); // it takes over this place
    } else {
      running -= 1;
    }
  }
}
