// A made-up city that moves: everything is a function of time, so live and replay agree.
import { readFileSync } from "node:fs";
import { CHOICES, features as reportFeatures, STATES } from "./reports.mjs";

const HUE = { west: 107.0, south: 15.99, east: 108.2, north: 16.75 };
const text = (vi, en) => ({ vi, en });

function random(seed) {
  let a = seed * 2654435761;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function wards() {
  for (const file of ["../../../shared/packs/hue/wards.geojson", "../../fixtures/packs/hue/wards.geojson"]) {
    try {
      const data = JSON.parse(readFileSync(new URL(file, import.meta.url)));
      return data.features.map((f, i) => ({
        ...f, id: i + 1,
        properties: {
          id: String(i + 1), name_vi: f.properties.name, name_en: f.properties.nameEn ?? f.properties.name,
          code: f.properties.code, kind: /Phường/.test(f.properties.fullName ?? "") ? "ward" : "commune",
          area_km2: f.properties.areaKm2,
        },
      }));
    } catch { /* the next one */ }
  }
  return [];
}

const field = (name, vi, en, type = "text", more = {}) => ({
  name, title: text(vi, en), type, unit: "", filter: false, card: true, choices: [], ...more,
});
const choice = (value, vi, en, color = "", shape = "") => ({ value, title: text(vi, en), color, shape });
const style = (kind, color, more = {}) => ({
  kind, color, by: null, course: null, speed: null, value: null, label: null,
  bearing: null, fov: null, range_m: null, icon: null, ...more,
});

const SEVERITY = [
  choice("minor", "Nhẹ", "Minor", "#f0d54e", "circle"),
  choice("moderate", "Vừa", "Moderate", "#f39c12", "triangle"),
  choice("severe", "Nặng", "Severe", "#e4572e", "diamond"),
  choice("extreme", "Rất nặng", "Extreme", "#c2186b", "hexagon"),
];

function layer(slug, vi, en, order, fields, look, more = {}) {
  return {
    slug, title: text(vi, en), geometry: "point", audience: "full", live: true, order,
    default_visible: true, raw_zoom: 14, snapshot_limit: 20000, count: 0, newest_at: null,
    stale_after_s: null, has_synthetic: true, attribution: "", title_field: "name",
    time_field: "observed_at", fields, style: look,
    urls: {
      tiles: `/tiles/${slug}/{z}/{x}/{y}.mvt`, snapshot: `/api/v1/layers/${slug}/snapshot`,
      features: `/api/v1/layers/${slug}/features`, feature: `/api/v1/layers/${slug}/features/{id}`,
      export: `/api/v1/layers/${slug}/export`,
    },
    ...more,
  };
}

const LAYERS = [
  layer("incidents", "Sự cố", "Incidents", 10, [
    field("title_vi", "Nội dung", "Title (vi)", "text", { card: false }),
    field("title_en", "Nội dung (en)", "Title", "text", { card: false }),
    field("state", "Trạng thái", "State", "choice", { filter: true, choices: [choice("open", "Mới", "Open"), choice("acknowledged", "Đã nhận", "Acknowledged")] }),
    field("severity", "Mức độ", "Severity", "choice", { filter: true, choices: SEVERITY }),
    field("repeats", "Số lần", "Times seen", "number"),
    field("acknowledged_by", "Người nhận", "Acknowledged by"),
  ], style("incident", "#e4572e", { by: "severity" }), { title_field: "title_vi", time_field: "last_at" }),
  layer("reports", "Phản ánh", "Reports", 20, [
    field("code", "Mã", "Code"),
    field("state", "Trạng thái", "State", "choice", { filter: true, choices: STATES }),
    field("category_id", "Loại", "Category", "choice", { filter: true, choices: CHOICES }),
    field("icon", "Biểu tượng", "Icon", "text", { card: false }),
    field("observed_at", "Nhận lúc", "Received", "time"),
  ], style("report", "#f5a524", { by: "state", icon: "icon" }), { title_field: "code" }),
  layer("sensors", "Trạm quan trắc", "Sensors", 30, [
    field("name", "Tên", "Name"),
    field("state", "Trạng thái", "State", "choice", { filter: true, choices: [choice("good", "Bình thường", "Normal", "#3fb68b"), choice("minor", "Trên báo động I", "Above alarm I", "#f0d54e"), choice("moderate", "Trên báo động II", "Above alarm II", "#f39c12"), choice("severe", "Trên báo động III", "Above alarm III", "#e4572e")] }),
    field("value", "Mực nước", "Level", "number", { unit: "m" }),
    field("observed_at", "Đo lúc", "Observed", "time"),
  ], style("sensor", "#3fb68b", { by: "state", value: "value" }), { stale_after_s: 5400 }),
  layer("vessels", "Tàu cá", "Fishing vessels", 40, [
    field("name", "Số hiệu", "Name"),
    field("gear", "Nghề", "Gear", "choice", { filter: true, choices: [choice("trawl", "Lưới kéo", "Trawl", "#2ec4b6"), choice("gillnet", "Lưới rê", "Gillnet", "#7bdcb5"), choice("purse", "Lưới vây", "Purse seine", "#8ab6ff")] }),
    field("speed_kn", "Tốc độ", "Speed", "number", { unit: "kn" }),
    field("course_deg", "Hướng", "Course", "number", { unit: "°" }),
    field("observed_at", "Vị trí lúc", "Seen", "time"),
  ], style("vessel", "#2ec4b6", { by: "gear", course: "course_deg", speed: "speed_kn" }), { stale_after_s: 1800 }),
  layer("cameras", "Camera", "Cameras", 50, [
    field("name", "Tên", "Name"),
    field("state", "Trạng thái", "State", "choice", { filter: true, choices: [choice("online", "Đang chạy", "Online", "#56b4e9"), choice("offline", "Mất tín hiệu", "Offline", "#7b8aa3", "dashed")] }),
    field("bearing_deg", "Hướng nhìn", "Bearing", "number", { unit: "°" }),
    field("fov_deg", "Góc nhìn", "Field of view", "number", { unit: "°", card: false }),
    field("range_m", "Tầm nhìn", "Range", "number", { unit: "m" }),
  ], style("camera", "#56b4e9", { by: "state", bearing: "bearing_deg", fov: "fov_deg", range_m: "range_m" })),
  layer("camera-events", "Sự kiện camera", "Camera events", 55, [
    field("name", "Sự kiện", "Event"), field("observed_at", "Lúc", "At", "time"),
  ], style("event", "#9bd0f5"), {}),
  layer("billboards", "Bảng quảng cáo", "Billboards", 60, [
    field("name", "Tên", "Name"),
    field("state", "Giấy phép", "Permit", "choice", { filter: true, choices: [choice("valid", "Còn hạn", "Valid", "#cc79a7"), choice("expired", "Hết hạn", "Expired", "#e4572e")] }),
  ], style("billboard", "#cc79a7", { by: "state" }), { live: false }),
  layer("history", "Phản ánh 5 năm", "Reports of 5 years", 70, [
    field("name", "Nội dung", "Words"),
    field("state", "Loại", "Kind", "choice", { filter: true, choices: [choice("road", "Đường", "Road", "#f5a524"), choice("waste", "Rác", "Waste", "#8ab6ff"), choice("flood", "Ngập", "Flood", "#2ec4b6")] }),
  ], style("report", "#f5a524", { by: "state" }), { live: false, default_visible: false }),
  layer("wards", "Phường, xã", "Wards and communes", 90, [
    field("name_vi", "Tên", "Name (vi)"), field("name_en", "Tên (en)", "Name"), field("code", "Mã", "Code"),
    field("area_km2", "Diện tích", "Area", "number", { unit: "km²" }),
  ], style("district", "#7b8aa3", { label: "name_vi" }), { geometry: "polygon", live: false, title_field: "name_vi", has_synthetic: false }),
];

const STREETS = ["Lê Lợi", "Hùng Vương", "Nguyễn Huệ", "Trần Hưng Đạo", "Bà Triệu", "An Dương Vương", "Điện Biên Phủ", "Tố Hữu"];
const STATIONS = [["Kim Long", 107.5603, 16.4578, 2.31], ["Phú Ốc", 107.4718, 16.5304, 3.1], ["Thượng Nhật", 107.6811, 16.1167, 60.2], ["Thuận An", 107.6467, 16.5631, 0.42], ["Tả Trạch", 107.6452, 16.3193, 38.7], ["Bình Điền", 107.5, 16.35, 79.1], ["Hương Điền", 107.4453, 16.4733, 52.4]];

const iso = (s) => new Date(s * 1000).toISOString().replace(/\.\d+/, "");

/** A vessel goes out from a harbour mouth, works in loops, and comes home; period of some hours. */
function vessel(i, s) {
  const r = random(i + 1);
  const home = i % 3 === 0 ? [107.955, 16.352] : [107.652, 16.575];
  const far = 0.08 + r() * 0.42;
  const heading = 0.15 + r() * 0.9;
  const period = (4 + r() * 8) * 3600;
  const phase = r() * period;
  const place = (time) => {
    const k = ((time + phase) % period) / period;
    const out = far * Math.sin(Math.PI * k) ** 0.8;
    const loop = 0.02 * Math.sin(k * 40 + i);
    return [home[0] + Math.cos(heading) * out + loop * 0.7, home[1] + Math.sin(heading) * out + loop];
  };
  const a = place(s);
  const b = place(s + 30);
  const dx = (b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180);
  const dy = b[1] - a[1];
  const course = (Math.atan2(dx, dy) * 180) / Math.PI;
  const old = i % 17 === 0;
  return {
    l: "vessels", id: String(i), op: "upsert", t: old ? s - 4000 : s, p: a,
    a: {
      name: `TTH-${90000 + i * 37}-TS`, gear: ["trawl", "gillnet", "purse"][i % 3],
      speed_kn: Math.round(((Math.hypot(dx, dy) * 60) / 30) * 36000) / 10,
      course_deg: Math.round((course + 360) % 360), observed_at: iso(old ? s - 4000 : s), synthetic: true,
    },
  };
}

function level(i, s) {
  const base = STATIONS[i]?.[3] ?? 1 + (i % 5) * 0.4;
  return Math.round((base + 0.5 * Math.sin(s / 9000 + i)) * 100) / 100;
}

function sensor(i, s) {
  const r = random(900 + i);
  const p = STATIONS[i] ? [STATIONS[i][1], STATIONS[i][2]] : [107.5 + r() * 0.18, 16.4 + r() * 0.14];
  const value = level(i, s);
  const river = i < 2;
  const state = !river ? "good" : value > 3.5 ? "severe" : value > 2 ? "moderate" : value > 1 ? "minor" : "good";
  const at = i === 5 ? s - 9000 : s - (s % 300);
  return {
    l: "sensors", id: String(i), op: "upsert", t: at, p,
    a: { name: STATIONS[i]?.[0] ?? `Trạm không khí ${i}`, state, value, observed_at: iso(at), synthetic: true },
  };
}

const fixed = (slug, n, make) => (s) => Array.from({ length: n }, (_, i) => make(i, s, random(i + slug.length * 99)));

const STATE = {
  vessels: (s) => Array.from({ length: 214 }, (_, i) => vessel(i, s - (s % 10) + (i % 10) - 10)),
  sensors: (s) => Array.from({ length: 26 }, (_, i) => sensor(i, s)),
  reports: () => reportFeatures(),
  cameras: fixed("cameras", 24, (i, s, r) => ({
    l: "cameras", id: String(i), op: "upsert", t: s - 60, p: [107.555 + r() * 0.07, 16.44 + r() * 0.05],
    a: { name: `${STREETS[i % 8]} ${i + 1}`, state: i % 12 === 5 ? "offline" : "online", bearing_deg: Math.round(r() * 360), fov_deg: 62, range_m: 90, synthetic: true },
  })),
  "camera-events": fixed("camera-events", 9, (i, s, r) => ({
    l: "camera-events", id: String(i), op: "upsert", t: s - i * 600, p: [107.56 + r() * 0.06, 16.445 + r() * 0.04],
    a: { name: "Đỗ xe sai quy định", observed_at: iso(s - i * 600), synthetic: true },
  })),
  billboards: fixed("billboards", 60, (i, s, r) => ({
    l: "billboards", id: String(i), op: "upsert", t: s - 86400, p: [107.54 + r() * 0.1, 16.42 + r() * 0.08],
    a: { name: `Bảng ${STREETS[i % 8]} ${i + 1}`, state: i % 7 === 0 ? "expired" : "valid", synthetic: true },
  })),
  incidents: (s) => incidentList(s).map((i) => ({
    l: "incidents", id: i.id, op: "upsert", t: Date.parse(i.last_at) / 1000, p: [i.lon, i.lat],
    a: { title_vi: i.title.vi, title_en: i.title.en, state: i.state, severity: i.severity, kind: i.kind, layer: i.layer, feature_id: i.feature_id, repeats: i.repeats, acknowledged_by: i.acknowledged_by, acknowledged_at: i.acknowledged_at, first_at: i.first_at, last_at: i.last_at, synthetic: true },
  })),
};

const acknowledged = new Map();
const raised = [];
const BASE_S = Math.floor(Date.now() / 1000);

function incidentList(s) {
  const rows = [
    ["1", "severe", "Kim Long vượt báo động II", "Kim Long above alarm II", "Mực nước sông Hương 2,31 m, còn lên.", "sensors", "0", 107.5603, 16.4578, 130, 4],
    ["2", "extreme", "Tàu TTH-90074-TS mất tín hiệu trong vùng gió mạnh", "TTH-90074-TS silent in strong wind", "Vị trí cuối cách Thuận An 21 hải lý.", "vessels", "2", 107.93, 16.78, 420, 2],
    ["3", "moderate", "Ba phản ánh ngập ở Hùng Vương", "Three flooding reports on Hùng Vương", "", "reports", "3", 107.5972, 16.4631, 900, 3],
    ["4", "moderate", "Đông người bất thường trước chợ Đông Ba", "Unusual crowd at Đông Ba market", "", "cameras", "4", 107.5886, 16.4719, 1800, 1],
    ["5", "minor", "Camera Lê Lợi 6 mất tín hiệu", "Camera Lê Lợi 6 offline", "", "cameras", "5", 107.5861, 16.4622, 5200, 1],
    ["6", "minor", "Bảng quảng cáo hết hạn giấy phép", "Billboard permit expired", "", "billboards", "7", 107.5771, 16.4566, 9100, 1],
  ];
  const list = rows.map(([id, severity, vi, en, body, slug, fid, lon, lat, ago, repeats]) => ({
    id, severity, kind: "demo", title: text(vi, en), body: text(body, body), layer: slug, feature_id: fid, lon, lat,
    first_at: iso(BASE_S - ago - 600), last_at: iso(BASE_S - ago), repeats, synthetic: true,
    state: acknowledged.has(id) || id === "5" ? "acknowledged" : "open",
    acknowledged_by: acknowledged.get(id)?.who ?? (id === "5" ? "Trần Thị Mai" : null),
    acknowledged_at: acknowledged.get(id)?.at ?? (id === "5" ? iso(BASE_S - 4000) : null),
  }));
  for (const extra of raised) {
    list.push({ ...extra, state: acknowledged.has(extra.id) ? "acknowledged" : "open", acknowledged_by: acknowledged.get(extra.id)?.who ?? null, acknowledged_at: acknowledged.get(extra.id)?.at ?? null });
  }
  return list.filter((i) => Date.parse(i.first_at) / 1000 <= s);
}

export const world = {
  layers: LAYERS, iso, text, level,
  state: (slug, s) => STATE[slug]?.(s) ?? [],
  incidents: incidentList,
  acknowledge(id, who) {
    if (acknowledged.has(id) || id === "5") return false;
    acknowledged.set(id, { who, at: iso(Date.now() / 1000) });
    return true;
  },
  raise() {
    const now = Date.now() / 1000;
    const id = String(100 + raised.length);
    raised.push({ id, severity: ["moderate", "severe", "minor"][raised.length % 3], kind: "demo", title: text("Xe dừng giữa cầu Trường Tiền", "Vehicle stopped on Trường Tiền bridge"), body: text("", ""), layer: "cameras", feature_id: "3", lon: 107.5885, lat: 16.4692, first_at: iso(now), last_at: iso(now), repeats: 1, synthetic: true });
    return id;
  },
  city: {
    slug: "hue", name: text("Huế", "Huế"), bounds: [HUE.west, HUE.south, HUE.east, HUE.north], center: [107.5909, 16.4637],
    time_zone: "Asia/Ho_Chi_Minh", languages: ["vi", "en"], attributions: ["© OpenStreetMap contributors"], schematic: false, basemap: null,
  },
};
