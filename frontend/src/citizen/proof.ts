import { challenge } from "./api";
import { solving, type Riddle } from "./solver";

/** Proof that this phone took a moment over the report, as the server's form field; empty where
 * none is asked for. */
export async function proof(): Promise<string> {
  const asked = await challenge();
  if (!asked.challenge) return "";
  const riddle: Riddle = {
    algorithm: String(asked.algorithm), challenge: String(asked.challenge),
    salt: String(asked.salt), signature: String(asked.signature),
    maxNumber: Number(asked.maxNumber ?? asked.maxnumber ?? 1_000_000),
  };
  const number = await inWorker(riddle).catch(() => here(riddle));
  const { algorithm, salt, signature } = riddle;
  return btoa(JSON.stringify({ algorithm, challenge: riddle.challenge, number, salt, signature }));
}

function inWorker(riddle: Riddle): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./solver.worker.ts", import.meta.url), { type: "module" });
    const end = (finish: () => void) => {
      worker.terminate();
      finish();
    };
    worker.onmessage = (event: MessageEvent<number | null>) => end(() => resolve(event.data));
    worker.onerror = () => end(() => reject(new Error("no worker")));
    worker.postMessage(riddle);
  });
}

/** Where no worker can be had: in slices, the page stays alive between them. */
async function here(riddle: Riddle): Promise<number | null> {
  const steps = solving(riddle);
  let step = steps.next();
  while (!step.done) {
    await new Promise((resolve) => setTimeout(resolve));
    step = steps.next();
  }
  return step.value;
}
