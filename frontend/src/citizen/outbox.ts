import type { Text } from "../common/contract";
import { csrfToken, HttpError } from "../common/http";
import { Signal } from "../common/signal";
import { lang, say } from "../i18n";
import { follow } from "./api";
import { formOf, hasContent, newDraft, type Draft, type StepName } from "./draft";
import { forget, keep, keptDraft, keptDrafts } from "./keeping";
import { proof } from "./proof";
import { shrink } from "./shrink";
import { tell } from "./words";

const SEND_TIMEOUT_MS = 120_000;
const RETRY_FIRST_MS = 5_000;
const RETRY_MOST_MS = 300_000;
const MOST_PROOFS = 3;
const KEEPSAKE_PIXELS = 120_000;
const CURRENT = "ioc.draft";
/** Which step mends which refusal. */
const MENDS: Record<string, StepName> = {
  "outside-city": "pin", "bad-position": "pin", "unknown-category": "category",
  "words-too-long": "words", "photo-unreadable": "photo", "photo-broken": "photo",
  "photo-too-large": "photo", "photo-too-many-pixels": "photo", "too-many-photos": "photo",
  "bad-email": "check", "bad-attributes": "details", "bad-attribute": "details",
  "missing-attribute": "details",
};

interface Receipt {
  code: string;
  created_at?: string;
  held?: boolean;
  me_too?: number;
}

async function post(draft: Draft, made: string): Promise<Receipt> {
  let response: Response;
  try {
    response = await fetch("/api/v1/reports", {
      method: "POST", body: formOf(draft, lang.value, made), credentials: "same-origin",
      headers: {
        Accept: "application/json", "Accept-Language": lang.value, "X-CSRFToken": csrfToken(),
      },
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
  } catch {
    throw new HttpError(0, "unreachable", tell("waitingForNet"));
  }
  const body = (await response.json().catch(() => ({}))) as Partial<Receipt> & {
    error?: { code: string; message: string };
  };
  if (response.ok && body.code) return body as Receipt;
  const { code = "http", message = tell("serverSilent") } = body.error ?? {};
  throw new HttpError(response.status, code, message, { after: response.headers.get("Retry-After") });
}

/** Sends it; where the server wants proof of work, works and sends it again. */
async function deliver(draft: Draft): Promise<Receipt> {
  if (draft.follows) {
    return follow(draft.follows, draft.key, draft.email.trim()).catch((error: HttpError) => {
      if (error.status === 0) throw new HttpError(0, error.code, tell("waitingForNet"));
      throw error.status === 404 ? new HttpError(404, "gone", tell("followGone")) : error;
    });
  }
  let made = "";
  for (let turn = 1; ; turn++) {
    try {
      return await post(draft, made);
    } catch (error) {
      const { code } = error as HttpError;
      if (!code.startsWith("proof-") || turn > MOST_PROOFS) throw error;
      made = await proof();
    }
  }
}

/** Every report of this phone. What waits is sent when it can be, each exactly once. */
export class Outbox {
  readonly drafts = new Signal<Draft[]>([]);
  /** False once the browser refused to keep a draft: it then lasts as long as the page. */
  keeps = true;
  /** The draft that is being handed over at this moment: not yet waiting, not yet on its way. */
  handing = "";
  private sending = false;
  private again = false;
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

  /** This phone's own line about a report: sent by it, or followed by it. */
  about(code: string): Draft | undefined {
    return this.drafts.value.find((draft) => draft.code === code || draft.follows === code);
  }

  /** The draft that was being written when the page was last open, else a new one, which is kept
   * at its first change. */
  current(): Draft {
    const open = this.drafts.value.filter((draft) => draft.state === "draft");
    const key = sessionStorage.getItem(CURRENT);
    const draft = open.find((one) => one.key === key) ?? (key === null ? open[0] : undefined);
    return this.take(draft ?? newDraft());
  }

  /** A report apart from those that lie unfinished; an empty one is used again. */
  fresh(): Draft {
    return this.take(this.drafts.value.find((one) => one.state === "draft" && !hasContent(one)) ?? newDraft());
  }

  take(draft: Draft): Draft {
    sessionStorage.setItem(CURRENT, draft.key);
    return draft;
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

  /** Hands a finished draft over, once; resolves when it was sent, refused or left waiting. */
  async submit(draft: Draft): Promise<void> {
    if (draft.state !== "draft" && draft.state !== "refused") return;
    draft.state = "queued";
    draft.problem = "";
    draft.mend = "";
    this.handing = draft.key;
    await this.save(draft);
    await this.flush();
    this.handing = "";
    this.drafts.tell();
  }

  /** "Me too": this phone follows a report that exists, now or when the net is back. */
  async follow(code: string, category: { code: string; title: Text }, draft = newDraft()): Promise<Draft> {
    const known = this.about(code);
    if (known && known.state !== "refused") return known;
    draft.follows = code;
    draft.category = category.code;
    draft.categoryTitle = category.title;
    await this.submit(draft);
    return draft;
  }

  soon(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  async flush(): Promise<void> {
    this.again = true;
    if (this.sending) return;
    this.sending = true;
    try {
      // What was handed over while another was on its way goes in the next round.
      while (this.again) {
        this.again = false;
        await this.round();
      }
    } finally {
      this.sending = false;
    }
  }

  private async round(): Promise<void> {
    for (const draft of [...this.drafts.value].reverse()) {
      if (draft.state !== "queued" || (await this.settledElsewhere(draft))) continue;
      if (!(await this.attempt(draft))) break;
    }
  }

  /** Another tab of this phone deleted it or has sent it. */
  private async settledElsewhere(draft: Draft): Promise<boolean> {
    const kept = this.keeps ? await keptDraft(draft.key) : undefined;
    if (kept === null) this.drafts.value = this.drafts.value.filter((each) => each !== draft);
    else if (kept?.state === "sent") Object.assign(draft, kept);
    else return false;
    this.drafts.tell();
    return true;
  }

  /** False where it is of no use to try the next one now. */
  private async attempt(draft: Draft): Promise<boolean> {
    draft.state = "sending";
    await this.save(draft);
    let later = false;
    try {
      const receipt = await deliver(draft);
      draft.code = receipt.code;
      draft.held = receipt.held ?? false;
      draft.meToo = receipt.me_too ?? 0;
      draft.sentAt = receipt.created_at ?? new Date().toISOString();
      draft.state = "sent";
      draft.problem = "";
      this.waitMs = RETRY_FIRST_MS;
      draft.photos = await keepsakes(draft.photos);
    } catch (error) {
      later = this.failed(draft, error as HttpError);
    }
    await this.save(draft);
    return !later;
  }

  /** True where it can be sent later as it is; else its writer has to mend it. */
  private failed(draft: Draft, said: HttpError): boolean {
    const later = said.status === 0 || said.status === 429 || said.status >= 500;
    draft.state = later ? "queued" : "refused";
    draft.mend = MENDS[said.code] ?? "";
    draft.problem = said.code === "unknown-category" && draft.categoryTitle
      ? tell("categoryRetired", { name: say(draft.categoryTitle) }) : said.message;
    if (!later) return false;
    const after = Number(said.details?.after) * 1000 || this.waitMs;
    this.soon(Math.min(after, RETRY_MOST_MS));
    this.waitMs = Math.min(this.waitMs * 2, RETRY_MOST_MS);
    return true;
  }
}

/** Once sent, the phone keeps a small copy to know the report by; the server has the photos. */
async function keepsakes(photos: Blob[]): Promise<Blob[]> {
  const first = photos[0];
  if (!first) return [];
  return [await shrink(first, KEEPSAKE_PIXELS).catch(() => first)];
}

export const outbox = new Outbox();
