// A typed client of the API, from openapi.json: `get("/images/{image_id}", { path: { image_id } })`.

import { Problem, send, sendPatiently } from "./http";
import type { paths } from "./openapi";
import { isUnreachable, reachability } from "./reachability";
import { renewToken, token } from "./session";

type Method = "get" | "post" | "put" | "patch" | "delete";
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
type ResponseBody<O> = O extends { readonly responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;
type Arguments<O> = Record<string, never> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];

interface UntypedOptions {
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string | number | boolean | null | undefined>;
  readonly header?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const versions = new WeakMap<object, string>();

/** Return an If-Match header with the version of a response body. The API rejects the change (412) if it is outdated. */
export function ifUnchanged(body: object): { readonly "if-match"?: string } {
  const version = versions.get(body);
  return version === undefined ? {} : { "if-match": version };
}

export function get<P extends PathsWith<"get">>(path: P, ...args: Arguments<Operation<"get", P>>) {
  return call("GET", path, args[0] as UntypedOptions | undefined) as Promise<ResponseBody<Operation<"get", P>>>;
}

export function post<P extends PathsWith<"post">>(path: P, ...args: Arguments<Operation<"post", P>>) {
  return call("POST", path, args[0] as UntypedOptions | undefined) as Promise<ResponseBody<Operation<"post", P>>>;
}

export function put<P extends PathsWith<"put">>(path: P, ...args: Arguments<Operation<"put", P>>) {
  return call("PUT", path, args[0] as UntypedOptions | undefined) as Promise<ResponseBody<Operation<"put", P>>>;
}

export function patch<P extends PathsWith<"patch">>(path: P, ...args: Arguments<Operation<"patch", P>>) {
  return call("PATCH", path, args[0] as UntypedOptions | undefined) as Promise<ResponseBody<Operation<"patch", P>>>;
}

export function del<P extends PathsWith<"delete">>(path: P, ...args: Arguments<Operation<"delete", P>>) {
  return call("DELETE", path, args[0] as UntypedOptions | undefined) as Promise<ResponseBody<Operation<"delete", P>>>;
}

/** Send a request. A GET is retried while PixTag is busy; other callers get `Problem.retryAfterSeconds`. */
async function call(method: string, path: string, options: UntypedOptions = {}): Promise<unknown> {
  const response = await authorized(method, path, options);
  return response.status === 204 ? undefined : await bodyOf(response);
}

/** Get a response that isn't JSON, or whose headers are needed. */
export function read(path: string, signal: AbortSignal): Promise<Response> {
  return authorized("GET", path, { signal });
}

async function bodyOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  const version = response.headers.get("ETag");
  if (version !== null && typeof body === "object" && body !== null) {
    versions.set(body, version);
  }
  return body;
}

async function authorized(method: string, path: string, options: UntypedOptions): Promise<Response> {
  try {
    return await dispatch(method, path, options);
  } catch (error) {
    if (isUnreachable(error)) {
      void reachability.check();
    }
    throw error;
  }
}

async function dispatch(method: string, path: string, options: UntypedOptions): Promise<Response> {
  const [url, init] = [urlOf(path, options), initOf(options)];
  const sendNow = method === "GET" ? sendPatiently : send;
  if (path.startsWith("/auth/") && !path.startsWith("/auth/me")) {
    return sendNow(method, url, init);
  }
  try {
    return await sendNow(method, url, withToken(init, await token()));
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && error.kind === "invalid-token") {
      return sendNow(method, url, withToken(init, await renewToken()));
    }
    throw error;
  }
}

function withToken(init: RequestInit, accessToken: string): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${accessToken}` } };
}

function initOf({ header, body, signal }: UntypedOptions): RequestInit {
  const json = body !== undefined && !(body instanceof FormData);
  return {
    headers: { ...(json && { "Content-Type": "application/json" }), ...header },
    ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as FormData) }),
    ...(signal && { signal }),
    cache: "no-store", // so that nothing stays on this computer after signing out
  };
}

/** Return the URL of an operation. Null and undefined query parameters are left out. */
function urlOf(path: string, { path: parts = {}, query = {} }: UntypedOptions): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ""));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) {
      parameters.set(name, String(value));
    }
  }
  return parameters.size ? `${filled}?${parameters}` : filled;
}
