const STATIC = "/static/";

/** What the page needs to open without the net is handed to the service worker to keep. */
export function installShell(): void {
  if (!("serviceWorker" in navigator)) return;
  addEventListener("load", () => void register());
}

async function register(): Promise<void> {
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const ready = await navigator.serviceWorker.ready;
    ready.active?.postMessage({ keep: [], page: true });
    // What is loaded later, as the map's own part is, is kept as well.
    new PerformanceObserver((seen) => {
      const loaded = seen.getEntries().map((entry) => entry.name).filter((name) => name.includes(STATIC));
      if (loaded.length) ready.active?.postMessage({ keep: loaded });
    }).observe({ type: "resource", buffered: true });
  } catch {
    // Refused (a private window, plain HTTP): the page works, only not without the net.
  }
}
