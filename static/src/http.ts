// One request and its failure. Knows nothing of sessions; every failure is a Problem whose message a person can read.

const TIMEOUT_MS = 30_000;
const UNREACHABLE = "PixTag cannot be reached. Check your connection, then try again.";

export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

interface ProblemMembers {
  readonly type?: string;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly position?: number;
}

/** What went wrong and what to do, as the API says it (RFC 9457). Status 0: no answer came. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    message: string,
    readonly status = 0,
    /** The kind, such as `account-not-confirmed`. */
    readonly kind = "unreachable",
    /** When to try again, if the answer says so. */
    readonly retryAfterSeconds: number | null = null,
    readonly faults: readonly Fault[] = [],
    /** The 0-based index of the character at fault in a query. */
    readonly position: number | null = null,
  ) {
    super(message);
  }
}

/** The text to show for whatever was thrown. */
export function wordsFor(error: unknown): string {
  return error instanceof Problem ? error.message : "Something went wrong. Try again.";
}

/** Send a request; every answer that is not 2xx is thrown as a Problem, an abort as what it is. */
export async function send(method: string, url: string, init: RequestInit = {}): Promise<Response> {
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])];
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, method, signal: AbortSignal.any(limits) });
  } catch (error) {
    if (init.signal?.aborted) {
      throw error;
    }
    throw new Problem(UNREACHABLE);
  }
  if (!answer.ok) {
    throw await problemOf(answer);
  }
  return answer;
}

async function problemOf(answer: Response): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as ProblemMembers;
  const retryAfter = Number(answer.headers.get("Retry-After") ?? Number.NaN);
  return new Problem(
    said.detail ?? `PixTag answered with ${answer.status}. Try again in a moment.`,
    answer.status,
    (said.type ?? "").replace("urn:pixtag:", ""),
    Number.isFinite(retryAfter) ? retryAfter : null,
    said.errors ?? [],
    said.position ?? null,
  );
}

/** Wait; an abort ends it with its reason. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
