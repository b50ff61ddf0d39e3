// Who is signed in. The access token lives in this module's memory alone; the cookie that renews it, no script can read.

import { signal } from "@preact/signals";
import { Problem, send } from "./http";
import type { AccessToken, AccountResponse } from "./schemas";

/** `unreachable`: there was a session, and whether there still is could not be asked. */
export type SessionState = "restoring" | "unreachable" | "in" | "out";

const HINT = "pixtag:signed-in"; // no secret: only whether it is worth asking for a session
const SOON_MS = 60_000; // a token with less time left is renewed before it is used

export const session = signal<SessionState>(localStorage.getItem(HINT) ? "restoring" : "out");
export const me = signal<AccountResponse | null>(null);

const forgetters = new Set<() => void>();
let access: { token: string; until: number } | null = null;
let renewal: Promise<string> | null = null;

/** Forget something of the person when the session ends. */
export function onSignedOut(forget: () => void): void {
  forgetters.add(forget);
}

/** A token that is good for a while yet; throws a Problem of status 401 when the session has ended. */
export function token(): Promise<string> {
  return access && access.until - Date.now() > SOON_MS ? Promise.resolve(access.token) : renewed();
}

/** Another token. Whoever asks while one is on its way gets the same. */
export function renewed(): Promise<string> {
  renewal ??= renew().finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renew(): Promise<string> {
  try {
    return take(await ask("POST", "/auth/session/refresh"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      end();
    }
    throw error;
  }
}

/** Find out whether this browser still has a session. */
export async function restore(): Promise<void> {
  if (session.value === "out") {
    return;
  }
  session.value = "restoring";
  try {
    await renewed();
    enter();
  } catch {
    // A session that has ended is "out" already; without an answer nobody knows.
    session.value = session.value === "restoring" ? "unreachable" : session.value;
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  take(await ask("POST", "/auth/session", { email, password }));
  localStorage.setItem(HINT, "1");
  enter();
}

export async function signOut(): Promise<void> {
  await ask("DELETE", "/auth/session");
  end();
}

/** Treat the session as ended: what is in memory of it is forgotten. */
export function end(): void {
  access = null;
  me.value = null;
  localStorage.removeItem(HINT);
  session.value = "out";
  for (const forget of forgetters) {
    forget();
  }
}

/** In another tab somebody signed in or out: so it is here. */
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
  void loadMe();
}

async function loadMe(): Promise<void> {
  const authorization = { Authorization: `Bearer ${await token()}` };
  const answer = await send("GET", "/auth/me", { headers: authorization }).catch(() => null);
  me.value = answer ? ((await answer.json()) as AccountResponse) : null;
}

function take(answer: AccessToken): string {
  access = { token: answer.access_token, until: Date.now() + answer.expires_in * 1000 };
  return access.token;
}

async function ask(method: string, path: string, body?: object): Promise<AccessToken> {
  const headers: Record<string, string> = { "X-PixTag": "1" };
  if (body) {
    headers["Content-Type"] = "application/json";
  }
  const answer = await send(method, path, { headers, ...(body && { body: JSON.stringify(body) }) });
  return answer.status === 204 ? { access_token: "", expires_in: 0 } : ((await answer.json()) as AccessToken);
}
