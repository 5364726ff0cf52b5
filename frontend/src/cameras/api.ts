import { csrfToken, getJson, HttpError, send } from "../common/http";
import { lang } from "../i18n";
import type {
  AuditLine, Camera, CameraEvent, CameraWhole, Checked, ControlPoint, Counted, Discovered, EventWhole, Fit,
  Health, Home, Job, Outcome, Precise, Probed, Reading, Review, RuleData, RuleKind, Titled, Training, TrialLine, ToldStream, Tried,
  Trouble, Watched,
} from "./contract";

const ROOT = "/api/v1/vision";
type Answered = Record<string, string | number | boolean | null | undefined>;

function asked(values: Answered): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== "" && value !== null && value !== undefined) query.set(name, String(value));
  }
  return query.size ? `?${query}` : "";
}

export interface Page<T> { items: T[]; next: string | null }

export const home = () => getJson<Home>(`${ROOT}/home`);
export const kinds = () => getJson<RuleKind[]>(`${ROOT}/rules/kinds`);
export const cameras = (q: Answered = {}, signal?: AbortSignal) =>
  getJson<Page<Camera>>(`${ROOT}/cameras${asked({ limit: 200, ...q })}`, signal);
export const camera = (id: number) => getJson<CameraWhole>(`${ROOT}/cameras/${id}`);
export const health = (id: number, hours: number) => getJson<Health>(`${ROOT}/cameras/${id}/health?hours=${hours}`);
export const addCamera = (values: object) => send<CameraWhole>(`${ROOT}/cameras`, { values });
export const saveCamera = (id: number, values: object, version: number) =>
  send<CameraWhole>(`${ROOT}/cameras/${id}`, { values, version }, "PUT");
export const enable = (id: number, enabled: boolean, version: number) =>
  send<CameraWhole>(`${ROOT}/cameras/${id}/enabled`, { enabled, version }, "PUT");
export const savePoints = (id: number, points: ControlPoint[], version: number) =>
  send<CameraWhole>(`${ROOT}/cameras/${id}/calibration`, { points, version }, "PUT");
export const saveRules = (id: number, rules: RuleData[], version: number) =>
  send<CameraWhole>(`${ROOT}/cameras/${id}/rules`, { rules, version }, "PUT");
export const fit = (points: ControlPoint[], signal: AbortSignal) =>
  send<Fit>(`${ROOT}/calibration`, { points }, "POST", signal);
export const check = (rules: RuleData[], signal: AbortSignal) =>
  send<Checked>(`${ROOT}/rules/check`, { rules }, "POST", signal);
export const recordings = () => getJson<{ name: string; bytes: number }[]>(`${ROOT}/recordings`);
export const probe = (body: { address: string; username: string; password: string }) =>
  send<Job<Probed>>(`${ROOT}/probe`, body);
export const look = (id: number) => send<Job<Probed>>(`${ROOT}/cameras/${id}/probe`);
export const askClear = (id: number, reason: string) => send<Job<Probed>>(`${ROOT}/cameras/${id}/clear`, { reason });
export const tryRules = (id: number, body: object) => send<Job<Tried>>(`${ROOT}/cameras/${id}/trials`, body);
export const trials = (id: number, cursor = "") => getJson<Page<TrialLine>>(`${ROOT}/cameras/${id}/trials${asked({ cursor, limit: 12 })}`);
export const frame = (id: number) => getJson<{ job: Job<Probed> | null }>(`${ROOT}/cameras/${id}/frame`);
export const askFrame = (id: number) => send<Job<Probed>>(`${ROOT}/cameras/${id}/frame`);
export const troubles = (q: Answered) => getJson<Page<Trouble>>(`${ROOT}/cameras/troubles${asked(q)}`);
export const networks = () => getJson<string[]>(`${ROOT}/discovery`);
export const discover = (network: string) => send<Job<{ cameras: Discovered[] }>>(`${ROOT}/discovery`, { network });
export const askStreams = (body: { service: string; username: string; password: string }) =>
  send<Job<{ streams: ToldStream[] }>>(`${ROOT}/discovery/streams`, body);
export const audit = (q: Answered, signal?: AbortSignal) =>
  getJson<Page<AuditLine> & { acts: Titled[] }>(`${ROOT}/audit${asked(q)}`, signal);
export const training = () => getJson<Training>(`${ROOT}/training`);
export const job = <T>(id: number) => getJson<Job<T>>(`${ROOT}/jobs/${id}`);
export const cancelJob = <T>(id: number) => send<Job<T>>(`${ROOT}/jobs/${id}/cancel`);
export const trialPicture = (id: number, n: number): string => `${ROOT}/jobs/${id}/pictures/${n}.jpg`;
export const events = (q: Answered, signal?: AbortSignal) =>
  getJson<Page<CameraEvent> & { can: { review: boolean } }>(`${ROOT}/events${asked(q)}`, signal);
export const event = (id: number) => getJson<EventWhole>(`${ROOT}/events/${id}`);
export const provenUrl = (q: Answered): string => `${ROOT}/events/proven.csv${asked(q)}`;
export const precision = (q: Answered = {}) => getJson<{ rows: Precise[]; few_below: number }>(`${ROOT}/precision${asked(q)}`);
export const counts = (q: Answered, signal?: AbortSignal) =>
  getJson<{ step: string; rows: Counted[]; watched: Watched[] }>(`${ROOT}/counts/series${asked(q)}`, signal);
export const searchPlate = (plate: string, reason: string) =>
  send<{ readings: Reading[] }>(`${ROOT}/plates/search`, { plate, reason });
export const plateText = (id: number, reason: string) => send<{ text: string }>(`${ROOT}/plates/${id}/text`, { reason });
export const undoReviews = (key: string) => send<{ results: Outcome[] }>(`${ROOT}/reviews/undo`, { key });

export interface Said { items: { id: number; version: number }[]; review: Review; reason: string; right_class: string; key: string }
export const review = (body: Said) => send<{ results: Outcome[] }>(`${ROOT}/reviews`, body);

/** A clear picture as an address of this page; `release` it. Each call is in the audit. */
export async function clearPicture(path: string, reason: string): Promise<string> {
  const response = await fetch(`${ROOT}/${path}`, {
    method: "POST", credentials: "same-origin", body: JSON.stringify({ reason }),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "Accept-Language": lang.value },
  }).catch((cause) => { throw new HttpError(0, "unreachable", String(cause)); });
  if (!response.ok) {
    const told = await response.json().catch(() => ({}));
    throw new HttpError(response.status, String(told?.error?.code ?? "http"), told?.error?.message ?? `HTTP ${response.status}`);
  }
  return URL.createObjectURL(await response.blob());
}
