// Serves the HTTP contract with a made-up city, so that screens can be worked on without the rest:
//   npm run build && npm run mock            → http://127.0.0.1:8765/wall/
// PROXY=http://127.0.0.1:8000 shows this build's screens on a running server's data instead.
// BASEMAP=file.pmtiles serves a basemap; PROOF=1 wants proof of work with every report. POST /mock/raise raises an incident, /mock/cut cuts streams.
import { createServer, request } from "node:http";
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import geojsonvt from "geojson-vt";
import vtpbf from "vt-pbf";
import { desk } from "./desk.mjs";
import { fleet, fleetChanges, ZONES_LAYER } from "./fleet.mjs";
import { handleReports } from "./reports.mjs";
import { wards, world } from "./world.mjs";

const PORT = Number(process.env.PORT ?? 8765);
const DIST = new URL("../dist/", import.meta.url);
const BASEMAP = process.env.BASEMAP;
const PROXY = process.env.PROXY && new URL(process.env.PROXY);
const START_S = Math.floor(Date.now() / 1000) - 86400;
const nowS = () => Math.floor(Date.now() / 1000);
const seqNow = () => nowS() - START_S;
const wardFeatures = wards();
const wardIndex = new geojsonvt({ type: "FeatureCollection", features: wardFeatures }, { maxZoom: 16, promoteId: "id", buffer: 64 });
const streams = new Set();
let down = false;

function json(res, body, status = 200) {
  res.writeHead(status, { "Content-Type": "application/json" });
  res.end(JSON.stringify(body));
}

function page(entry, element, theme, body = "wall-page") {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", DIST)));
  const css = new Set();
  const js = new Set();
  const walk = (name) => {
    const chunk = manifest[name];
    if (!chunk || js.has(chunk.file)) return;
    js.add(chunk.file);
    for (const next of chunk.imports ?? []) walk(next);
    for (const sheet of chunk.css ?? []) css.add(sheet);
  };
  walk(entry);
  return `<!doctype html><html lang="vi" data-theme="${theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>IOC</title>
${[...css].map((f) => `<link rel="stylesheet" href="/static/ioc/${f}">`).join("")}
<script type="module" src="/static/ioc/${manifest[entry].file}"></script></head>
<body class="${body}">${element}</body></html>`;
}

function catalogue() {
  const now = nowS();
  return {
    city: { ...world.city, basemap: BASEMAP ? { url: "/basemap/hue.pmtiles", min_zoom: 6, max_zoom: 15, attribution: "© OpenStreetMap contributors" } : null },
    viewer: { name: "Nguyễn Văn An", role: "operator" }, now: world.iso(now), seq: seqNow(), synthetic: true,
    layers: [...world.layers.map((l) => ({
      ...l, count: l.slug === "wards" ? wardFeatures.length : l.slug === "history" ? 186_204 : world.state(l.slug, now).length,
      newest_at: world.iso(l.slug === "sensors" ? now - 6200 : now - 4),
    })), ZONES_LAYER],
  };
}

function status() {
  const now = nowS();
  const layers = {};
  for (const l of world.layers) {
    const rows = world.state(l.slug, now);
    const by = {};
    for (const row of rows) {
      const value = row.a[l.style.by];
      if (value !== undefined) by[value] = (by[value] ?? 0) + 1;
    }
    layers[l.slug] = {
      count: l.slug === "wards" ? wardFeatures.length : l.slug === "history" ? 186_204 : rows.length, by,
      newest_at: l.slug === "wards" || l.slug === "history" ? null : world.iso(l.slug === "sensors" ? now - 6200 : now - 4), stale: l.slug === "sensors",
    };
  }
  return { now: world.iso(now), seq: seqNow(), layers };
}

const cellsOf = (z, x, y) => {
  const features = [];
  const side = 64;
  for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) {
    const lon = ((x + (i + 0.5) / side) / 2 ** z) * 360 - 180;
    const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + (j + 0.5) / side)) / 2 ** z))) * 180) / Math.PI;
    const d = Math.hypot(lon - 107.585, (lat - 16.465) * 1.2);
    const ripple = 0.5 + 0.5 * Math.sin(lon * 700 + Math.cos(lat * 500) * 3) * Math.sin(lat * 640);
    const n = Math.floor(4 ** (11 - z) * 160 * Math.exp(-d * d * 900) * ripple ** 2 + 4 ** (11 - z) * 5 * Math.exp(-d * 9) * ripple ** 6);
    if (n > 0) features.push({ type: 1, geometry: [[((i + 0.5) / side) * 4096, ((j + 0.5) / side) * 4096]], tags: { n, by: ["road", "waste", "flood"][(i * 7 + j * 3) % 3] } });
  }
  return features;
};

function tile(slug, z, x, y) {
  if (slug === "wards") return wardIndex.getTile(z, x, y);
  if (slug === "history") return { features: cellsOf(z, x, y) };
  return null;
}

function replay(query) {
  const from = Math.floor(Date.parse(query.get("from")) / 1000);
  const to = Math.min(nowS(), Math.floor(Date.parse(query.get("to")) / 1000));
  const slugs = query.get("layers").split(",");
  const step = Math.max(30, Number(query.get("step_s") ?? 60));
  const state = slugs.flatMap((slug) => world.state(slug, from));
  const changes = [];
  for (let s = from + step; s <= to; s += step) {
    for (const slug of slugs) if (slug === "vessels" || (slug === "sensors" && s % 300 < step)) changes.push(...world.state(slug, s).filter((c) => c.t > s - step));
  }
  changes.sort((a, b) => a.t - b.t);
  return { from: world.iso(from), to: world.iso(to), step_s: step, state, changes };
}

function tilesSummary() {
  const now = nowS();
  const wave = (f, n = 24) => Array.from({ length: n }, (_, i) => f(now - (n - 1 - i) * 3600));
  const { text } = world;
  const river = world.level(0, now);
  return { tiles: [
    { key: "reports-today", title: text("Phản ánh hôm nay", "Reports today"), value: 41, unit: "", text: text("6 đang chờ quá 24 giờ", "6 waiting over 24 h"), trend: wave((s) => 3 + Math.round(3 * Math.sin(s / 7000) ** 2 + (s % 7))), state: "minor", layer: "reports", synthetic: true },
    { key: "river", title: text("Sông Hương, Kim Long", "Hương river, Kim Long"), value: river, unit: "m", text: text("trên báo động II, đang lên", "above alarm II, rising"), trend: wave((s) => world.level(0, s)), state: "severe", layer: "sensors", synthetic: true },
    { key: "at-sea", title: text("Tàu trên biển", "Vessels at sea"), value: 214, unit: "", text: text("12 tàu mất tín hiệu", "12 silent"), trend: wave((s) => 180 + Math.round(40 * Math.sin(s / 14000))), state: "good", layer: "vessels", synthetic: true },
    { key: "aqi", title: text("Không khí (VN_AQI)", "Air (VN_AQI)"), value: 62, unit: "", text: text("trung bình, PM2.5", "moderate, PM2.5"), trend: wave((s) => 55 + Math.round(15 * Math.sin(s / 12000))), state: "minor", layer: "sensors", synthetic: true },
    { key: "cameras", title: text("Camera đang chạy", "Cameras online"), value: 22, unit: "/24", text: text("2 mất tín hiệu", "2 offline"), trend: wave(() => 22 + (Math.random() > 0.8 ? 1 : 0)), state: "good", layer: "cameras", synthetic: true },
  ] };
}

function feature(slug, id) {
  if (slug === "wards") {
    const ward = wardFeatures.find((w) => String(w.id) === id);
    return ward && { ...ward, title: ward.properties.name_vi, layer: slug, at: null, synthetic: false, card: {} };
  }
  const row = world.state(slug, nowS()).find((c) => c.id === id);
  if (!row) return null;
  const card = { media: [], links: [], series: [], actions: [] };
  if (slug === "sensors") card.series.push({ title: world.text("Mực nước 24 giờ", "Level, 24 hours"), unit: "m", url: `/mock/series/${id}` });
  if (slug === "vessels") card.series.push({ title: world.text("Tốc độ", "Speed"), unit: "kn", url: `/mock/series/${id}` });
  if (slug === "incidents") card.links.push({ title: world.text("Trạm Kim Long", "Kim Long station"), layer: "sensors", id: "0" });
  if (slug === "cameras") card.links.push({ title: world.text("Sự kiện gần nhất", "Latest event"), layer: "camera-events", id: "1" });
  return { type: "Feature", id, geometry: { type: "Point", coordinates: row.p }, properties: row.a, title: row.a.name ?? row.a.title_vi, layer: slug, at: world.iso(row.t), synthetic: true, card };
}

function features(slug, query) {
  const limit = Number(query.get("limit") ?? 50);
  if (slug === "wards") return { features: wardFeatures.slice(0, limit), next: null, count_in_view: wardFeatures.length };
  const rows = world.state(slug, nowS());
  return { features: rows.slice(0, limit).map((r) => feature(slug, r.id)), next: null, count_in_view: slug === "history" ? 3120 : rows.length };
}

function search(q) {
  const low = q.toLowerCase();
  const found = wardFeatures.filter((w) => w.properties.name_vi.toLowerCase().includes(low)).slice(0, 5).map((w) => {
    const ring = w.geometry.coordinates[0][0];
    const xs = ring.map((p) => p[0]);
    const ys = ring.map((p) => p[1]);
    const bbox = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    return { kind: "district", title: w.properties.name_vi, subtitle: "Huế", lon: (bbox[0] + bbox[2]) / 2, lat: (bbox[1] + bbox[3]) / 2, bbox, layer: "wards", id: String(w.id) };
  });
  for (const slug of ["sensors", "vessels", "cameras"]) {
    for (const row of world.state(slug, nowS())) if (row.a.name.toLowerCase().includes(low) && found.length < 9) found.push({ kind: "feature", title: row.a.name, subtitle: world.layers.find((l) => l.slug === slug).title.vi, lon: row.p[0], lat: row.p[1], bbox: null, layer: slug, id: row.id });
  }
  const pair = /(-?\d+[.,]?\d*)[ ,;]+(-?\d+[.,]?\d*)/.exec(q);
  if (pair) found.unshift({ kind: "coordinate", title: q, subtitle: "", lat: Number(pair[1]), lon: Number(pair[2]), bbox: null, layer: null, id: null });
  return { results: found };
}

function live(req, res, query) {
  const slugs = query.get("layers").split(",");
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  res.write(`event: hello\ndata: ${JSON.stringify({ seq: seqNow(), now: world.iso(nowS()) })}\n\n`);
  const known = new Set(world.incidents(nowS()).map((i) => i.id + i.state));
  const tick = setInterval(() => {
    const now = nowS();
    const changes = query.get("layers") === "vessels" ? fleetChanges(now) : slugs.includes("vessels") ? world.state("vessels", now).filter((_, i) => i % 10 === now % 10 && i % 17) : [];
    if (now % 20 === 0 && slugs.includes("sensors")) changes.push(...world.state("sensors", now).slice(0, 5).map((c) => ({ ...c, t: now })));
    if (slugs.includes("incidents")) for (const change of world.state("incidents", now)) {
      const key = change.id + change.a.state;
      if (!known.has(key)) changes.push({ ...change, t: now });
      known.add(key);
    }
    res.write(`event: changes\nid: ${seqNow()}\ndata: ${JSON.stringify({ seq: seqNow(), at: world.iso(now), changes })}\n\n`);
  }, 1000);
  streams.add(res);
  req.on("close", () => { clearInterval(tick); streams.delete(res); });
}

function forward(req, res) {
  const onward = request({ host: PROXY.hostname, port: PROXY.port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
    res.on("close", () => answer.destroy());
  });
  onward.on("error", () => res.destroy());
  req.pipe(onward);
}

const TYPES = { js: "text/javascript", css: "text/css", woff2: "font/woff2", json: "application/json", svg: "image/svg+xml" };

async function handle(req, res) {
  const url = new URL(req.url, "http://x");
  const path = url.pathname;
  let m;
  if (path === "/mock/raise") return json(res, { id: world.raise() });
  if (path === "/mock/cut") { down = url.searchParams.get("for") !== "0"; for (const s of streams) s.destroy(); setTimeout(() => { down = false; }, Number(url.searchParams.get("for") ?? 15) * 1000); return json(res, {}); }
  if (down) return req.socket.destroy();
  if (path === "/" || (m = /^\/r\/([\w-]+)$/.exec(path))) {
    res.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:");
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    return res.end(page("src/citizen/main.ts", m ? `<ioc-report code="${m[1]}"></ioc-report>` : "<ioc-citizen></ioc-citizen>", "light", ""));
  }
  if (path === "/sw.js") {
    res.setHeader("Content-Type", "text/javascript");
    return createReadStream(new URL("sw.js", DIST)).pipe(res);
  }
  if (path === "/wall/") {
    res.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:");
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    return res.end(page("src/wall/main.ts", `<ioc-wall user-name="Nguyễn Văn An" role-name="operator"></ioc-wall>`, "dark"));
  }
  if (path === "/desk/") { res.setHeader("Content-Type", "text/html; charset=utf-8"); return res.end(page("src/desk/main.ts", "<ioc-desk></ioc-desk>", "light").replace("wall-page", "desk-page")); }
  if (path === "/fleet/") { res.setHeader("Content-Type", "text/html; charset=utf-8"); return res.end(page("src/fleet/main.ts", "<ioc-fleet></ioc-fleet>", "dark", "fleet-page")); }
  if (path === "/bench/") { res.setHeader("Content-Type", "text/html"); return res.end(page("src/bench/main.ts", "<main></main>", "dark")); }
  if ((m = /^\/static\/ioc\/(.+)$/.exec(path))) {
    const file = new URL(m[1], DIST);
    if (!existsSync(file)) return json(res, {}, 404);
    res.setHeader("Content-Type", TYPES[m[1].split(".").pop()] ?? "application/octet-stream");
    return createReadStream(file).pipe(res);
  }
  if (path === "/basemap/hue.pmtiles" && BASEMAP && !PROXY) {
    const size = statSync(BASEMAP).size;
    const range = /bytes=(\d+)-(\d*)/.exec(req.headers.range ?? "") ?? [0, "0", ""];
    const start = Number(range[1]);
    const end = Math.min(size - 1, range[2] ? Number(range[2]) : size - 1);
    res.writeHead(206, { "Content-Range": `bytes ${start}-${end}/${size}`, "Content-Length": end - start + 1, ETag: '"1"' });
    return createReadStream(BASEMAP, { start, end }).pipe(res);
  }
  if (await desk(req, res, url, json)) return undefined;
  if (!PROXY && await fleet(req, res, url, json)) return undefined;
  if (PROXY) return forward(req, res);
  if (await handleReports(req, res, url, json)) return;
  if (path === "/api/v1/layers") return json(res, catalogue());
  if (path === "/api/v1/status") return json(res, status());
  if (path === "/api/v1/tiles-summary") return json(res, tilesSummary());
  if (path === "/api/v1/search") return json(res, search(url.searchParams.get("q") ?? ""));
  if (path === "/api/v1/replay") return json(res, replay(url.searchParams));
  if (path === "/api/v1/incidents") return json(res, { incidents: world.incidents(nowS()), next: null });
  if ((m = /^\/api\/v1\/incidents\/(\w+)\/acknowledge$/.exec(path))) {
    const ok = world.acknowledge(m[1], "Nguyễn Văn An");
    const incident = world.incidents(nowS()).find((i) => i.id === m[1]);
    return ok ? json(res, incident) : json(res, { error: { code: "already-acknowledged", message: "Đã có người nhận", acknowledged_by: incident?.acknowledged_by, acknowledged_at: incident?.acknowledged_at } }, 409);
  }
  if ((m = /^\/mock\/series\/(\w+)$/.exec(path))) {
    const t = Array.from({ length: 145 }, (_, i) => nowS() - (144 - i) * 600);
    return json(res, { t, v: t.map((s, i) => (i > 60 && i < 70 ? null : world.level(Number(m[1]) % 7, s))), thresholds: [{ value: 1, title: world.text("BĐ I", "Alarm I"), color: "#f0d54e" }, { value: 2, title: world.text("BĐ II", "Alarm II"), color: "#f39c12" }, { value: 3.5, title: world.text("BĐ III", "Alarm III"), color: "#e4572e" }] });
  }
  if ((m = /^\/api\/v1\/layers\/([\w-]+)\/(snapshot|features|export)$/.exec(path))) {
    if (m[2] === "features") return json(res, features(m[1], url.searchParams));
    const rows = world.state(m[1], nowS());
    return json(res, { seq: seqNow(), layer: m[1], at: world.iso(nowS()), ids: rows.map((r) => r.id), lon: rows.map((r) => r.p[0]), lat: rows.map((r) => r.p[1]), t: rows.map((r) => r.t), props: rows.map((r) => r.a) });
  }
  if ((m = /^\/api\/v1\/layers\/([\w-]+)\/features\/(\w+)$/.exec(path))) {
    const found = feature(m[1], m[2]);
    return found ? json(res, found) : json(res, { error: { code: "not-found", message: "Không có" } }, 404);
  }
  if ((m = /^\/tiles\/([\w-]+)\/(\d+)\/(\d+)\/(\d+)\.mvt$/.exec(path))) {
    const made = tile(m[1], Number(m[2]), Number(m[3]), Number(m[4]));
    if (!made) { res.writeHead(204); return res.end(); }
    res.setHeader("Content-Type", "application/vnd.mapbox-vector-tile");
    return res.end(Buffer.from(vtpbf.fromGeojsonVt({ [m[1]]: made }, { version: 2 })));
  }
  if (path === "/live/") return live(req, res, url.searchParams);
  return json(res, { error: { code: "not-found", message: path } }, 404);
}

createServer(handle).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/wall/`));
