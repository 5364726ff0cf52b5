import { Signal } from "../common/signal";
import * as api from "./api";
import type { Job } from "./contract";

const ASK_MS = 700;
const ASK_SLOWLY_MS = 2500;
const SLOWLY_AFTER = 12;

/** Follows one job until it is over; a lost connection is asked again. */
export class JobWatch<T> {
  readonly job = new Signal<Job<T> | null>(null);
  private timer = 0;
  private turns = 0;

  get busy(): boolean {
    const state = this.job.value?.state;
    return state === "queued" || state === "running";
  }

  follow(job: Job<T>): void {
    this.stop();
    this.turns = 0;
    this.job.value = job;
    this.again();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private again(): void {
    if (!this.busy) return;
    this.timer = window.setTimeout(() => void this.ask(), this.turns++ < SLOWLY_AFTER ? ASK_MS : ASK_SLOWLY_MS);
  }

  private async ask(): Promise<void> {
    const id = this.job.value?.id;
    if (!id) return;
    const next = await api.job<T>(id).catch(() => null);
    if (this.job.value?.id !== id) return;
    if (next) this.job.value = next;
    this.again();
  }

  async cancel(): Promise<void> {
    const id = this.job.value?.id;
    if (!id || !this.busy) return;
    await api.cancelJob<T>(id).catch(() => null);
    await this.ask();
  }
}
