const BUDGET_MS = 6;
const waiting: (() => void)[] = [];
let queued = false;

/**
 * Runs heavy work between frames, a little in each: tiles arrive in bunches, and a bunch decoded
 * at once is a map that stutters while one drags it.
 */
export function whenIdle(work: () => void): void {
  waiting.push(work);
  if (queued) return;
  queued = true;
  requestAnimationFrame(run);
}

function run(): void {
  const until = performance.now() + BUDGET_MS;
  do waiting.shift()?.();
  while (waiting.length && performance.now() < until);
  queued = waiting.length > 0;
  if (queued) requestAnimationFrame(run);
}
