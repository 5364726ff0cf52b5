import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import { lang } from "../i18n";
import { formOf, newDraft, type Draft, type StepName } from "./draft";
import { forget, keep, keptDrafts } from "./keeping";
import { tell } from "./words";

const SEND_TIMEOUT_MS = 120_000;
const RETRY_FIRST_MS = 5_000;
const RETRY_MOST_MS = 300_000;
/** Which step mends which refusal. */
const MENDS: Record<string, StepName> = {
  "outside-city": "pin", "bad-position": "pin", "unknown-category": "category",
  "words-too-long": "words", "photo-unreadable": "photo", "photo-broken": "photo",
  "photo-too-large": "photo", "photo-too-many-pixels": "photo", "too-many-photos": "photo",
};

async function post(draft: Draft): Promise<{ code: string }> {
  let response: Response;
  try {
    response = await fetch("/api/v1/reports", {
      method: "POST", body: formOf(draft, lang.value), credentials: "same-origin",
      headers: { Accept: "application/json", "Accept-Language": lang.value },
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
  } catch {
    throw new HttpError(0, "unreachable", tell("waitingForNet"));
  }
  const body = (await response.json().catch(() => ({}))) as {
    code?: string;
    error?: { code: string; message: string };
  };
  if (response.ok && body.code) return { code: body.code };
  const { code = "http", message = tell("serverSilent") } = body.error ?? {};
  throw new HttpError(response.status, code, message, { after: response.headers.get("Retry-After") });
}

/** Every report of this phone. What waits is sent when it can be, each exactly once. */
export class Outbox {
  readonly drafts = new Signal<Draft[]>([]);
  /** False once the browser refused to keep a draft: it then lasts as long as the page. */
  keeps = true;
  private sending = false;
  private timer = 0;
  private waitMs = RETRY_FIRST_MS;

  async start(): Promise<void> {
    const kept = await keptDrafts();
    // A page that closed while sending cannot know how it ended; the key makes asking again safe.
    for (const draft of kept) if (draft.state === "sending") draft.state = "queued";
    this.drafts.value = [...this.drafts.value, ...kept];
    addEventListener("online", () => this.soon(0));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.soon(0);
    });
    this.soon(0);
  }

  get(key: string): Draft | undefined {
    return this.drafts.value.find((draft) => draft.key === key);
  }

  /** The draft that was left unfinished, else a new one that is kept at its first change. */
  unfinished(): Draft {
    return this.drafts.value.find((draft) => draft.state === "draft") ?? newDraft();
  }

  async save(draft: Draft): Promise<void> {
    if (!this.get(draft.key)) this.drafts.value = [draft, ...this.drafts.value];
    else this.drafts.tell();
    this.keeps = (await keep(draft)) && this.keeps;
  }

  async remove(draft: Draft): Promise<void> {
    this.drafts.value = this.drafts.value.filter((each) => each.key !== draft.key);
    await forget(draft.key);
  }

  /** Hands a finished draft over; resolves once it was sent, refused or left waiting. */
  async submit(draft: Draft): Promise<void> {
    draft.state = "queued";
    draft.problem = "";
    draft.mend = "";
    await this.save(draft);
    await this.flush();
  }

  soon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (const draft of [...this.drafts.value].reverse()) {
        if (draft.state === "queued" && !(await this.attempt(draft))) break;
      }
    } finally {
      this.sending = false;
    }
  }

  /** False where it is of no use to try the next one now. */
  private async attempt(draft: Draft): Promise<boolean> {
    draft.state = "sending";
    await this.save(draft);
    try {
      draft.code = (await post(draft)).code;
      draft.state = "sent";
      draft.problem = "";
      this.waitMs = RETRY_FIRST_MS;
    } catch (error) {
      const said = error as HttpError;
      const later = said.status === 0 || said.status === 429 || said.status >= 500;
      draft.state = later ? "queued" : "refused";
      draft.problem = said.message;
      draft.mend = MENDS[said.code] ?? "";
      if (later) {
        const after = Number(said.details.after) * 1000 || this.waitMs;
        this.soon(Math.min(after, RETRY_MOST_MS));
        this.waitMs = Math.min(this.waitMs * 2, RETRY_MOST_MS);
      }
    }
    await this.save(draft);
    return draft.state !== "queued";
  }
}

export const outbox = new Outbox();
