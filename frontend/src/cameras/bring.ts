import { csrfToken, HttpError } from "../common/http";
import { lang } from "../i18n";
import type { Brought } from "./contract";

/** Sends a clip as it is; `told` hears the share that has gone. Fetch tells no progress of what it sends. */
export function bring(file: File, told: (share: number) => void, signal: AbortSignal): Promise<Brought> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/vision/clips");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept-Language", lang.value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => told(event.loaded / Math.max(1, event.total));
    request.onerror = () => fail(new HttpError(0, "unreachable", "clip"));
    request.onabort = () => fail(new DOMException("cancelled", "AbortError"));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 200) done(answer as Brought);
      else fail(new HttpError(request.status, String(answer?.error?.code ?? "http"), answer?.error?.message ?? `HTTP ${request.status}`));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
