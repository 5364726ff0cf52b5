/** What the page needs to open without the net is handed to the service worker to keep. */
export function installShell(): void {
  if (!("serviceWorker" in navigator)) return;
  addEventListener("load", () => void register());
}

async function register(): Promise<void> {
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const ready = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    ready.active?.postMessage({ keep: loaded });
  } catch {
    // Refused (a private window, plain HTTP): the page works, only not without the net.
  }
}
