// The session. The access token is kept only in this module's memory; scripts can't read the cookie that renews it.

import { signal } from "@preact/signals";
import { Problem, pause, send } from "./http";
import type { AccessToken, AccountResponse } from "./schemas";

/** `unreachable`: there was a session, but the server can't be reached or can't check it. */
export type SessionState = "restoring" | "unreachable" | "in" | "out";

const HINT = "pixtag:signed-in"; // not a secret: whether there may be a session to restore
const MIN_VALIDITY_MS = 60_000; // a token that expires sooner is renewed before use
const ACCOUNT_PAUSE_MS = 5_000;
const LOCK = "pixtag:session";

export const session = signal<SessionState>(localStorage.getItem(HINT) ? "restoring" : "out");
export const account = signal<AccountResponse | null>(null);

/** Why the server can't check the session; empty if it can't be reached. */
export const obstacle = signal("");

const signOutListeners = new Set<() => void>();
let access: { token: string; until: number } | null = null;
let renewal: Promise<string> | null = null;

/** Call a function when the session ends, to drop the person's data from memory. */
export function onSignedOut(listener: () => void): void {
  signOutListeners.add(listener);
}

/** Return a valid access token. Throws a Problem of status 401 if the session has ended. */
export function token(): Promise<string> {
  return access && access.until - Date.now() > MIN_VALIDITY_MS ? Promise.resolve(access.token) : renewToken();
}

/** Renew the access token. Calls during a renewal share its result. */
export function renewToken(): Promise<string> {
  renewal ??= renew().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renew(): Promise<string> {
  try {
    return keep(await changeSession("POST", "/auth/session/refresh"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      end();
    }
    throw error;
  }
}

/** Restore the session of this browser, if it has one. A retry leaves the message on the screen until it succeeds. */
export async function restore(): Promise<void> {
  if (session.value === "out" || session.value === "in") {
    return;
  }
  try {
    await renewToken();
    enter();
  } catch (error) {
    obstacle.value = error instanceof Problem && error.status !== 0 ? error.message : "";
    // A session that ended is "out" already. Without a response, the state is unknown.
    session.value = session.value === "restoring" ? "unreachable" : session.value;
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  keep(await changeSession("POST", "/auth/session", { email, password }));
  localStorage.setItem(HINT, "1");
  enter();
}

export async function signOut(): Promise<void> {
  await changeSession("DELETE", "/auth/session");
  end();
}

/** End the session in this tab and drop its data from memory. */
export function end(): void {
  access = null;
  account.value = null;
  localStorage.removeItem(HINT);
  session.value = "out";
  for (const listener of signOutListeners) {
    listener();
  }
}

/** Sign in or out when another tab does. */
export function followOtherTabs(): void {
  addEventListener("storage", (event) => {
    if (event.key !== HINT) {
      return;
    }
    if (event.newValue === null) {
      end();
    } else if (session.value === "out") {
      session.value = "restoring";
      void restore();
    }
  });
}

function enter(): void {
  session.value = "in";
  void loadAccount();
}

/** Load the account, and try again until that succeeds or the session ends. */
async function loadAccount(): Promise<void> {
  while (session.value === "in" && account.value === null) {
    try {
      const headers = { Authorization: `Bearer ${await token()}` };
      const response = await send("GET", "/auth/me", { headers });
      account.value = (await response.json()) as AccountResponse;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        return; // the next request of a screen renews the token
      }
      await pause(ACCOUNT_PAUSE_MS);
    }
  }
}

function keep(token: AccessToken): string {
  access = { token: token.access_token, until: Date.now() + token.expires_in * 1000 };
  return access.token;
}

/**
 * Send a request that changes the session cookie. The tabs of a browser share the cookie, so they send one such request
 * at a time: if the responses of two requests arrived in another order, the browser would keep an outdated cookie.
 */
async function changeSession(method: string, path: string, body?: object): Promise<AccessToken> {
  const change = () => request(method, path, body);
  return await (navigator.locks?.request(LOCK, change) ?? change()); // locks need a secure context
}

/** With `keepalive`, the browser stores the cookie even if the page closes before the response. */
async function request(method: string, path: string, body?: object): Promise<AccessToken> {
  const headers: Record<string, string> = { "X-PixTag": "1" };
  if (body) {
    headers["Content-Type"] = "application/json";
  }
  const init = { headers, keepalive: true, ...(body && { body: JSON.stringify(body) }) };
  const response = await send(method, path, init);
  return response.status === 204 ? { access_token: "", expires_in: 0 } : ((await response.json()) as AccessToken);
}
