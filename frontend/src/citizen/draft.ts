import type { Text } from "../common/contract";

export interface Category {
  code: string;
  title: Text;
  icon: string;
  color: string;
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
  photos: Blob[];
  lon: number | null;
  lat: number | null;
  accuracyM: number | null;
  category: string;
  words: string;
  emergency: boolean;
  /** What the server or the net said last, for a person. */
  problem: string;
  /** The step that mends the problem, where there is one. */
  mend: StepName | "";
  code: string;
}

export type StepName = "photo" | "pin" | "category" | "nearby" | "words" | "check";
export const MAX_PHOTOS = 3;
export const MAX_WORDS = 2000;

export function newDraft(): Draft {
  return {
    key: uuid(), state: "draft", madeAt: new Date().toISOString(), photos: [],
    lon: null, lat: null, accuracyM: null, category: "", words: "", emergency: false,
    problem: "", mend: "", code: "",
  };
}

/** `crypto.randomUUID` is missing where the page came over plain HTTP from another machine. */
function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Whether anything would be lost if the draft were thrown away. */
export function hasContent(draft: Draft): boolean {
  return draft.photos.length > 0 || draft.category !== "" || draft.words.trim() !== "";
}

/** The form as the server takes it. Both of the phone's times go along, so that a clock that is
 * off can be told from a draft that waited. */
export function formOf(draft: Draft, language: string): FormData {
  const form = new FormData();
  const fields: Record<string, string> = {
    client_key: draft.key, lon: String(draft.lon), lat: String(draft.lat),
    category: draft.category, words: draft.words.trim(), emergency: String(draft.emergency),
    language, device_at: draft.madeAt, sent_at: new Date().toISOString(),
  };
  if (draft.accuracyM !== null) fields.accuracy_m = String(Math.round(draft.accuracyM));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  draft.photos.forEach((photo, n) => form.append("photo", photo, `photo-${n + 1}.jpg`));
  return form;
}
