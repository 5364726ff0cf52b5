// The desk's API over made-up reports: enough to look at the page and click through it.
import { readdirSync, readFileSync } from "node:fs";

const T = (vi, en) => ({ vi, en });
const HOUR = 3_600_000;
const iso = (ms) => new Date(ms).toISOString();
const now = () => Date.now();

const STATES = [
  ["submitted", "Đã gửi", "Submitted", "#f5a524", true], ["triaged", "Đã phân loại", "Triaged", "#f5a524", true],
  ["assigned", "Đã giao đơn vị", "Assigned", "#56b4e9", true], ["in_progress", "Đang xử lý", "In progress", "#56b4e9", true],
  ["waiting_for_reporter", "Chờ người gửi", "Waiting for the reporter", "#f0d54e", true],
  ["waiting_for_third_party", "Chờ bên thứ ba", "Waiting for a third party", "#f0d54e", true],
  ["planned", "Đã lên kế hoạch", "Planned", "#8fa8ff", true], ["resolved", "Đã giải quyết", "Resolved", "#3fb68b", false],
  ["rejected", "Không tiếp nhận", "Rejected", "#7b8aa3", false], ["duplicate", "Trùng lặp", "Duplicate", "#7b8aa3", false],
  ["reopened", "Mở lại", "Reopened", "#e4572e", true],
].map(([value, vi, en, color, open]) => ({ value, title: T(vi, en), color, open }));
const state = (value) => STATES.find((one) => one.value === value);

const CATEGORIES = [
  ["construction", "Trật tự xây dựng", "Construction order", "construction", "#cc79a7"],
  ["hygiene", "Vệ sinh môi trường", "Environmental hygiene", "waste-basket", "#3fb68b"],
  ["traffic", "Hạ tầng giao thông", "Traffic infrastructure", "car", "#f5a524"],
  ["urban", "Hạ tầng đô thị", "Urban infrastructure", "city", "#56b4e9"],
  ["security", "An ninh trật tự", "Security and order", "police", "#8fa8ff"],
].map(([code, vi, en, icon, color]) => ({ code, title: T(vi, en), icon, color }));
const AGENCIES = [
  ["do-thi", "Phòng Quản lý đô thị", "Urban management"], ["moi-truong", "Công ty Môi trường đô thị", "Environment company"],
  ["giao-thong", "Thanh tra giao thông", "Traffic inspectorate"], ["dien-luc", "Điện lực Huế", "Hue power company"],
].map(([code, vi, en]) => ({ code, title: T(vi, en) }));
const WARDS = ["Thuận Hóa", "Phú Xuân", "An Cựu", "Vỹ Dạ", "Kim Long", "Thủy Xuân"].map((name, i) => ({ code: `w${i}`, title: T(name, name) }));
const WORDS = [
  ["traffic", "Ổ gà sâu giữa đường Hùng Vương, hai xe máy đã ngã tối qua", "pothole"],
  ["hygiene", "Rác chưa thu gom ba ngày ở đầu kiệt 42 Nguyễn Huệ, mùi nặng", "rubbish"],
  ["urban", "Đèn đường tắt cả đoạn từ số 12 đến số 40, rất tối", "broken-lamp"],
  ["urban", "Cống nghẹt, nước tràn lên vỉa hè mỗi khi mưa", "flooded"],
  ["construction", "Nhà số 15 dựng rào chắn hết vỉa hè, người đi bộ phải xuống lòng đường", "building-site"],
  ["security", "Nhóm thanh niên tụ tập đua xe sau 22 giờ", "none"],
  ["traffic", "Cây gãy chắn ngang lối đi, vướng dây điện", "none"],
  ["hygiene", "Nước thải đổ thẳng ra sông Hương sau chợ", "rubbish"],
];

const need = (name, type, vi, en, required = true) => ({ name, type, title: T(vi, en), required });
const NOTE = need("private_words", "note", "Ghi chú nội bộ", "Internal note", false);
const WHY = need("private_words", "note", "Lý do (nội bộ)", "Reason (internal)");
const reasons = (...all) => all.map(([code, vi, en]) => ({ code, title: T(vi, en) }));
const move = (vi, en, needs = [], more = {}) => ({ title: T(vi, en), done: T(vi, en), by: ["agency", "centre"], tone: "plain", bulk: false, undoable: true, needs, ...more });
const PRIVATE = reasons(["personal-data", "Lộ thông tin cá nhân", "Personal data"], ["abuse", "Xúc phạm, vu khống", "Abuse or libel"]);
const MOVES = {
  triage: move("Phân loại", "Triage", [need("category", "category", "Loại", "Category", false), need("emergency", "bool", "Khẩn cấp", "Emergency", false), NOTE], { bulk: true }),
  assign: move("Giao đơn vị", "Assign", [need("agency", "agency", "Đơn vị", "Agency"), NOTE], { bulk: true, tone: "primary" }),
  accept: move("Tiếp nhận", "Accept", [], { bulk: true, tone: "primary" }),
  take: move("Giao người xử lý", "Give to an officer", [need("officer", "officer", "Người xử lý", "Officer")], { bulk: true }),
  hand_over: move("Chuyển đơn vị khác", "Hand over", [need("agency", "agency", "Đơn vị", "Agency"), WHY], { bulk: true }),
  send_back: move("Trả lại trung tâm", "Send back", [WHY]),
  ask_reporter: move("Hỏi người gửi", "Ask the reporter", [need("public_words", "words", "Câu hỏi", "Question")]),
  wait_third_party: move("Chờ bên thứ ba", "Wait for a third party", [need("public_words", "words", "Chờ ai, việc gì", "Whom and what for"), need("until", "date", "Đến ngày", "Until")]),
  plan: move("Lên kế hoạch", "Plan", [need("planned_for", "date", "Ngày thực hiện", "Day of the work"), need("public_words", "words", "Sẽ làm gì", "What will be done")]),
  resume: move("Tiếp tục xử lý", "Resume", [NOTE], { bulk: true }),
  resolve: move("Hoàn thành", "Resolve", [need("public_words", "words", "Trả lời người dân", "Answer to the public"), need("photos", "photos", "Ảnh kết quả", "Photos of the result", false)], { tone: "good" }),
  reject: move("Không tiếp nhận", "Reject", [need("reason", "reason", "Lý do", "Reason"), need("public_words", "words", "Trả lời người dân", "Answer to the public")], { tone: "bad", bulk: true }),
  reopen: move("Mở lại", "Reopen", [WHY]),
  join: move("Gộp vào phản ánh khác", "Join to another", [need("into", "code", "Gộp vào mã", "Join to code")], { bulk: true }),
  split: move("Tách việc", "Split into parts", [need("parts", "parts", "Các phần việc", "Parts")], { undoable: false }),
  change: move("Đổi loại, mức độ", "Change category or urgency", [need("category", "category", "Loại", "Category", false), need("emergency", "bool", "Khẩn cấp", "Emergency", false)], { bulk: true }),
  note: move("Ghi chú nội bộ", "Internal note", [need("private_words", "note", "Ghi chú nội bộ", "Internal note")], { bulk: true }),
  release: move("Cho hiển thị", "Release", [NOTE], { bulk: true, tone: "good" }),
  hide: move("Ẩn khỏi công chúng", "Hide from the public", [need("reason", "reason", "Lý do", "Reason"), NOTE], { bulk: true, tone: "bad" }),
  publish: move("Công bố nội dung", "Publish words and photos", [need("words", "text", "Nội dung công bố", "Text to publish", false), need("photos", "photos", "Ảnh công bố", "Photos to publish", false)]),
  redact: move("Che nội dung", "Redact", [need("words", "text", "Nội dung sau khi che", "Words after redaction"), need("reason", "reason", "Lý do", "Reason")]),
};
const REASONS = { reject: reasons(["not-ours", "Không thuộc thẩm quyền", "Not ours to answer"], ["private", "Tranh chấp dân sự", "A private dispute"], ["not-found", "Không tìm thấy tại chỗ", "Not found on the spot"], ["too-little", "Thiếu thông tin", "Too little to go by"]), hide: PRIVATE, redact: PRIVATE, blur: PRIVATE };
const CAN = {
  submitted: ["triage", "assign", "reject", "join", "split", "change"], triaged: ["assign", "reject", "join", "split", "change"],
  assigned: ["accept", "assign", "take", "hand_over", "ask_reporter", "plan", "resolve", "reject", "join", "split", "change"],
  in_progress: ["resolve", "ask_reporter", "wait_third_party", "plan", "take", "hand_over", "reject", "join", "split", "change"],
  waiting_for_reporter: ["resume", "resolve", "hand_over"], waiting_for_third_party: ["resume", "resolve", "plan"], planned: ["resume", "resolve", "ask_reporter"],
  resolved: ["reopen"], rejected: ["reopen"], duplicate: [], reopened: ["accept", "resolve", "assign", "reject"],
};
const TO = { triage: "triaged", assign: "assigned", accept: "in_progress", hand_over: "assigned", ask_reporter: "waiting_for_reporter", wait_third_party: "waiting_for_third_party", plan: "planned", resume: "in_progress", resolve: "resolved", reject: "rejected", reopen: "reopened", join: "duplicate" };

const folder = process.env.PHOTOS;
const files = folder ? readdirSync(folder).filter((name) => name.endsWith(".jpg")) : [];
const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
let seed = 7;
const rnd = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
const pick = (all) => all[Math.floor(rnd() * all.length)];
const code = () => `HUE-${Array.from({ length: 4 }, () => pick([...letters])).join("")}-${pick([..."23456789"])}${pick([...letters])}`;
const photoOf = (scene, n) => {
  const known = files.filter((name) => name.startsWith(scene));
  const name = known.length ? known[n % known.length] : "none.jpg";
  return { name, url: `/mock/photo/${name}`, thumb: `/mock/photo/${name}`, width: 1280, height: 960, kind: "evidence", published: false };
};

function make(i) {
  const [category, words, scene] = WORDS[i % WORDS.length];
  const value = ["assigned", "in_progress", "assigned", "submitted", "in_progress", "waiting_for_reporter", "planned", "assigned", "reopened", "in_progress"][i % 10];
  const received = now() - (i * 2.7 + rnd() * 5) * HOUR;
  const waiting = value.startsWith("waiting") || value === "planned";
  const used = waiting ? 0.4 + rnd() * 0.3 : i < 3 ? 1.1 + rnd() * 0.7 : i < 7 ? 0.82 + rnd() * 0.15 : rnd() * 0.78;
  const band = waiting ? "paused" : used > 1 ? "breached" : used > 0.8 ? "warning" : "within";
  const budget = value === "assigned" || value === "submitted" ? 8 : 40;
  const agency = value === "submitted" ? null : AGENCIES[i % 4];
  return {
    code: code(), lon: 107.555 + rnd() * 0.075, lat: 16.437 + rnd() * 0.05, category: CATEGORIES.find((c) => c.code === category),
    state: state(value), emergency: i === 1 || i === 6, words, thumb: i % 9 === 8 || scene === "none" ? null : photoOf(scene, i).thumb, district: WARDS[Math.floor(rnd() * 6)], agency,
    officer: value === "in_progress" ? pick(["Trần Thị Mai", "Lê Quang Huy", "Nguyễn Văn An"]) : null,
    received_at: iso(received), changed_at: iso(received + HOUR), due_at: waiting ? null : iso(now() + (1 - used) * budget * HOUR * 1.8), clock: budget === 8 ? "acknowledge" : "resolve",
    band, used, left_h: (1 - used) * budget, unread: i % 4 === 0, me_too: i % 5 === 2 ? 3 : 0, reopened: value === "reopened" ? 1 : 0,
    moderation: i === 12 ? "held" : "clear", overdue: used > 1, synthetic: true, version: 3, scene,
  };
}
const rows = Array.from({ length: 74 }, (_, i) => make(i));
const logs = new Map();
const undos = new Map();
const filters = [{ id: 1, name: "Quá hạn ở Vỹ Dạ", query: { view: "team", band: "breached", district: "w3" } }, { id: 2, name: "Đèn đường", query: { view: "all", q: "đèn" } }];

const step = (seq, at, kind, vi, en, more = {}) => ({ seq, at: iso(at), kind, title: T(vi, en), state: "", public_words: "", private_words: "", reporter_words: null, by: null, by_kind: "system", photos: [], public: true, undone: false, ...more });
function log(row) {
  if (logs.has(row.code)) return logs.get(row.code);
  const at = Date.parse(row.received_at);
  const made = [step(1, at, "submit", "Đã gửi", "Sent", { by_kind: "reporter", photos: row.thumb ? [photoOf(row.scene, 0)] : [] })];
  if (row.agency) made.push(step(2, at + 60_000, "route", "Đã giao đơn vị", "Given to an agency"));
  if (!["submitted", "assigned"].includes(row.state.value)) {
    made.push(step(3, at + 2 * HOUR, "accept", "Đang xử lý", "Work has begun", { by_kind: "agency", by: { name: "Trần Thị Mai", agency: row.agency }, public_words: "" }));
    made.push(step(4, at + 3 * HOUR, "note", "Ghi chú nội bộ", "Internal note", { by_kind: "agency", by: { name: "Lê Quang Huy", agency: row.agency }, private_words: "Đã gọi đội duy tu, sáng mai có người xuống. Chú ý dây điện trung thế sát vỉa hè.", public: false }));
    made.push(step(5, at + 4 * HOUR, "ask_reporter", "Hỏi người gửi", "A question to the reporter", { by_kind: "agency", by: { name: "Trần Thị Mai", agency: row.agency }, public_words: "Cảm ơn anh/chị. Hố nằm bên làn nào, gần số nhà bao nhiêu ạ?" }));
    made.push(step(6, at + 5 * HOUR, "answer", "Người gửi đã trả lời", "The reporter answered", { by_kind: "reporter", reporter_words: "Làn bên phải hướng ra chợ, trước số 87. Tối rất khó thấy." }));
  }
  logs.set(row.code, made);
  return made;
}

function caseOf(row) {
  const { scene, ...item } = row;
  const at = Date.parse(row.received_at);
  const closed = row.state.open === false;
  const acknowledged = !["submitted", "assigned"].includes(row.state.value);
  const live = closed ? "stopped" : row.band === "paused" ? "paused" : "running";
  const clock = (name, stateOf, used, budget_h, more = {}) => ({ clock: name, state: stateOf, band: used > 1 ? "breached" : used > 0.8 ? "warning" : "within", started_at: iso(at), due_at: stateOf === "running" ? iso(now() + (1 - used) * budget_h * 1.8 * HOUR) : null, warn_at: null, stopped_at: stateOf === "stopped" ? iso(at + 2 * HOUR) : null, used, budget_h, ...more });
  return {
    ...item, unread: row.unread,
    words: row.words + (row.scene === "pothole" ? ". Cháu tôi học trường gần đó, mong thành phố sửa sớm. Ai cần hỏi thêm gọi chị Hạnh 0905 123 456." : ""),
    words_public: row.moderation === "held" ? "" : row.version % 2 ? "" : row.words, language: "vi", accuracy_m: 12, device_at: row.received_at, clock_off_s: null,
    reporter: { kind: "anonymous", reachable: true }, followers: 2 + row.me_too, answers: [],
    photos: row.thumb ? Array.from({ length: 1 + (row.code.charCodeAt(5) % 3) }, (_, n) => photoOf(scene, n)) : [],
    timeline: log(row),
    clocks: [clock("acknowledge", acknowledged ? "stopped" : "running", acknowledged ? 0.3 : row.used, 8), clock("resolve", live, acknowledged ? row.used : row.used * 0.3, 40), clock("dwell", live, row.used * 0.5, 24)],
    can: [...(row.moderation === "held" ? ["release", "hide", "redact"] : [...CAN[row.state.value], "publish", "redact", "hide"]), "note"],
    routed: row.agency ? { agency: row.agency, rule: { id: 1, name: "Đường phố trung tâm" }, reason: T("Vì quy tắc “Đường phố trung tâm”: loại và phường khớp.", "Because of the rule “Streets of the centre”: category and ward match.") } : null,
    suggested: { category: "urban", title: T("Hạ tầng đô thị", "Urban infrastructure"), differs: row.category.code !== "urban", confidence: 0.86, why: ["vỉa hè", "nước tràn"], synthetic: true },
    duplicates: rows.filter((one) => one.scene === scene && one !== row).slice(0, 2).map((one, n) => ({ code: one.code, words: one.words, thumb: one.thumb, state: one.state, received_at: one.received_at, score: 0.8 - n * 0.2, why: T("cùng loại, gần giống lời", "same category, similar words"), distance_m: 34 + n * 71 })),
    parts: [], parent: null, duplicate_of: null, officers: [{ id: 1, name: "Trần Thị Mai" }, { id: 2, name: "Lê Quang Huy" }, { id: 3, name: "Nguyễn Văn An" }],
  };
}

const inView = { mine: (r) => r.officer === "Nguyễn Văn An", team: (r) => r.agency?.code === "do-thi", all: () => true, triage: (r) => ["submitted", "triaged"].includes(r.state.value), moderation: (r) => r.moderation !== "clear", escalated: (r) => r.used > 1.4 };
const open = () => rows.filter((row) => row.state.open);
const VIEWS = [["mine", "Của tôi", "Mine"], ["team", "Đơn vị tôi", "My team"], ["all", "Tất cả", "All"], ["triage", "Chờ phân loại", "To triage"], ["moderation", "Chờ duyệt", "Moderation"], ["escalated", "Vượt cấp", "Escalated"]];

function home() {
  return {
    me: { name: "Nguyễn Văn An", role: "operator", agency: AGENCIES[0], centre: true, may: { act: true, moderate: true, set_up: true } },
    states: STATES, moves: MOVES, reasons: REASONS, categories: CATEGORIES, agencies: AGENCIES, districts: WARDS, filters,
    views: VIEWS.map(([key, vi, en]) => ({ key, title: T(vi, en), count: open().filter(inView[key]).length })),
  };
}

function queue(query) {
  const bbox = query.get("bbox")?.split(",").map(Number);
  const q = (query.get("q") ?? "").toLowerCase();
  let found = open().filter(inView[query.get("view")] ?? (() => true)).filter((row) =>
    (!query.get("state") || row.state.value === query.get("state")) && (!query.get("category") || row.category.code === query.get("category"))
    && (!query.get("district") || row.district.code === query.get("district")) && (!query.get("agency") || row.agency?.code === query.get("agency"))
    && (!query.get("emergency") || row.emergency) && (!q || (row.words + row.code).toLowerCase().includes(q))
    && (!bbox || (row.lon >= bbox[0] && row.lat >= bbox[1] && row.lon <= bbox[2] && row.lat <= bbox[3])));
  const bands = { within: 0, warning: 0, breached: 0, paused: 0, none: 0 };
  for (const row of found) bands[row.band]++;
  if (query.get("band")) found = found.filter((row) => row.band === query.get("band"));
  found.sort(query.get("order") === "newest" ? (a, b) => b.received_at.localeCompare(a.received_at) : (a, b) => (b.band === "paused" ? -1 : b.used) - (a.band === "paused" ? -1 : a.used));
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const items = found.slice(from, from + limit).map(({ scene, ...item }) => item);
  return { items, next: from + limit < found.length ? String(from + limit) : null, bands, total: found.length, total_capped: false };
}

function act(body) {
  const before = [];
  const results = body.items.map(({ code: wanted, version }) => {
    const row = rows.find((one) => one.code === wanted);
    if (!row) return { code: wanted, ok: false, error: { code: "not-found", message: "Không có phản ánh này." } };
    if (version !== row.version) return { code: wanted, ok: false, error: { code: "stale", message: "Trần Thị Mai vừa thay đổi hồ sơ này.", who: "Trần Thị Mai", at: row.changed_at, what: row.state.title } };
    before.push([row, { ...row }, log(row).length]);
    const { fields } = body;
    log(row).push(step(log(row).length + 1, now(), body.move, MOVES[body.move].title.vi, MOVES[body.move].title.en, { by_kind: "centre", by: { name: "Nguyễn Văn An", agency: null }, public_words: fields.public_words ?? "", private_words: fields.private_words ?? "" }));
    if (TO[body.move]) row.state = state(TO[body.move]);
    if (fields.agency) row.agency = AGENCIES.find((one) => one.code === fields.agency);
    if (fields.category) row.category = CATEGORIES.find((one) => one.code === fields.category);
    row.version++;
    row.changed_at = iso(now());
    return { code: wanted, ok: true, version: row.version, state: row.state.value };
  });
  undos.set(body.key, before);
  return { results, undo: before.length ? { key: body.key, until: iso(now() + 10_000) } : null };
}

async function bodyOf(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  try { return JSON.parse(Buffer.concat(chunks)); } catch { return {}; }
}

/** True where the request was the desk's and is answered. */
export async function desk(req, res, url, json) {
  let m;
  if ((m = /^\/mock\/photo\/([\w.-]+)$/.exec(url.pathname))) {
    if (!folder || !files.includes(m[1])) { res.writeHead(404); res.end(); return true; }
    res.writeHead(200, { "Content-Type": "image/jpeg" });
    res.end(readFileSync(`${folder}/${m[1]}`));
    return true;
  }
  if ((m = /^\/mock\/touch\/([\w-]+)$/.exec(url.pathname))) {
    const row = rows.find((one) => one.code === m[1]);
    row.version++;
    row.changed_at = iso(now());
    json(res, {});
    return true;
  }
  const path = /^\/api\/v1\/reports\/desk(\/.*)$/.exec(url.pathname)?.[1];
  if (!path) return false;
  if (path === "/home") json(res, home());
  else if (path === "/queue") json(res, queue(url.searchParams));
  else if (path === "/moves") json(res, act(await bodyOf(req)));
  else if (path === "/undo") {
    const { key } = await bodyOf(req);
    for (const [row, was, n] of undos.get(key) ?? []) { log(row)[n].undone = true; Object.assign(row, was, { version: row.version + 1 }); }
    json(res, { results: (undos.get(key) ?? []).map(([row]) => ({ code: row.code, ok: true, version: row.version })) });
  } else if (path === "/seen") { const { code: one } = await bodyOf(req); const row = rows.find((each) => each.code === one); if (row) row.unread = false; json(res, {}); }
  else if (path === "/filters") { if (req.method === "POST") { const made = { id: now(), ...(await bodyOf(req)) }; filters.push(made); json(res, filters); } else json(res, filters); }
  else if ((m = /^\/filters\/(\d+)$/.exec(path))) { filters.splice(filters.findIndex((one) => one.id === Number(m[1])), 1); json(res, {}); }
  else if ((m = /^\/cases\/([\w-]+)\/photos$/.exec(path))) json(res, [photoOf("street", 0)]);
  else if ((m = /^\/cases\/([\w-]+)$/.exec(path)) && rows.some((row) => row.code === m[1])) json(res, caseOf(rows.find((row) => row.code === m[1])));
  else json(res, { error: { code: "not-found", message: "Không có" } }, 404);
  return true;
}
