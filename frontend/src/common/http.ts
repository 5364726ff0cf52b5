import { lang } from "../i18n";

/** The server said no, or could not be reached (`status` 0). `message` is meant for a person. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 20_000;

async function refuse(response: Response): Promise<never> {
  let details: Record<string, unknown> = {};
  try {
    details = (await response.json())?.error ?? {};
  } catch {
    // Not JSON (a proxy's page, perhaps): the status alone has to do.
  }
  const message = typeof details.message === "string" ? details.message : `HTTP ${response.status}`;
  throw new HttpError(response.status, String(details.code ?? "http"), message, details);
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const headers = { Accept: "application/json", "Accept-Language": lang.value, ...init.headers };
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init, headers, signal });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new HttpError(0, "unreachable", String(cause));
  }
  return response.ok ? response : refuse(response);
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  return (await ask(url, { signal })).json() as Promise<T>;
}

export async function getBytes(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await ask(url, { signal, headers: { Accept: "*/*" } });
  return response.status === 204 ? new ArrayBuffer(0) : response.arrayBuffer();
}

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

/** Sends JSON or a form; a session's unsafe calls carry Django's token. */
export async function send<T>(
  url: string,
  body: FormData | object = {},
  method = "POST",
  signal?: AbortSignal,
): Promise<T> {
  const form = body instanceof FormData;
  const headers: Record<string, string> = { "X-CSRFToken": csrfToken() };
  if (!form) headers["Content-Type"] = "application/json";
  const response = await ask(url, {
    method, headers, signal, body: form ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}
