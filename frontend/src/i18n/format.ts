import { lang, t } from ".";

let timeZone = "Asia/Ho_Chi_Minh";

/** Everything on screen is in the city's own zone, wherever the screen stands. */
export function setTimeZone(zone: string): void {
  timeZone = zone;
  parts.clear();
}

const parts = new Map<string, Intl.DateTimeFormat>();

function pieces(at: Date): Record<string, string> {
  let format = parts.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    parts.set(timeZone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/** A Date from ISO text or epoch seconds; null when it is neither. */
export function toDate(value: unknown): Date | null {
  if (value === null || value === undefined || value === "") return null;
  const date = typeof value === "number" ? new Date(value * 1000) : new Date(String(value));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** `21/11/2026 19:05` */
export function dateTime(value: unknown): string {
  const date = toDate(value);
  if (!date) return "–";
  const p = pieces(date);
  return `${p.day}/${p.month}/${p.year} ${p.hour}:${p.minute}`;
}

/** `21/11 19:05` */
export function dayTime(value: unknown): string {
  const date = toDate(value);
  if (!date) return "–";
  const p = pieces(date);
  return `${p.day}/${p.month} ${p.hour}:${p.minute}`;
}

/** `19:05`, or with seconds `19:05:42` */
export function clock(value: unknown, seconds = false): string {
  const date = toDate(value);
  if (!date) return "–";
  const p = pieces(date);
  return seconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`;
}

/** `21/11/2026` */
export function day(value: unknown): string {
  return dateTime(value).split(" ")[0] ?? "–";
}

const numbers = new Map<string, Intl.NumberFormat>();

/** Decimal comma in Vietnamese, point in English; at most `digits` decimals. */
export function number(value: unknown, digits = 2, fixed = false): string {
  const n = typeof value === "string" ? Number(value) : value;
  if (typeof n !== "number" || !Number.isFinite(n)) return "–";
  const key = `${lang.value}/${digits}/${fixed}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(lang.value === "vi" ? "vi-VN" : "en-GB", {
      maximumFractionDigits: digits, minimumFractionDigits: fixed ? digits : 0,
    });
    numbers.set(key, format);
  }
  return format.format(n);
}

/** A measure with its unit; a knot stays `kn` on screen in both languages. */
export function measure(value: unknown, unit: string): string {
  // A number without a unit may be a name (an MMSI): it is not grouped.
  if (!unit && Number.isInteger(Number(value)) && value !== null && value !== "") return String(value);
  const whole = Number.isInteger(Number(value));
  const digits = unit === "m" ? 2 : unit === "°" ? 0 : unit === "" ? 2 : 1;
  const text = number(value, digits, unit === "m" && !whole);
  return unit ? `${text}${unit === "°" || unit === "%" ? "" : "\u00a0"}${unit}` : text;
}

/** "3 phút trước", as of `now` in milliseconds. */
export function ago(value: unknown, now: number): string {
  const date = toDate(value);
  if (!date) return t("time.never");
  const s = Math.round((now - date.getTime()) / 1000);
  if (s < 0) return dayTime(value);
  if (s < 45) return t("time.now");
  if (s < 3600) return t("time.minutes", { n: Math.max(1, Math.round(s / 60)) });
  if (s < 86_400) return t("time.hours", { n: Math.round(s / 3600) });
  return t("time.days", { n: Math.round(s / 86_400) });
}

const METRES_PER_NAUTICAL_MILE = 1852;

/** Metres below a kilometre, else kilometres. */
export function distance(m: number): string {
  return m < 1000 ? `${number(m, 0)} m` : `${number(m / 1000, m < 10_000 ? 2 : 1)} km`;
}

export function nauticalMiles(m: number): string {
  const unit = lang.value === "vi" ? "hải lý" : "nm";
  return `${number(m / METRES_PER_NAUTICAL_MILE, 2)} ${unit}`;
}

export function area(m2: number): string {
  return m2 < 100_000 ? `${number(m2, 0)} m²` : `${number(m2 / 1e6, 2)} km²`;
}

/** `16,46780 N 107,59050 E`, as one would read it out. */
export function position(lon: number, lat: number): string {
  return `${number(Math.abs(lat), 5, true)}°${lat < 0 ? "S" : "N"} ` +
    `${number(Math.abs(lon), 5, true)}°${lon < 0 ? "W" : "E"}`;
}
