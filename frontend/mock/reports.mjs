// Field reports of a made-up city: what citizens send, follow, answer and rate, kept in memory.
import { createHash, randomBytes } from "node:crypto";

const text = (vi, en) => ({ vi, en });
const BASE = "/api/v1/reports";
const iso = (ms) => new Date(ms).toISOString();
const HOUR = 3_600_000;
const NOW = Date.now();

const asked = (code, vi, en, datatype, required, values = []) => ({
  variable: true, code, datatype, required, order: 1, description: text(vi, en), datatype_description: text("", ""),
  values: values.map(([key, nvi, nen]) => ({ key, name: text(nvi, nen) })),
});
const CATEGORIES = [
  ["construction-order", "Trật tự xây dựng", "Construction order", "construction", "#e0a23c"],
  ["environment", "Vệ sinh môi trường", "Environmental hygiene", "waste-basket", "#5fa85b"],
  ["traffic", "Hạ tầng giao thông", "Traffic infrastructure", "car", "#d9685b", [
    asked("lane", "Vị trí trên đường", "Where on the road", "singlevaluelist", true, [["middle", "Giữa lòng đường", "Middle of the road"], ["edge", "Sát lề", "At the edge"], ["pavement", "Vỉa hè", "Pavement"]]),
    asked("size", "Rộng khoảng bao nhiêu (m)", "About how wide (m)", "number", false),
  ]],
  ["urban", "Hạ tầng đô thị", "Urban infrastructure", "city", "#4f8fd0"],
  ["security", "An ninh trật tự", "Security and social order", "police", "#8a6fd1"],
  ["tourism", "Dịch vụ du lịch", "Tourism services", "attraction", "#3fa7a0"],
  ["conduct", "Tác phong cán bộ", "Officials' conduct", "town-hall", "#b0798f"],
].map(([code, vi, en, icon, color, attributes = []]) => ({ code, title: text(vi, en), description: text("", ""), icon, color, attributes }));
export const STATES = [
  ["submitted", "Đã gửi", "Submitted", "#f5a524"], ["triaged", "Đã phân loại", "Triaged", "#f5a524"],
  ["assigned", "Đã giao đơn vị", "Assigned", "#56b4e9"], ["in_progress", "Đang xử lý", "In progress", "#56b4e9"],
  ["waiting_for_reporter", "Chờ người gửi", "Waiting for the reporter", "#f0d54e"],
  ["waiting_for_third_party", "Chờ bên thứ ba", "Waiting for a third party", "#f0d54e"],
  ["planned", "Đã lên kế hoạch", "Planned", "#8fa8ff"], ["resolved", "Đã giải quyết", "Resolved", "#3fb68b"],
  ["rejected", "Không tiếp nhận", "Rejected", "#7b8aa3"], ["duplicate", "Trùng lặp", "Duplicate", "#7b8aa3"],
  ["reopened", "Mở lại", "Reopened", "#e4572e"],
].map(([value, vi, en, color]) => ({ value, title: text(vi, en), color, shape: /resolved|rejected|duplicate/.test(value) ? "circle" : "drop" }));
export const CHOICES = CATEGORIES.map((c) => ({ value: c.code, title: c.title, color: c.color, shape: "drop" }));
const state = (value) => { const { title } = STATES.find((s) => s.value === value); return { value, title }; };
const CLOSED = ["resolved", "rejected", "duplicate"];
const WARDS = ["Thuận Hóa", "Phú Xuân", "Vỹ Dạ", "Kim Long", "An Cựu", "Thủy Xuân", "Hương An", "Dương Nỗ", "Mỹ Thượng", "Thuận An"].map((name, i) => ({ code: `w${i}`, title: text(name, name) }));
const AGENCIES = ["Công ty Môi trường và Công trình đô thị", "Sở Xây dựng", "Công an thành phố", "Sở Du lịch"].map((name, i) => ({ code: `a${i}`, title: text(name, ["Urban Environment Company", "Department of Construction", "City Police", "Department of Tourism"][i]) }));
const WORDS = ["Ổ gà sâu trước số nhà 12, xe máy dễ ngã.", "Rác chưa thu gom ba ngày, mùi rất khó chịu.", "Đèn đường không sáng cả đoạn dài.", "Cống nghẹt, nước ngập vỉa hè mỗi khi mưa.", "Cây gãy chắn lối đi bộ.", "Vật liệu xây dựng lấn hết vỉa hè."];
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

function random(seed) {
  let a = seed * 2654435761;
  return () => { a = (a + 0x6d2b79f5) | 0; let t = Math.imul(a ^ (a >>> 15), 1 | a); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
}
const codeOf = (r) => `HUE-${Array.from({ length: 6 }, (_, i) => (i === 4 ? "-" : "") + ALPHABET[Math.floor(r() * 31)]).join("")}`;

const reports = Array.from({ length: 130 }, (_, i) => {
  const r = random(300 + i);
  const s = STATES[[0, 2, 3, 3, 7, 6, 2, 7, 4, 10, 7, 8][i % 12]].value;
  const created = NOW - (i ** 1.6 * 0.35 + r() * 3) * HOUR;
  const category = CATEGORIES[[2, 1, 3, 3, 1, 0, 4, 2, 5][i % 9]];
  return {
    code: codeOf(r), lon: 107.545 + Math.floor(r() * 40) * 0.002 + 0.001, lat: 16.435 + Math.floor(r() * 36) * 0.0018 + 0.0009,
    category, state: s, created, changed: created + r() * HOUR, overdue: !CLOSED.includes(s) && i % 5 === 3, me_too: i % 3 ? 0 : 1 + Math.floor(r() * 11),
    district: WARDS[i % WARDS.length], agency: s === "submitted" ? null : AGENCIES[i % AGENCIES.length], words: i % 3 === 2 ? null : WORDS[i % WORDS.length],
    thumb: i % 4 === 3 ? null : `${BASE}/photos/m${i % 6}/thumb.jpg`, key: null, followers: new Map(), steps: null, question: null, photos: [], satisfied: "",
  };
});

// One report in each condition that a follow page has to show.
const show = (n, code, changes) => Object.assign(reports[n], { code, key: "any" }, changes);
show(4, "HUE-ASKS-23", { state: "waiting_for_reporter", category: CATEGORIES[2], overdue: false, question: { seq: 4, words: "Ổ gà nằm ở làn xe phía sông hay phía nhà dân? Anh chị chụp thêm giúp một tấm có số nhà.", at: iso(NOW - HOUR) } });
show(7, "HUE-DNE2-23", { state: "resolved", category: CATEGORIES[2], overdue: false });
show(9, "HUE-LATE-23", { state: "in_progress", category: CATEGORIES[1], overdue: true, me_too: 7, key: null });
show(16, "HUE-DUPE-23", { state: "duplicate", duplicate_of: "HUE-LATE-23", key: null, overdue: false });

const photo = (n) => ({ url: `${BASE}/photos/m${n}/photo.jpg`, thumb: `${BASE}/photos/m${n}/thumb.jpg`, width: 1600, height: 1200 });
function stepsOf(r) {
  if (r.steps) return r.steps;
  const rows = [["submitted", "reporter", ""], ["triaged", "centre", ""], ["assigned", "centre", ""], ["in_progress", "agency", "Đội duy tu đã xem hiện trường và rào tạm chỗ hư."]];
  const path = { submitted: 1, triaged: 2, assigned: 3, in_progress: 4, resolved: 4, waiting_for_reporter: 4, planned: 4, reopened: 4, rejected: 2, duplicate: 2, waiting_for_third_party: 4 }[r.state];
  const list = rows.slice(0, path);
  if (path === 4 && r.state !== "in_progress") list.push([r.state, "agency", r.state === "resolved" ? "Đã vá nhựa xong, mặt đường êm. Cảm ơn anh chị đã báo." : r.question?.words ?? ""]);
  else if (r.state !== list.at(-1)[0]) list.push([r.state, "centre", ""]);
  r.steps = list.map(([s, by, words], i) => ({ seq: i + 1, at: iso(r.created + i * 2.2 * HOUR), kind: "state", state: s, title: state(s).title, words, by, agency: by === "agency" ? r.agency ?? AGENCIES[0] : null, photos: s === "resolved" ? [photo(5), photo(4)] : [] }));
  return r.steps;
}

const publicOf = (r) => ({ code: r.code, url: `/r/${r.code}`, lon: r.lon, lat: r.lat, category: r.category, state: state(r.state), created_at: iso(r.created), changed_at: iso(r.changed), overdue: r.overdue, me_too: r.me_too, district: r.district, agency: r.agency, words: r.words, thumb: r.thumb });

function followed(r, key) {
  const mine = r.key === "any" || (key && r.key === key);
  const closed = CLOSED.includes(r.state);
  const can = [...(mine && r.question ? ["answer"] : []), ...(mine && r.state === "resolved" && !r.satisfied ? ["rate", "dispute"] : []), ...(!mine && !closed ? [r.followers.has(key) ? "unfollow" : "follow"] : [])];
  return {
    ...publicOf(r), steps: stepsOf(r), mine: Boolean(mine), synthetic: true, emergency: mine ? false : null,
    words: mine ? r.words ?? WORDS[0] : r.words, photos: mine ? (r.photos.length ? r.photos : [photo(0)]) : r.thumb ? [photo(Number(/m(\d)/.exec(r.thumb)[1]))] : [],
    due_at: closed || r.state === "submitted" ? null : iso(r.overdue ? NOW - 52 * HOUR : NOW + 30 * HOUR), question: mine ? r.question : null, can,
    duplicate_of: r.duplicate_of ?? null, parts: [], satisfied: r.satisfied, following: r.followers.has(key), rate_until: iso(NOW + 160 * HOUR),
  };
}

/** A street in the shape of a photo, so that lists have something to show. */
function picture(n) {
  const hue = [205, 24, 215, 140, 200, 33][n];
  const thing = [
    `<ellipse cx="170" cy="232" rx="72" ry="22" fill="#23262b"/><ellipse cx="176" cy="228" rx="56" ry="14" fill="#3b3a38"/>`,
    `<g fill="#2f6b3c"><path d="M120 238l10-66h70l10 66z"/><rect x="112" y="160" width="106" height="14" rx="5"/></g><circle cx="228" cy="232" r="18" fill="#7a4d2b"/><circle cx="96" cy="236" r="14" fill="#c9b458"/>`,
    `<rect x="186" y="60" width="8" height="180" fill="#44484f"/><path d="M190 62h-58v8h58z" fill="#44484f"/><ellipse cx="132" cy="74" rx="16" ry="8" fill="#22262c"/>`,
    `<path d="M0 226q100-22 200 0t200-4v78H0z" fill="#4e7fa6" opacity=".85"/><path d="M0 250q100-16 200 0t200-4v54H0z" fill="#6f9cc0" opacity=".7"/>`,
    `<path d="M60 244q90-92 240-66l-6 18q-130-18-214 60z" fill="#5b4330"/><g fill="#3e7a45"><circle cx="300" cy="178" r="42"/><circle cx="262" cy="166" r="30"/></g>`,
    `<path d="M110 246l60-92 74 92z" fill="#c9a45c"/><rect x="230" y="206" width="74" height="40" fill="#b0653f"/><path d="M230 219h74M230 232h74M254 206v40M280 206v40" stroke="#7e4428" stroke-width="3"/>`,
  ][n];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="1600" height="1200"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="hsl(${hue} 48% 72%)"/><stop offset="1" stop-color="hsl(${hue} 40% 90%)"/></linearGradient><linearGradient id="r" x2="0" y2="1"><stop stop-color="#7d8187"/><stop offset="1" stop-color="#55595f"/></linearGradient></defs><rect width="400" height="300" fill="url(#s)"/><g fill="hsl(${hue} 14% 58%)"><rect x="0" y="96" width="76" height="90"/><rect x="84" y="70" width="60" height="116"/><rect x="262" y="84" width="64" height="102"/><rect x="332" y="60" width="68" height="126"/></g><g fill="hsl(${hue} 20% 78%)"><rect x="14" y="112" width="16" height="20"/><rect x="44" y="112" width="16" height="20"/><rect x="98" y="90" width="14" height="18"/><rect x="278" y="102" width="14" height="18"/><rect x="350" y="80" width="14" height="18"/><rect x="374" y="80" width="14" height="18"/></g><rect y="180" width="400" height="12" fill="#b9bdc1"/><rect y="190" width="400" height="110" fill="url(#r)"/><path d="M200 192l-10 108h20z" fill="#e9e4d2" opacity=".5"/>${thing}</svg>`;
}

function statistics(by) {
  const rows = ({ ward: WARDS, category: CATEGORIES.map((c) => ({ code: c.code, title: c.title })), agency: AGENCIES })[by].map((one, i) => {
    const r = random(70 + i);
    const received = Math.round(8 + 900 * (1 - i / 11) ** 2 * (0.6 + r() * 0.5));
    const closed = Math.round(received * (0.82 + r() * 0.16));
    const few = closed < 60;
    return { key: one.code, timed: closed, in_time: 0, satisfied: 0, title: one.title, received, closed, open: received - closed, in_time_share: few ? null : 0.72 + r() * 0.26, median_h: few ? null : 6 + r() * 60, satisfied_share: few ? null : 0.7 + r() * 0.28, rated: Math.round(closed * 0.4), rank: few ? null : i + 1 };
  });
  const shares = rows.filter((row) => row.rank).map((row) => row.in_time_share).sort((a, b) => b - a);
  for (const row of rows) if (row.rank) row.rank = 1 + shares.indexOf(row.in_time_share);
  const sum = (f) => rows.reduce((n, row) => n + f(row), 0);
  return { by, from: "", to: "", min_count: 60, as_of: iso(Date.now()), totals: { received: sum((r) => r.received), closed: sum((r) => r.closed), timed: sum((r) => r.closed), in_time: Math.round(sum((r) => r.closed) * 0.936), rated: sum((r) => r.rated), satisfied: Math.round(sum((r) => r.rated) * 0.908) }, rows };
}

function list(query) {
  let rows = reports.filter((r) => !r.held);
  const is = (name, test) => { const value = query.get(name); if (value) rows = rows.filter((r) => test(r, value)); };
  is("category", (r, v) => r.category.code === v);
  is("state", (r, v) => r.state === v);
  is("district", (r, v) => r.district.code === v);
  is("open", (r, v) => CLOSED.includes(r.state) === (v === "false"));
  is("overdue", (r) => r.overdue);
  is("since", (r, v) => r.created >= Date.parse(v));
  is("bbox", (r, v) => { const [w, s, e, n] = v.split(",").map(Number); return r.lon >= w && r.lon <= e && r.lat >= s && r.lat <= n; });
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 40);
  return { reports: rows.slice(from, to).map(publicOf), next: to < rows.length ? String(to) : null };
}

const readBody = (req) => new Promise((resolve) => { const parts = []; req.on("data", (p) => parts.push(p)); req.on("end", () => resolve(Buffer.concat(parts))); });
const fieldOf = (body, name) => new RegExp(`name="${name}"\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--`).exec(body.toString("utf8"))?.[1] ?? "";
const spent = new Set();
const wanted = process.env.PROOF === "1";

function riddle() {
  const salt = `${randomBytes(12).toString("hex")}?expires=${Math.floor(Date.now() / 1000) + 600}&`;
  const number = Math.floor(Math.random() * 50_000);
  return { algorithm: "SHA-256", challenge: createHash("sha256").update(salt + number).digest("hex"), salt, maxNumber: 50_000, maxnumber: 50_000, signature: "0" };
}

function proved(field) {
  if (!field) return "proof-needed";
  const { challenge, salt, number } = JSON.parse(Buffer.from(field, "base64"));
  if (createHash("sha256").update(salt + number).digest("hex") !== challenge) return "proof-wrong";
  return spent.has(challenge) ? "proof-spent" : (spent.add(challenge), "");
}

async function take(req) {
  const body = await readBody(req);
  const key = fieldOf(body, "client_key");
  const known = reports.find((r) => r.key === key);
  const problem = !known && wanted && proved(fieldOf(body, "proof"));
  if (problem) return [{ error: { code: problem, message: "Cần chứng minh." } }, 403];
  const category = CATEGORIES.find((c) => c.code === fieldOf(body, "category"));
  if (!category) return [{ error: { code: "unknown-category", message: "Loại phản ánh này không còn." } }, 422];
  const made = known ?? { ...reports[0], code: codeOf(random(Date.now())), key, category, words: null, lon: Number(fieldOf(body, "lon")), lat: Number(fieldOf(body, "lat")), state: "submitted", created: Date.now(), changed: Date.now(), overdue: false, me_too: 0, agency: null, thumb: null, steps: null, followers: new Map(), photos: [] };
  if (!known) reports.unshift(made);
  return [{ ...publicOf(made), category: category.code, state: "submitted", held: false }, 201];
}

function changed(r, to, by, words) {
  stepsOf(r).push({ seq: r.steps.length + 1, at: iso(Date.now()), kind: to, state: to, title: state(to).title, words, by, agency: null, photos: [] });
  r.state = to;
}

async function act(r, verb, req) {
  const body = await readBody(req);
  const form = body.toString("utf8").startsWith("{") ? JSON.parse(body) : { words: fieldOf(body, "words") };
  if (verb === "follow") { r.followers.set(form.client_key, 1); r.me_too++; return { code: r.code, me_too: r.me_too }; }
  if (verb === "unfollow") { if (r.followers.delete(form.client_key)) r.me_too--; return {}; }
  if (verb === "answer") { r.question = null; changed(r, "in_progress", "reporter", form.words); return {}; }
  if (form.verdict === "not_satisfied") changed(r, "reopened", "reporter", form.reason);
  else r.satisfied = form.verdict;
  return {};
}

let read = false;
const LETTERS = [["Ổ gà ở Lê Lợi đã được vá", "Đơn vị xử lý đã trả lời phản ánh HUE-DNE2-23 kèm ảnh kết quả. Bạn có thể cho biết kết quả thế nào.", "/r/HUE-DNE2-23"], ["Đơn vị xử lý hỏi bạn", "Ổ gà nằm ở làn xe phía sông hay phía nhà dân?", "/r/HUE-ASKS-23"], ["Phản ánh đã được giao", "Sở Xây dựng đã nhận phản ánh HUE-ASKS-23.", "/r/HUE-ASKS-23"]];

/** What the map's layer of reports holds. */
export const features = () => reports.slice(0, 60).map((r, i) => ({ l: "reports", id: String(i), op: "upsert", t: r.created / 1000, p: [r.lon, r.lat], a: { code: r.code, state: r.state, category_id: r.category.code, icon: r.category.icon, overdue: r.overdue, synthetic: true } }));

/** True where the request was one of ours. */
export async function handleReports(req, res, url, json) {
  const { pathname: path, searchParams: query } = url;
  if (!path.startsWith(BASE)) return false;
  const rest = path.slice(BASE.length);
  let m;
  if (rest === "" && req.method === "POST") json(res, ...(await take(req)));
  else if (rest === "/categories") json(res, CATEGORIES);
  else if (rest === "/challenge") json(res, wanted ? riddle() : {});
  else if (rest === "/nearby") json(res, reports.filter((r) => !CLOSED.includes(r.state)).sort((a, b) => Number(b.category.code === query.get("category")) - Number(a.category.code === query.get("category"))).slice(0, 3).map((r, i) => ({ ...publicOf(r), score: 0.9 - i / 10 })));
  else if (rest === "/public") json(res, list(query));
  else if (rest === "/statistics") json(res, statistics(query.get("by")));
  else if (rest === "/mine") json(res, { reports: [["HUE-ASKS-23", false], ["HUE-DNE2-23", false], ["HUE-LATE-23", true]].map(([code, following]) => { const r = reports.find((one) => one.code === code); return { ...publicOf(r), following, question: Boolean(r.question) }; }) });
  else if (rest === "/push/key") json(res, { public_key: "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U" });
  else if (rest === "/push") json(res, {});
  else if (rest === "/inbox") json(res, { messages: LETTERS.map(([subject, body, to], i) => ({ id: i, subject, body, url: to, at: iso(NOW - (i * 7 + 1) * HOUR), read: read || i > 1 })), unread: read ? 0 : 2 });
  else if (rest === "/inbox/read") { read = true; json(res, {}); }
  else if ((m = /^\/photos\/m(\d)\//.exec(rest))) { res.writeHead(200, { "Content-Type": "image/svg+xml" }); res.end(picture(Number(m[1]))); }
  else if ((m = /^\/by-code\/([\w-]+)(?:\/(\w+))?$/.exec(rest))) {
    const r = reports.find((one) => one.code === m[1].toUpperCase());
    if (!r) json(res, { error: { code: "not-found", message: "Không có phản ánh này." } }, 404);
    else if (m[2]) json(res, await act(r, m[2], req));
    else json(res, followed(r, req.headers["x-report-key"]));
  } else json(res, { error: { code: "not-found", message: path } }, 404);
  return true;
}
