// 4,000 made-up vessels off Huế for /fleet/: everything is a function of time and a seed.
const iso = (s) => new Date(s * 1000).toISOString();
const now = () => Math.floor(Date.now() / 1000);
const T = (vi, en) => ({ vi, en });
const H = 3600;
const COUNT = 4000;

function random(seed) {
  let a = (seed + 11) * 2654435761;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// The coast from Cửa Tùng to Quảng Ngãi, as seen from the sea; and how far east one is of it.
const COAST = [[107.12, 17.02], [107.28, 16.86], [107.5, 16.68], [107.72, 16.52], [107.95, 16.42], [108.12, 16.3], [108.36, 16.16], [108.42, 15.92], [108.7, 15.5], [108.96, 15.24]];
const PORTS = [["Thuận An", 107.637, 16.562, "TTH", 0.3], ["Tư Hiền", 107.925, 16.352, "TTH", 0.12], ["Chân Mây", 108.003, 16.327, "TTH", 0.06], ["Cửa Việt", 107.178, 16.898, "QT", 0.16], ["Cửa Tùng", 107.103, 17.018, "QT", 0.06], ["Thọ Quang", 108.246, 16.105, "ĐNa", 0.3]];
const along = (u) => {
  const at = u * (COAST.length - 1);
  const i = Math.min(COAST.length - 2, Math.floor(at));
  return [COAST[i][0] + (COAST[i + 1][0] - COAST[i][0]) * (at - i), COAST[i][1] + (COAST[i + 1][1] - COAST[i][1]) * (at - i)];
};
const seaward = (u, nm) => { const [lon, lat] = along(u); return [lon + (nm / 60) * 0.78 / 0.958, lat + (nm / 60) * 0.62]; };
const band = (nm) => Array.from({ length: 21 }, (_, i) => seaward(i / 20, nm));
const strip = (a, b) => [[...band(a), ...band(b).reverse(), band(a)[0]]];
const FOREIGN = [[110.6, 18.2], [111.9, 18.2], [111.9, 16.4], [110.9, 16.9], [110.6, 18.2]];
const FORBIDDEN = [[108.30, 16.62], [108.56, 16.62], [108.62, 16.42], [108.38, 16.40], [108.30, 16.62]];
const STORM = Array.from({ length: 33 }, (_, i) => [110.35 + 0.52 * Math.cos((i / 16) * Math.PI), 15.55 + 0.46 * Math.sin((i / 16) * Math.PI)]);
const ZONES = [
  ["offshore", "Vùng khơi", "Offshore waters", strip(24, 95), seaward(0.42, 62)], ["inshore", "Vùng lộng", "Inshore waters", strip(6, 24), seaward(0.3, 16)],
  ["coastal", "Vùng ven bờ", "Coastal waters", strip(0, 6), seaward(0.2, 3.4)], ["forbidden", "Khu vực cấm khai thác", "No-fishing area", [FORBIDDEN], [108.46, 16.515]],
  ["foreign", "Vùng biển nước ngoài", "Foreign waters", [FOREIGN], [111.2, 17.5]], ["storm", "Dự báo vùng bão 24 giờ", "Storm forecast, 24 h", [STORM], [110.35, 15.55]],
];

const FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Hồ"];
const GIVEN = ["Văn Hải", "Văn Sơn", "Minh Tuấn", "Đình Lộc", "Quang Thắng", "Văn Bình", "Hữu Phước", "Xuân Trường", "Ngọc Thành", "Thanh Long", "Văn Dũng", "Công Minh"];
const NAMES = ["Hải Âu", "Thuận Phát", "Hoàng Long", "Biển Đông", "Phú Quý", "Đại Dương", "Sao Biển", "Thành Công", "Hương Giang", "Bình An", "Sóng Xanh", "Mai Hương"];
const GEARS = ["trawl", "gillnet", "purse", "longline", "squid", "lift"];

function make(i) {
  const r = random(i);
  const large = r();
  const length = large < 0.34 ? 15 + r() * 13 : large < 0.62 ? 12 + r() * 3 : 6 + r() * 6;
  const waters = length >= 15 ? "offshore" : length >= 12 ? "inshore" : "coastal";
  let pick = r();
  const port = PORTS.find((each) => (pick -= each[4]) <= 0) ?? PORTS[0];
  const province = r() < 0.78 ? port[3] : ["QNg", "QB", "BĐ", "QNa"][Math.floor(r() * 4)];
  const roll = r();
  const state = i < 9 ? "danger" : i < 23 ? "over_line" : i < 144 ? "silent" : roll < 0.47 ? "at_sea" : roll < 0.992 ? "in_port" : "unknown";
  const nm = waters === "offshore" ? 26 + r() ** 1.3 * 64 : waters === "inshore" ? 7 + r() * 16 : 1.4 + r() * 4.4;
  const home = waters === "offshore" ? r() : Math.min(0.98, Math.max(0.01, (port[1] - 107.1) / 1.9 * 0.9 + (r() - 0.5) * 0.35));
  let [lon, lat] = state === "in_port" || state === "unknown" ? [port[1] + (r() - 0.5) * 0.022 * (1 + r()), port[2] + (r() - 0.5) * 0.014 * (1 + r())] : seaward(home, nm);
  if (state === "danger") [lon, lat] = i < 5 ? [110.2 + r() * 0.35, 15.4 + r() * 0.35] : [108.75 + (i % 2) * 0.012 + (i > 6 ? 0.42 : 0), 16.78 + (i % 2) * 0.008 - (i > 6 ? 0.3 : 0)];
  if (state === "over_line") [lon, lat] = i < 14 ? [110.72 + r() * 0.3, 17.0 + r() * 0.75] : [108.36 + r() * 0.2, 16.44 + r() * 0.14];
  const silent = state === "silent" ? (i < 40 ? 6.2 + r() * 3.4 : i < 120 ? 2.5 + r() * 3.3 : 30 + r() * 210) * H : 0;
  const ais = length >= 15 && r() < 0.55;
  const cadence = ais ? 20 : length >= 24 ? 2 * H : 3 * H;
  return {
    i, r: [r(), r(), r(), r()], id: 1000 + i, length: Math.round(length * 10) / 10, waters, port, province, state, lon, lat, silent, ais, cadence,
    plate: `${province} ${90000 + ((i * 137 + 1329) % 9900)}-TS`, name: `${NAMES[i % 12]} ${String(1 + (i % 97)).padStart(2, "0")}`, mmsi: 574000000 + ((i * 7919) % 999983),
    owner: `${FAMILY[i % 10]} ${GIVEN[(i * 7) % 12]}`, phone: `09${String(10000000 + ((i * 7654321) % 89999999))}`, gear: GEARS[i % 6], phase: r() * 6.28, fast: state === "at_sea" || state === "danger" || state === "over_line" || state === "silent",
  };
}
const fleetRows = Array.from({ length: COUNT }, (_, i) => make(i));
fleetRows[5].plate = "TTH 96329-TS";
fleetRows[5].name = "Thuận An 29";
const byId = new Map(fleetRows.map((row) => [row.id, row]));

/** Where a vessel is at a moment: hauling slowly to and fro, sailing out and home. */
function spot(v, t) {
  if (!v.fast) return { lon: v.lon, lat: v.lat, speed: 0, course: null };
  const ref = t / H;
  const place = (h) => {
    const k = h * 0.9 + v.phase;
    const far = 0.07 + v.r[2] * 0.12;
    return [v.lon + far * Math.sin(k * 0.31) + 0.018 * Math.sin(k * 2.1 + v.phase) + 0.004 * Math.sin(k * 9), v.lat + far * 0.7 * Math.cos(k * 0.27 + v.phase) + 0.016 * Math.cos(k * 1.7) + 0.004 * Math.cos(k * 7.3)];
  };
  const origin = place(Math.floor(now() / H));
  const shift = v.state === "at_sea" ? [0, 0] : [v.lon - origin[0], v.lat - origin[1]];
  const [lon, lat] = place(ref);
  const [lon2, lat2] = place(ref + 1 / 60);
  const east = (lon2 - lon) * 57.5;
  const north = (lat2 - lat) * 60;
  return { lon: lon + shift[0], lat: lat + shift[1], speed: Math.min(11.5, Math.hypot(east, north) * 60 * 0.55), course: ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360 };
}

const lastHeard = (v) => { const t = now(); return v.silent ? t - v.silent : v.fast ? t - Math.floor(v.r[0] * (v.ais ? 60 : v.cadence * 0.6)) : t - Math.floor(v.r[0] * 3 * H); };
const LAW = { six: T("Nghị định 26/2019/NĐ-CP, Điều 44", "Decree 26/2019, Art. 44"), zone: T("Nghị định 37/2024/NĐ-CP, Phụ lục VII", "Decree 37/2024, Annex VII"), evid: T("Nghị định 41/2026/NĐ-CP", "Decree 41/2026") };
const alerts = new Map();
const stages = new Map();
const STAGES = ["seen", "called", "warned", "handed_over", "closed"];

function alertOf(v) {
  if (!["danger", "over_line", "silent"].includes(v.state)) return null;
  const key = 50000 + v.i;
  if (alerts.has(key)) return alerts.get(key);
  const t = now();
  let a;
  if (v.state === "danger" && v.i < 5) a = { kind: "storm", severity: "extreme", title: T("Trong vùng bão dự báo, chưa quay về", "Inside the forecast storm, not heading home"), opened: t - (1 + v.r[1] * 4) * H, due: t + (2.2 + v.r[2] * 4) * H, what: T("Phải rời vùng nguy hiểm", "Must leave the danger area"), source: T("Lệnh kêu gọi tàu tránh bão, công điện 21/11", "Storm recall order of 21/11") };
  else if (v.state === "danger") a = { kind: "collision_risk", severity: "extreme", title: T(`Nguy cơ va chạm: CPA 0,08 hải lý sau ${7 + v.i} phút`, `Collision risk: CPA 0.08 nm in ${7 + v.i} min`), opened: t - 240, due: t + (7 + v.i) * 60, what: T("Điểm gần nhất (CPA)", "Closest point of approach"), source: T("Tính trên mọi cặp tàu, cùng thời điểm", "All pairs, at one common time") };
  else if (v.state === "over_line" && v.i < 14) a = { kind: "zone_entry", severity: "severe", title: T("Vượt ranh giới vùng biển nước ngoài", "Crossed into foreign waters"), opened: t - (0.3 + v.r[1] * 3) * H, due: t + (v.i % 3 ? 1 + v.r[2] : -0.4) * H, what: T("Báo biên phòng trong 2 giờ", "Tell the border guard within 2 h"), source: LAW.evid };
  else if (v.state === "over_line") a = { kind: "zone_entry", severity: "severe", title: T("Vào khu vực cấm khai thác", "Entered the no-fishing area"), opened: t - (0.4 + v.r[1] * 2) * H, due: t + (1.2 + v.r[2] * 2) * H, what: T("Yêu cầu tàu rời vùng", "Order the vessel out"), source: LAW.zone };
  else if (v.silent > 24 * H) a = { kind: "signal_lost_long", severity: "moderate", title: T(`Mất tín hiệu ${Math.floor(v.silent / 86400)} ngày`, `Silent for ${Math.floor(v.silent / 86400)} days`), opened: t - v.silent + 6 * H, due: t - v.silent + 240 * H, what: T("Phải về cảng trong 10 ngày", "Must be in port within 10 days"), source: LAW.six };
  else if (v.silent > 6 * H) a = { kind: "signal_lost", severity: "moderate", title: T("Mất tín hiệu quá 6 giờ, chưa báo vị trí", "Silent over 6 hours, no report"), opened: t - v.silent + 6 * H, due: t - v.silent + 6 * H, what: T("Phải báo vị trí mỗi 6 giờ", "Must report every 6 hours"), source: LAW.six };
  else a = { kind: "signal_lost", severity: "minor", title: T("Mất tín hiệu, sắp quá 6 giờ", "Silent, 6 hours coming up"), opened: t - v.silent, due: t - v.silent + 6 * H, what: T("Phải báo vị trí mỗi 6 giờ", "Must report every 6 hours"), source: LAW.six };
  const outage = v.i % 29 === 3 && v.state === "silent";
  const alert = {
    id: key, vessel: { id: v.id, name: v.name, plate: v.plate }, kind: a.kind, title: a.title, severity: a.severity, stage: "new", opened_at: iso(a.opened), updated_at: iso(a.opened), closed_at: null,
    lon: v.lon, lat: v.lat, clock: { title: a.what, due_at: iso(a.due), since: iso(a.kind === "signal_lost" ? t - v.silent : a.opened), source: a.source }, evidence: {},
    held_back: outage ? { reason: T("Nhà mạng Vishipel chỉ nghe được 41 % thiết bị trong giờ qua.", "Provider Vishipel heard only 41 % of its devices in the last hour.") } : null, synthetic: true, version: 1,
    can: [...STAGES],
  };
  alerts.set(key, alert);
  stages.set(key, [{ at: alert.opened_at, stage: "new", by: null, words: "" }]);
  if (v.i % 4 === 2) advance(alert, "seen", "Lê Thị Hương", "", a.opened + 300);
  if (v.i % 8 === 2) advance(alert, "called", "Lê Thị Hương", "Gọi chủ tàu hai lần, chưa nghe máy.", a.opened + 900);
  return alert;
}

function advance(alert, stage, by, words, at = now()) {
  Object.assign(alert, { stage, updated_at: iso(at), version: alert.version + 1, closed_at: stage === "closed" ? iso(at) : null });
  alert.can = stage === "closed" ? [] : STAGES.slice(STAGES.indexOf(stage) + 1);
  stages.get(alert.id).push({ at: iso(at), stage, by, words });
}

const SEVERITY = { extreme: 4, severe: 3, moderate: 2, minor: 1 };
function row(v) {
  const alert = alertOf(v);
  const open = alert && !alert.closed_at ? alert : null;
  const { lon, lat, speed, course } = spot(v, v.silent ? now() - v.silent : now());
  const urgent = open ? Math.max(0, 99 - Math.floor(Math.max(0, Date.parse(open.clock.due_at) / 1000 - now()) / 600)) : 0;
  return {
    id: v.id, name: v.name, plate: v.plate, mmsi: v.mmsi, kind: "fishing", length_m: v.length, waters_class: v.waters, state: v.state,
    lon: Number(lon.toFixed(5)), lat: Number(lat.toFixed(5)), speed_kn: v.fast ? Number(speed.toFixed(1)) : 0, course_deg: course === null ? null : Math.round(course),
    observed_at: iso(lastHeard(v)), source: v.ais ? "ais" : "vms", synthetic: true,
    need: open ? { rank: SEVERITY[open.severity] * 1000 + urgent, reason: open.title, severity: open.severity, clock: open.clock, alert_id: open.id } : null,
  };
}

function list(query) {
  const rows = fleetRows.map(row).sort((a, b) => (b.need?.rank ?? -1) - (a.need?.rank ?? -1));
  const from = Number(query.get("cursor") ?? 0);
  const limit = Math.min(1000, Number(query.get("limit") ?? 100));
  return { vessels: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null };
}

function fileOf(v) {
  const t = now();
  const alert = alertOf(v);
  const past = { ...(alert ?? {}), id: 90000 + v.i, kind: "signal_lost", title: T("Mất tín hiệu 7 giờ", "Silent for 7 hours"), severity: "moderate", stage: "closed", opened_at: iso(t - 19 * 86400), closed_at: iso(t - 18.6 * 86400), held_back: null };
  return {
    identity: { plate: v.plate, name: v.name, mmsi: String(v.mmsi), callsign: `XV${1000 + v.i}`, gear: v.gear, length_m: v.length, power_kw: Math.round(v.length * 16.5), waters_class: v.waters, province: "Thành phố Huế", home_port: T(v.port[0], v.port[0]), built: String(2004 + (v.i % 18)) },
    history: v.i % 3 ? [{ at: iso(t - 210 * 86400), field: "mmsi", was: String(574000000 + v.i), is: String(v.mmsi), source: "AIS" }] : [{ at: iso(t - 120 * 86400), field: "name", was: "Hòa Bình 07", is: v.name, source: "AIS loại 5" }, { at: iso(t - 300 * 86400), field: "owner", was: "Trần Văn Lợi", is: v.owner, source: "Sổ đăng ký" }],
    owner: { name: v.owner, phone: `${v.phone.slice(0, 4)} ${v.phone.slice(4, 7)} ${v.phone.slice(7)}` },
    permits: [{ number: `GP-${2024}/${1000 + v.i}`, title: T("Giấy phép khai thác thủy sản", "Fishing licence"), valid_until: iso(t + (v.i % 7 ? 320 : -12) * 86400) }, { number: `ATKT-${300 + (v.i % 600)}`, title: T("An toàn kỹ thuật tàu cá", "Technical safety"), valid_until: iso(t + 95 * 86400) }],
    devices: [{ kind: "vms", provider: ["Vishipel", "Viettel", "Thuraya VN"][v.i % 3], ident: `VN${700000 + v.i * 13}`, counted: true, last_at: iso(v.silent ? t - v.silent : t - 2100) }, ...(v.ais ? [{ kind: "ais", provider: "Trạm Thuận An", ident: String(v.mmsi), counted: false, last_at: iso(lastHeard(v)) }] : [])],
    port_calls: [0, 1, 2, 3].map((n) => ({ port: T(v.port[0], v.port[0]), arrived_at: iso(t - (n * 11 + 6) * 86400), left_at: iso(t - (n * 11 + 3.4) * 86400) })),
    alerts: [...(alert ? [alert] : []), ...(v.i % 2 ? [past] : [])],
    notes: v.i % 4 === 1 ? [{ at: iso(t - 40 * 86400), by: "Lê Thị Hương", words: "Chủ tàu hẹn thay ăng-ten VMS khi về cảng." }] : [],
    declarations: [{ kind: "departure", port: T(v.port[0], v.port[0]), at: iso(t - 3.4 * 86400), crew: 6 + (v.i % 5), note: "" }, { kind: "arrival", port: T(v.port[0], v.port[0]), at: iso(t - 6 * 86400), crew: 6 + (v.i % 5), note: "Sản lượng 1,8 tấn" }],
  };
}

function trackOf(v, from, to, step) {
  const cadence = v.ais ? Math.max(step, 120) : v.cadence / 4;
  const end = Math.min(to, lastHeard(v));
  const gapAt = from + (to - from) * (0.35 + v.r[1] * 0.3);
  const gap = (1.2 + v.r[3] * 3) * H;
  const pieces = [[], []];
  for (let t = Math.ceil(from / cadence) * cadence; t <= end; t += cadence) {
    if (t > gapAt && t < gapAt + gap) continue;
    const { lon, lat, speed } = spot(v, t);
    pieces[t > gapAt ? 1 : 0].push([Number(lon.toFixed(5)), Number(lat.toFixed(5)), t, Number(speed.toFixed(1))]);
  }
  const segments = pieces.filter((points) => points.length > 1).map((points, i) => ({ start: iso(points[0][2]), end: iso(points.at(-1)[2]), points, gap_before_s: i ? gap : null }));
  return { id: v.id, segments };
}

function inside([x, y], ring) {
  let yes = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) if (ring[i][1] > y !== ring[j][1] > y && x < ((ring[j][0] - ring[i][0]) * (y - ring[i][1])) / (ring[j][1] - ring[i][1]) + ring[i][0]) yes = !yes;
  return yes;
}

function there({ polygon, from, to }) {
  const [f, t] = [Date.parse(from) / 1000, Date.parse(to) / 1000];
  const found = [];
  for (const v of fleetRows) {
    if (!v.fast) continue;
    const hits = [];
    const end = Math.min(t, lastHeard(v));
    for (let s = f; s <= end; s += 900) { const p = spot(v, s); if (inside([p.lon, p.lat], polygon.coordinates[0])) hits.push(s); }
    if (hits.length) found.push({ id: v.id, name: v.name, plate: v.plate, first_at: iso(hits[0]), last_at: iso(hits.at(-1)), inside_s: hits.length * 900, positions: hits.length * (v.ais ? 7 : 1) });
  }
  return { vessels: found.sort((a, b) => b.inside_s - a.inside_s) };
}

function evidence(alert) {
  const v = byId.get(alert.vessel.id);
  const t = now();
  return {
    figures: [
      { title: T("Lần nghe cuối trước cảnh báo", "Last heard before the alert"), value: iso(lastHeard(v)), unit: "", how: T("vị trí tốt gần nhất của mọi thiết bị của tàu", "newest good position of any of her devices") },
      { title: T("Khoảng im lặng", "Silence"), value: Math.max(0.2, v.silent / H), unit: "h", how: T("hiện tại trừ lần nghe cuối", "now less the last heard") },
      { title: T("Nhịp báo thường lệ", "Usual cadence"), value: v.cadence / 60, unit: "min", how: T("trung vị khoảng cách 40 vị trí gần nhất", "median spacing of the last 40 positions") },
      { title: T("Vị trí trong 12 giờ trước", "Positions in the 12 h before"), value: v.ais ? 214 : 6, unit: "positions", how: T("đếm vị trí tốt, không tính lặp", "good positions counted, repeats left out") },
      { title: T("Điểm vượt ranh giới", "Crossing point"), value: "16,9482° B 110,6120° Đ", unit: "", how: T("nội suy trên đoạn giữa hai vị trí, sai số ±210 m", "interpolated between two positions, ±210 m") },
      { title: T("Cách bờ", "Distance from the coast"), value: 58.4, unit: "nm", how: T("tới đường bờ gần nhất, trên mặt cầu", "to the nearest coast, on the sphere") },
    ],
    rules: [{ title: T("Mất tín hiệu phải báo mỗi", "When silent, report every"), value: 6, unit: "h", source: LAW.six, in_force_from: "2019-04-25" }, { title: T("Phải về cảng trong", "In port within"), value: 10, unit: "days", source: LAW.six, in_force_from: "2019-04-25" }, { title: T("Số vị trí tối thiểu mỗi ngày", "Positions a day, at least"), value: 12, unit: "count", source: LAW.zone, in_force_from: "2024-05-19" }],
    positions: trackOf(v, t - 30 * H, t, 600).segments.flatMap((s) => s.points).filter((_, i, all) => i % Math.ceil(all.length / 60) === 0).map(([lon, lat, at, speed]) => ({ lon, lat, at: iso(at), speed_kn: speed, source: v.ais ? "ais" : "vms" })),
    computed_at: iso(t), code_version: "0.4.0+628ba41",
  };
}

const CAUSES = [["broken", "Thiết bị hỏng", "Device broken"], ["power", "Mất điện trên tàu", "Power lost on board"], ["off", "Cố ý tắt", "Switched off on purpose"], ["coverage", "Ngoài vùng phủ sóng", "Out of coverage"], ["left", "Đã rời vùng", "Left the area"], ["false", "Báo động giả", "False alarm"]].map(([code, vi, en]) => ({ code, title: T(vi, en) }));

/** The zones as a layer of the catalogue. */
export const ZONES_LAYER = {
  slug: "fishing-zones", title: T("Vùng biển", "Sea zones"), geometry: "polygon", audience: "full", live: false, order: 90, default_visible: false, raw_zoom: 0, snapshot_limit: 0, count: ZONES.length,
  newest_at: null, stale_after_s: null, has_synthetic: true, attribution: "", title_field: "name_vi", time_field: "", fields: [], style: { kind: "fill", color: "#5f86b8" },
  urls: { tiles: "/tiles/fishing-zones/{z}/{x}/{y}.mvt", snapshot: "", features: "/api/v1/layers/fishing-zones/features", feature: "", export: "" },
};

/** What moved in this second, for the live stream: a tenth of the vessels under way. */
export function fleetChanges(at) {
  return fleetRows.filter((v) => v.fast && !v.silent && v.i % 10 === at % 10).map((v) => {
    const { lon, lat, speed, course } = spot(v, at);
    return { l: "vessels", id: String(v.id), op: "upsert", t: at, p: [lon, lat], a: { mmsi: v.mmsi, speed_kn: Number(speed.toFixed(1)), course_deg: Math.round(course) } };
  });
}

async function bodyOf(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  try { return JSON.parse(Buffer.concat(chunks)); } catch { return {}; }
}

/** True where the request was the fleet's and is answered. */
export async function fleet(req, res, url, json) {
  let m;
  if (url.pathname === "/api/v1/layers/fishing-zones/features") {
    json(res, { features: ZONES.map(([kind, vi, en, coordinates, [lon, lat]], i) => ({ type: "Feature", id: i + 1, geometry: { type: "Polygon", coordinates }, properties: { kind, name_vi: vi, name_en: en, label_lon: lon, label_lat: lat } })), next: null });
    return true;
  }
  if ((m = /^\/mock\/fleet\/touch\/(\d+)$/.exec(url.pathname))) {
    const alert = alerts.get(Number(m[1]));
    advance(alert, "seen", "Trần Quốc Bảo", "");
    json(res, {});
    return true;
  }
  const path = /^\/api\/v1\/vessels(\/.*)$/.exec(url.pathname)?.[1];
  if (!path) return false;
  const q = url.searchParams;
  if (path === "/fleet") {
    const counts = { total: COUNT };
    for (const v of fleetRows) counts[v.state] = (counts[v.state] ?? 0) + 1;
    json(res, { now: iso(now()), counts, thresholds_as_of: iso(now() - 86400) });
  } else if (path === "/fleet/list") json(res, list(q));
  else if (path === "/tracks") json(res, { tracks: q.get("ids").split(",").map((id) => byId.get(Number(id))).filter(Boolean).map((v) => trackOf(v, Date.parse(q.get("from")) / 1000, Date.parse(q.get("to")) / 1000, Number(q.get("step_s") ?? 60))) });
  else if (path === "/who-was-there") json(res, there(await bodyOf(req)));
  else if (path === "/alerts") json(res, { alerts: q.get("kind") === "provider_outage" ? [{ id: 77, vessel: null, kind: "provider_outage", title: T("Vishipel: chỉ nghe được 41 % thiết bị", "Vishipel: only 41 % of devices heard"), severity: "moderate", stage: "new", opened_at: iso(now() - 5400), updated_at: iso(now()), closed_at: null, lon: null, lat: null, clock: null, evidence: {}, held_back: null, synthetic: true, version: 1, can: STAGES }] : [], next: null });
  else if ((m = /^\/(\d+)\/file$/.exec(path)) && byId.has(Number(m[1]))) json(res, fileOf(byId.get(Number(m[1]))));
  else if ((m = /^\/alerts\/(\d+)(\/\w+)?$/.exec(path)) && byId.has(Number(m[1]) - 49000)) {
    const v = byId.get(Number(m[1]) - 49000);
    const alert = alertOf(v);
    if (m[2] === "/evidence") json(res, evidence(alert));
    else if (m[2] === "/stage") {
      const body = await bodyOf(req);
      if (body.version !== alert.version) json(res, { error: { code: "stale", message: "Trần Quốc Bảo đã xem cảnh báo này lúc nãy." } }, 409);
      else { advance(alert, body.stage, "Lê Thị Hương", body.words); json(res, alert); }
    } else json(res, { ...alert, timeline: stages.get(alert.id), phones: [{ name: `${v.owner} (chủ tàu)`, phone: `${v.phone.slice(0, 4)} ${v.phone.slice(4, 7)} ${v.phone.slice(7)}` }, { name: "Thuyền trưởng", phone: "0905 221 764" }], causes: CAUSES });
  } else json(res, { error: { code: "not-found", message: "Không có" } }, 404);
  return true;
}
