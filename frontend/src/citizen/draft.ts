import { uuid } from "../common/uuid";
import type { Text } from "../common/contract";
import type { Category } from "./api";

export type { Category } from "./api";

/** What this phone last heard of a report that it sent or follows. */
export interface Standing {
  state: string;
  title: Text;
  at: string;
  overdue: boolean;
  question: boolean;
}

/**
 * A report in this phone's keeping, from the first photo until long after it was sent.
 * `draft` is being written; `queued` waits for the net; `refused` waits for its writer.
 */
export interface Draft {
  /** Made once by this phone: sent twice it is still one report, and it proves who sent it. */
  key: string;
  state: "draft" | "queued" | "sending" | "refused" | "sent";
  madeAt: string;
  /** By the server's clock: a phone's own may be days off. Empty until it was sent. */
  sentAt: string;
  photos: Blob[];
  lon: number | null;
  lat: number | null;
  accuracyM: number | null;
  category: string;
  /** Kept with the code, so that a category that was retired still has a name. */
  categoryTitle: Text | null;
  attributes: Record<string, string | string[]>;
  words: string;
  emergency: boolean;
  email: string;
  /** The report that is followed instead of sending one's own; empty for one's own. */
  follows: string;
  meToo: number;
  /** What the server or the net said last, for a person. */
  problem: string;
  /** The step that mends the problem, where there is one. */
  mend: StepName | "";
  code: string;
  /** Taken, and looked at by a person before it is shown. */
  held: boolean;
  standing: Standing | null;
}

export type StepName = "photo" | "pin" | "category" | "nearby" | "details" | "words" | "check";
export const MAX_PHOTOS = 3;
export const MAX_WORDS = 2000;

export function newDraft(): Draft {
  return {
    key: uuid(), state: "draft", madeAt: new Date().toISOString(), sentAt: "", photos: [],
    lon: null, lat: null, accuracyM: null, category: "", categoryTitle: null, attributes: {},
    words: "", emergency: false, email: "", follows: "", meToo: 0,
    problem: "", mend: "", code: "", held: false, standing: null,
  };
}

/** Whether anything would be lost if the draft were thrown away. */
export function hasContent(draft: Draft): boolean {
  return draft.photos.length > 0 || draft.category !== "" || draft.words.trim() !== "";
}

/** The required questions of the category that have no answer yet. */
export function unanswered(draft: Draft, category: Category | undefined): string[] {
  return (category?.attributes ?? [])
    .filter((one) => one.variable !== false && one.required && !draft.attributes[one.code]?.length)
    .map((one) => one.code);
}

/** The form as the server takes it. Both of the phone's times go along, so that a clock that is
 * off can be told from a draft that waited. */
export function formOf(draft: Draft, language: string, proof: string): FormData {
  const form = new FormData();
  const fields: Record<string, string> = {
    client_key: draft.key, lon: String(draft.lon), lat: String(draft.lat),
    category: draft.category, words: draft.words.trim(), emergency: String(draft.emergency),
    language, device_at: draft.madeAt, sent_at: new Date().toISOString(),
  };
  if (draft.accuracyM !== null) fields.accuracy_m = String(Math.round(draft.accuracyM));
  if (draft.email.trim()) fields.email = draft.email.trim();
  if (Object.keys(draft.attributes).length) fields.attributes = JSON.stringify(draft.attributes);
  if (proof) fields.proof = proof;
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  draft.photos.forEach((photo, n) => form.append("photo", photo, `photo-${n + 1}.jpg`));
  return form;
}
