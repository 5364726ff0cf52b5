import { uuid } from "../common/uuid";
import { HttpError } from "../common/http";
import { Signal } from "../common/signal";
import * as api from "./api";
import type { AlertFile, Evidence } from "./contract";
import { reasonOf, type FleetModel, type Load } from "./model";
import { tell } from "./words";

export const STAGES = ["seen", "called", "warned", "handed_over", "closed"] as const;

/** One alert and the next step of it. What was typed outlives a refusal. */
export class Handling {
  readonly open = new Signal("");
  readonly alert = new Signal<AlertFile | null>(null);
  readonly state = new Signal<Load>("none");
  readonly stage = new Signal("");
  readonly busy = new Signal(false);
  /** Why the last step was refused; `stale` where somebody else acted first. */
  readonly refusal = new Signal<{ text: string; stale: boolean } | null>(null);
  readonly evidence = new Signal<Evidence | null>(null);
  readonly evidenceState = new Signal<Load>("none");
  words = "";
  cause = "";
  private key = "";
  private abort: AbortController | null = null;

  constructor(private readonly model: FleetModel) {}

  show(id: string): void {
    if (id === this.open.value) return;
    this.open.value = id;
    this.alert.value = null;
    this.evidence.value = null;
    this.evidenceState.value = "none";
    this.choose("");
    this.words = "";
    this.cause = "";
    this.state.value = "none";
    if (id) void this.load();
  }

  async load(quiet = false): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    if (!quiet) this.state.value = "loading";
    try {
      const alert = await api.loadAlert(this.open.value, abort.signal);
      if (abort.signal.aborted) return;
      this.alert.value = alert;
      this.state.value = "ready";
    } catch (error) {
      if (abort.signal.aborted) return;
      this.model.problem = reasonOf(error);
      this.state.value = "failed";
    }
  }

  choose(stage: string): void {
    this.stage.value = stage;
    this.refusal.value = null;
    this.key = uuid();
  }

  /** Takes the step; sending it again after a lost answer does nothing twice. */
  async send(): Promise<void> {
    const alert = this.alert.value;
    const stage = this.stage.value;
    if (!alert || !stage || this.busy.value) return;
    if (stage === "closed" && !this.cause) {
      this.refusal.value = { text: tell("causeNeeded"), stale: false };
      return;
    }
    this.busy.value = true;
    this.refusal.value = null;
    try {
      await api.moveAlert(String(alert.id), {
        stage, words: this.words.trim(), version: alert.version, key: this.key,
        ...(stage === "closed" && { cause: this.cause }),
      });
      this.words = "";
      this.cause = "";
      this.choose("");
      this.model.say(tell(stage === "closed" ? "closedDone" : "stageDone"), "good");
      await this.load(true);
      this.model.hint();
    } catch (error) {
      const stale = error instanceof HttpError && error.status === 409;
      const away = error instanceof HttpError && error.status === 0;
      this.refusal.value = { text: away ? tell("noAnswer") : reasonOf(error), stale };
      if (stale) {
        this.key = uuid();
        await this.load(true);
      }
    } finally {
      this.busy.value = false;
    }
  }

  async loadEvidence(): Promise<void> {
    const id = this.open.value;
    this.evidenceState.value = "loading";
    try {
      const evidence = await api.loadEvidence(id);
      if (id !== this.open.value) return;
      this.evidence.value = evidence;
      this.evidenceState.value = "ready";
    } catch (error) {
      this.model.problem = reasonOf(error);
      this.evidenceState.value = "failed";
    }
  }
}
