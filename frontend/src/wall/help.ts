import { html } from "lit";
import { lang, t, type WordKey } from "../i18n";

const KEYS: [string, WordKey][] = [
  ["/", "help.search"], ["l", "help.layers"], ["v", "help.list"], ["f", "help.full"],
  ["w", "help.wall"], ["m", "help.measure"], ["z", "help.flood"], ["Space", "help.play"], ["← →", "help.step"],
  ["n", "help.live"], ["Ctrl + −", "help.scale"], ["↑ ↓ ← → + −", "help.map"],
  ["Enter", "help.pick"], ["?", "help.help"], ["Esc", "help.esc"],
];

/** What the help dialog says. The dialog itself is Web Awesome's, loaded when first opened. */
export function helpBody() {
  return html`<div class="help" lang=${lang.value}>
    <h2 id="help-title">${t("help.title")}</h2>
    <h3>${t("help.keys")}</h3>
    <dl>${KEYS.map(([key, words]) => html`<div><dt>${key.split(" ").map((each) => html`<kbd>${each}</kbd>`)}</dt><dd>${t(words)}</dd></div>`)}</dl>
    <h3>${t("help.reading")}</h3>
    <ul><li>${t("help.reading.1")}</li><li>${t("help.reading.2")}</li><li>${t("help.reading.3")}</li></ul></div>`;
}
