// Registers the service worker. Without one, PixTag works as before, but only while it can be reached.

import { inTurn } from "../turns";

interface TrustedScriptUrls {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string };
}

const PATH = "/service-worker.js";

/** Register the service worker after the page is loaded. The development server has none. */
export function registerServiceWorker(): void {
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    addEventListener("load", () => inTurn(install).catch(() => {}));
  }
}

/** Register the service worker. The browser requests its script, and a new one requests the page, so wait for it. */
async function install(): Promise<void> {
  const { installing } = await navigator.serviceWorker.register(trustedPath());
  if (installing) {
    await new Promise((resolve) => installing.addEventListener("statechange", resolve, { once: true }));
  }
}

/** The content security policy allows only this policy, which makes no other URL. */
function trustedPath(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedScriptUrls };
  return trustedTypes?.createPolicy("service-worker", { createScriptURL: () => PATH }).createScriptURL(PATH) ?? PATH;
}
