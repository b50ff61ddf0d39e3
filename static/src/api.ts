// The API, with the types of openapi.json: `get("/images/{image_id}", { path: { image_id } })`.

import { Problem, pause, send } from "./http";
import type { paths } from "./openapi";
import { renewed, token } from "./session";

type Method = "get" | "post" | "patch" | "delete";
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { readonly responses: unknown }> ? P : never;
}[keyof paths];
type Operation<M extends Method, P extends PathsWith<M>> = paths[P][M];

type In<O, Where extends string> = O extends { readonly parameters: Readonly<Record<Where, infer T>> } ? T : never;
type Body<O> = O extends { readonly requestBody: { readonly content: infer C } }
  ? C extends { readonly "application/json": infer J }
    ? J
    : FormData
  : never;
type Option<K extends string, T> = [T] extends [never]
  ? unknown
  : undefined extends T
    ? unknown
    : { readonly [k in K]: T };
type Query<O> = O extends { readonly parameters: { readonly query?: infer Q } } ? Exclude<Q, undefined> : never;
type QueryOption<O> = [Query<O>] extends [never] ? unknown : { readonly query?: Query<O> };
type Header<O> = O extends { readonly parameters: { readonly header?: infer H } } ? Exclude<H, undefined> : never;
type HeaderOption<O> = [Header<O>] extends [never] ? unknown : { readonly header?: Header<O> };

type Options<O> = Option<"path", In<O, "path">> &
  Option<"body", Body<O>> &
  QueryOption<O> &
  HeaderOption<O> & { readonly signal?: AbortSignal };
type Json<R> = R extends { content: { readonly "application/json": infer J } } ? J : undefined;
type Answer<O> = O extends { readonly responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;
type Given<O> = Record<string, never> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];

interface Loose {
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string | number | boolean | null | undefined>;
  readonly header?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const PATIENCE_SECONDS = 10;
const TRIES = 3;

const versions = new WeakMap<object, string>();

/** The headers of a change to what was answered, in the version that was answered: refused (412) if it is another. */
export function ifUnchanged(answer: object): { readonly "if-match"?: string } {
  const version = versions.get(answer);
  return version === undefined ? {} : { "if-match": version };
}

export function get<P extends PathsWith<"get">>(path: P, ...given: Given<Operation<"get", P>>) {
  return call("GET", path, given[0] as Loose | undefined) as Promise<Answer<Operation<"get", P>>>;
}

export function post<P extends PathsWith<"post">>(path: P, ...given: Given<Operation<"post", P>>) {
  return call("POST", path, given[0] as Loose | undefined) as Promise<Answer<Operation<"post", P>>>;
}

export function patch<P extends PathsWith<"patch">>(path: P, ...given: Given<Operation<"patch", P>>) {
  return call("PATCH", path, given[0] as Loose | undefined) as Promise<Answer<Operation<"patch", P>>>;
}

export function del<P extends PathsWith<"delete">>(path: P, ...given: Given<Operation<"delete", P>>) {
  return call("DELETE", path, given[0] as Loose | undefined) as Promise<Answer<Operation<"delete", P>>>;
}

/** A read is tried again when the API says when; whoever writes is told with `Problem.retryAfterSeconds`. */
async function call(method: string, path: string, options: Loose = {}): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await authorized(method, path, options);
      return answer.status === 204 ? undefined : await bodyOf(answer);
    } catch (error) {
      const wait = error instanceof Problem && method === "GET" ? error.retryAfterSeconds : null;
      if (wait === null || wait > PATIENCE_SECONDS || attempt === TRIES) {
        throw error;
      }
      await pause(wait * 1000, options.signal);
    }
  }
}

/** The answer to a read of what is no JSON, or whose headers matter. */
export function read(path: string, signal: AbortSignal): Promise<Response> {
  return authorized("GET", path, { signal });
}

async function bodyOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json();
  const version = answer.headers.get("ETag");
  if (version !== null && typeof body === "object" && body !== null) {
    versions.set(body, version);
  }
  return body;
}

async function authorized(method: string, path: string, options: Loose): Promise<Response> {
  const [url, init] = [address(path, options), initOf(options)];
  if (path.startsWith("/auth/") && path !== "/auth/me") {
    return send(method, url, init);
  }
  try {
    return await send(method, url, withToken(init, await token()));
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && error.kind === "invalid-token") {
      return send(method, url, withToken(init, await renewed()));
    }
    throw error;
  }
}

function withToken(init: RequestInit, accessToken: string): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${accessToken}` } };
}

function initOf({ header, body, signal }: Loose): RequestInit {
  const json = body !== undefined && !(body instanceof FormData);
  return {
    headers: { ...(json && { "Content-Type": "application/json" }), ...header },
    ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as FormData) }),
    ...(signal && { signal }),
  };
}

/** The address of an operation: its path filled in, and what is not null as its query. */
export function address(path: string, { path: parts = {}, query = {} }: Loose): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ""));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) {
      asked.set(name, String(value));
    }
  }
  return asked.size ? `${filled}?${asked}` : filled;
}
