import { hexOf, sha256 } from "./sha256";

/** A riddle whose answer costs a machine a moment and a robot a fortune (altcha's first form). */
export interface Riddle {
  algorithm: string;
  challenge: string;
  salt: string;
  signature: string;
  maxNumber: number;
}

const SLICE = 2_000;

/** Yields now and then, so that whoever solves can breathe; returns the number, null without one. */
export function* solving(riddle: Riddle): Generator<void, number | null> {
  const encoder = new TextEncoder();
  for (let n = 0; n <= riddle.maxNumber; n++) {
    if (hexOf(sha256(encoder.encode(riddle.salt + n))) === riddle.challenge) return n;
    if (n % SLICE === SLICE - 1) yield;
  }
  return null;
}
