// Keeps the screen on while nobody touches it.

/** Keep the screen on, if the browser can. Return a function that ends this. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isOver = false;
  const release = () => {
    lock?.release().catch(() => {});
    lock = null;
  };
  // The browser takes the lock back when the page is hidden.
  const request = async () => {
    if (!document.hidden && !isOver) {
      lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
      isOver && release();
    }
  };
  document.addEventListener("visibilitychange", request);
  void request();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", request);
    release();
  };
}
