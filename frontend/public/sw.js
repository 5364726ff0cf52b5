/* Keeps what the reporting page needs to open without the net. It keeps nothing that is personal:
 * everything is fetched for keeping without cookies, as a stranger would get it. */
const CACHE = "ioc-shell-1";
/** Pieces of the city's map as this phone has looked at it; the name ends in the map's version. */
const MAP = "ioc-map-";
const IS_MAP = /^\/basemap\/[^/]+\.pmtiles$/;
const MOST_PIECES = 400;
const PAGE = "/";
/** Stands for the page of every report: the page itself reads the code in its address. */
const REPORT = "/r/offline";
const IS_REPORT = /^\/r\/[A-Za-z0-9-]{6,16}$/;
const DATA = ["/api/v1/layers", "/api/v1/reports/categories"];
const NET_PATIENCE_MS = 3500;

self.addEventListener("install", (event) => {
  event.waitUntil(keep([PAGE, REPORT, ...DATA]).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names
        .filter((name) => name !== CACHE && !name.startsWith(MAP)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** The page names what it loads, and once a visit asks to be kept afresh itself. */
self.addEventListener("message", (event) => {
  const named = Array.isArray(event.data?.keep) ? event.data.keep : [];
  const assets = named.filter((url) => isAsset(new URL(url, location.origin)));
  event.waitUntil(keep([...(event.data?.page ? [PAGE, REPORT, ...DATA] : []), ...assets]));
});

/** Built files are kept once: their names change with what is in them. */
async function keep(urls) {
  const cache = await caches.open(CACHE);
  await Promise.all(urls.map(async (url) => {
    if (isAsset(new URL(url, location.origin)) && (await cache.match(url, { ignoreVary: true }))) return;
    await cache.add(new Request(url, { credentials: "omit" })).catch(() => undefined);
  }));
}

function isAsset(url) {
  return url.origin === location.origin && url.pathname.startsWith("/static/");
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.headers.has("range")) {
    if (IS_MAP.test(url.pathname)) event.respondWith(piece(event, `${url.pathname}?${request.headers.get("range")}`));
    return;
  }
  if (isAsset(url)) event.respondWith(fromCache(request));
  else if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(fromNet(request, PAGE));
  else if (request.mode === "navigate" && IS_REPORT.test(url.pathname)) event.respondWith(fromNet(request, REPORT));
  else if (DATA.includes(url.pathname)) event.respondWith(fromNet(request, url.pathname));
});

/** Built files carry a hash in their name: what is kept is right for ever. */
async function fromCache(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && response.status === 200) await cache.put(request, response.clone());
  return response;
}

/** The net first; what was kept where the net is silent. */
async function fromNet(request, key) {
  const answer = fetch(request);
  const kept = await (await caches.open(CACHE)).match(key, { ignoreVary: true });
  if (!kept) return answer;
  const patience = new Promise((resolve) => setTimeout(() => resolve(kept.clone()), NET_PATIENCE_MS));
  return Promise.race([answer.catch(() => kept), patience]);
}

/** A piece of the map: from the net, or as this phone saw it last. */
async function piece(event, key) {
  try {
    const answer = await fetch(event.request);
    if (answer.status === 206) event.waitUntil(keepPiece(key, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await caches.match(key);
    if (!kept) throw error;
    return new Response(kept.body, { status: 206, headers: kept.headers });
  }
}

/** Only whole answers can be kept, so a piece is kept as if it were one. Pieces of two versions of
 * the map do not fit together: a new one takes the old one's place. */
async function keepPiece(key, answer) {
  const name = MAP + answer.headers.get("etag");
  const body = await answer.arrayBuffer();
  const old = (await caches.keys()).filter((each) => each.startsWith(MAP) && each !== name);
  await Promise.all(old.map((each) => caches.delete(each)));
  const cache = await caches.open(name);
  await cache.put(key, new Response(body, { headers: answer.headers }));
  const keys = await cache.keys();
  const later = keys.filter((each) => !each.url.includes("bytes=0-"));  // the map's own contents stay
  await Promise.all(later.slice(0, Math.max(0, keys.length - MOST_PIECES)).map((each) => cache.delete(each)));
}

/** News of a report: shown at once; a later one of the same report takes its place. */
self.addEventListener("push", (event) => {
  let news = {};
  try {
    news = event.data?.json() ?? {};
  } catch {
    news = { body: event.data?.text() };
  }
  // The city may have more than one address; the news opens on the one this phone knows.
  const asked = new URL(news.url ?? PAGE, location.origin);
  const url = new URL(asked.pathname + asked.search, location.origin).href;
  event.waitUntil(self.registration.showNotification(news.title ?? "IOC", {
    body: news.body ?? "", tag: news.tag ?? url, renotify: true, lang: news.language ?? "vi",
    icon: "/static/ioc/icons/icon-192.png", badge: "/static/ioc/icons/icon-192.png", data: { url },
  }));
});

/** Opens the report the news is about, in the page that is open already where there is one. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data.url;
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((windows) => {
    const open = windows.find((one) => one.url === url);
    return open ? open.focus() : self.clients.openWindow(url);
  }));
});
