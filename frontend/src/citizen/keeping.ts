import { newDraft, type Draft } from "./draft";

/** Where drafts survive a reload, a flat battery and a week without the net. */
const NAME = "ioc-reports";
const STORE = "drafts";

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const ask = indexedDB.open(NAME, 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore(STORE, { keyPath: "key" });
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });
  return opened;
}

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(STORE, mode);
    const ask = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(ask.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** All drafts of this phone, the newest first. Empty where the browser keeps nothing. */
export async function keptDrafts(): Promise<Draft[]> {
  try {
    const drafts = await run<Draft[]>("readonly", (store) => store.getAll());
    // A draft of an older page lacks what was added since.
    return drafts.map((draft) => ({ ...newDraft(), ...draft })).sort((a, b) => b.madeAt.localeCompare(a.madeAt));
  } catch {
    return [];
  }
}

/** The draft as it is kept now; null where it was deleted, undefined where that cannot be known. */
export async function keptDraft(key: string): Promise<Draft | null | undefined> {
  try {
    return (await run<Draft | undefined>("readonly", (store) => store.get(key))) ?? null;
  } catch {
    return undefined;
  }
}

/** False where the browser refuses to keep it (a private window, a full disk). */
export async function keep(draft: Draft): Promise<boolean> {
  try {
    await run("readwrite", (store) => store.put({ ...draft }));
    return true;
  } catch {
    return false;
  }
}

export async function forget(key: string): Promise<void> {
  try {
    await run("readwrite", (store) => store.delete(key));
  } catch {
    // Nothing was kept.
  }
}
