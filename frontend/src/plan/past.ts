import { Signal } from "../common/signal";
import type { Question } from "./contract";

const KEPT = 40;

/** The questions before, so that any change can be taken back and made again. */
export class Past {
  /** How many steps lead back, and how many forth. */
  readonly steps = new Signal<[back: number, forth: number]>([0, 0]);
  private back: Question[] = [];
  private forth: Question[] = [];

  keep(now: Question): void {
    this.back = [...this.back, now].slice(-KEPT);
    this.forth = [];
    this.count();
  }

  /** The question to go to from this one; undefined at the end of the way. */
  turn(now: Question, forth: boolean): Question | undefined {
    const found = (forth ? this.forth : this.back).pop();
    if (found) (forth ? this.back : this.forth).push(now);
    this.count();
    return found;
  }

  private count(): void {
    this.steps.value = [this.back.length, this.forth.length];
  }
}
