import { html, type TemplateResult } from "lit";
import { bandMark } from "./bands";
import { BANDS } from "./contract";
import { BAND_WORDS } from "./queue";
import { tell, type Said } from "./words";

const KEYS: [string[], Said][] = [
  [["j", "k"], "keyMove"], [["Enter"], "keyOpen"], [["x"], "keySelect"], [["a"], "keyAccept"],
  [["r"], "keyResolve"], [["n"], "keyNote"], [["u"], "keyUndo"], [["/"], "keySearch"],
  [["?"], "keyHelp"], [["Esc"], "keyEsc"],
];

export function helpBody(): TemplateResult {
  return html`<h2>${tell("keys")}</h2>
    <dl class="key-list">${KEYS.map(([keys, words]) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
      <dd>${tell(words)}</dd></div>`)}</dl>
    <h2>${tell("helpReading")}</h2>
    <ul class="band-list">${BANDS.filter((band) => band !== "none").map((band) =>
      html`<li>${bandMark(band)}${tell(BAND_WORDS[band]!)}</li>`)}</ul>
    <p class="quiet">${tell("clocksHint")}</p>`;
}
