import { html, nothing, type TemplateResult } from "lit";
import { say } from "../i18n";
import { number } from "../i18n/format";
import * as api from "./api";
import "./board";
import type { Drawing, Shape, Ways } from "./board";
import type { Asked, Checked, RuleData, RuleKind, Spot, Tried } from "./contract";
import { OpenPart } from "./element";
import { glyph } from "./icons";
import { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { pictureUrl } from "./parts";
import { ruleForm } from "./ruleform";
import "./trial";
import { tell } from "./words";

const SETTLE_MS = 300;

/** Lines, zones and lamps on the picture, what each means, and a trial before they count. */
class RulesPage extends OpenPart {
  private rules: RuleData[] = [];
  private picked = -1;
  private drawing: Asked | null = null;
  private checked: Checked | null = null;
  private of = 0;
  private version = -1;
  private changed = false;
  private saving = false;
  private adding = false;
  private timer = 0;
  private asking: AbortController | null = null;
  private tab: "rules" | "trial" = "rules";
  private readonly trial = new JobWatch<Tried>();

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(() => { clearTimeout(this.timer); this.asking?.abort(); this.model.unsaved.value = false; });
    this.until(() => this.trial.stop());
    if (this.model.route.value.asked.get("trial")) this.tab = "trial";
  }

  protected override willUpdate(): void {
    const camera = this.model.open.value;
    if (camera && (camera.id !== this.of || (camera.version !== this.version && !this.changed))) this.take();
  }

  private take(): void {
    const camera = this.model.open.value!;
    const same = camera.id === this.of;
    this.of = camera.id;
    this.version = camera.version;
    this.rules = structuredClone(camera.declared);
    if (!same || this.picked >= this.rules.length) this.picked = this.rules.length ? 0 : -1;
    this.drawing = null;
    this.mark(false);
    this.check(0);
  }

  private mark(changed: boolean): void {
    this.changed = changed;
    this.model.unsaved.value = changed;
  }

  private kindOf(rule: RuleData): RuleKind | undefined {
    return this.model.kinds.value.find((one) => one.kind === rule.kind);
  }

  private change(index: number, name: string, value: unknown): void {
    const rule = { ...this.rules[index]! };
    if (value === undefined) delete rule[name];
    else rule[name] = value;
    this.rules = this.rules.map((one, i) => (i === index ? rule : one));
    this.mark(true);
    this.check(SETTLE_MS);
    this.requestUpdate();
  }

  private check(after: number): void {
    clearTimeout(this.timer);
    if (!this.model.may("set_up")) return;
    this.timer = window.setTimeout(async () => {
      this.asking?.abort();
      const asking = (this.asking = new AbortController());
      try {
        this.checked = await api.check(this.rules, asking.signal);
      } catch {
        if (asking.signal.aborted) return;
        this.checked = null;
      }
      this.requestUpdate();
    }, after);
  }

  private add(kind: RuleKind): void {
    const title = say(kind.title);
    const names = new Set(this.rules.map((rule) => rule.name));
    let name = title;
    for (let n = 2; names.has(name); n++) name = `${title} ${n}`;
    this.rules = [...this.rules, { kind: kind.kind, name: name.slice(0, 40) }];
    this.picked = this.rules.length - 1;
    this.adding = false;
    this.drawing = kind.fields.find((asked) => asked.required && (asked.type === "line" || asked.type === "zone")) ?? null;
    this.mark(true);
    this.check(SETTLE_MS);
    this.requestUpdate();
  }

  /** Takes the rules of a trial up, to go on from there. */
  private adopt(rules: RuleData[]): void {
    const before = this.rules;
    this.rules = structuredClone(rules);
    this.picked = this.rules.length ? 0 : -1;
    this.drawing = null;
    this.mark(true);
    this.check(0);
    this.requestUpdate();
    this.model.say(tell("rulesAdopted"), "good", async () => { this.rules = before; this.check(0); this.requestUpdate(); });
  }

  private drop(index: number): void {
    const before = this.rules;
    this.rules = before.filter((_, i) => i !== index);
    this.picked = Math.min(this.picked, this.rules.length - 1);
    this.drawing = null;
    this.mark(true);
    this.check(0);
    this.requestUpdate();
    this.model.say(tell("ruleDropped", { name: before[index]!.name }), "good", async () => { this.rules = before; this.picked = index; this.check(0); this.requestUpdate(); });
  }

  private drawn(points: Spot[]): void {
    const asked = this.drawing!;
    const rule = this.rules[this.picked]!;
    this.change(this.picked, asked.name, asked.type === "line" ? points.flat() : points);
    this.drawing = this.kindOf(rule)?.fields.find((one) => one.required && one.name !== asked.name && (one.type === "line" || one.type === "zone") && !this.rules[this.picked]![one.name]) ?? null;
    this.requestUpdate();
  }

  private moved(id: string, index: number, spot: Spot): void {
    const [at = "", name = ""] = id.split("/");
    const value = this.rules[Number(at)]?.[name] as number[] | Spot[] | undefined;
    if (!value) return;
    const next = typeof value[0] === "number" ? (value as number[]).map((v, i) => (i >> 1 === index ? spot[i & 1]! : v))
      : (value as Spot[]).map((one, i) => (i === index ? spot : one));
    this.change(Number(at), name, next);
  }

  private shapes(): Shape[] {
    return this.rules.flatMap((rule, i) => (this.kindOf(rule)?.fields ?? []).flatMap((asked): Shape[] => {
      const value = rule[asked.name];
      if (!Array.isArray(value) || !value.length || (asked.type !== "line" && asked.type !== "zone")) return [];
      const live = i === this.picked && this.model.may("set_up");
      const points = asked.type === "line" ? [[value[0], value[1]], [value[2], value[3]]] as Spot[] : (value as Spot[]);
      const main = asked.name === "line" || asked.name === "zone";
      return [{ id: `${i}/${asked.name}`, kind: asked.type, points, color: asked.name === "lamp" ? "var(--severity-severe)" : this.model.color(rule.kind), live, faint: Boolean(rule.off) || (this.picked >= 0 && !live && i !== this.picked),
        label: main || live ? (main ? rule.name : say(asked.title)) : undefined, ways: asked.type === "line" ? waysOf(rule, asked) : undefined,
        forbidden: rule.kind === "line" ? (rule.wrong as "" | "down" | "up" | undefined) ?? "" : rule.kind === "red_light" ? ((rule.direction as "down" | "up" | undefined) ?? "down") : "" }];
    }));
  }

  private async save(): Promise<void> {
    const camera = this.model.open.value!;
    this.saving = true;
    this.requestUpdate();
    try {
      const saved = await api.saveRules(camera.id, this.rules, camera.version);
      this.mark(false);
      this.model.took(saved);
      this.model.say(tell("rulesSaved", { n: this.rules.filter((rule) => !rule.off).length }));
    } catch (error) {
      this.model.say(reasonOf(error), "bad");
    }
    this.saving = false;
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const camera = this.model.open.value!;
    const may = this.model.may("set_up");
    const rule = this.rules[this.picked];
    const kind = rule && this.kindOf(rule);
    const drawing: Drawing | null = this.drawing && rule ? { kind: this.drawing.type as "line" | "zone", color: this.drawing.name === "lamp" ? "var(--severity-severe)" : this.model.color(rule.kind), hint: hintOf(this.drawing) } : null;
    return html`<div class="rules-page"><div class="rules-picture"><ioc-board .src=${pictureUrl(camera)} .alt=${tell("pictureOf", { name: say(camera.name) })} .shapes=${this.shapes()} .drawing=${drawing}
        .drawn=${(points: Spot[]) => this.drawn(points)} .cancelled=${() => this.set(() => (this.drawing = null))}
        .moved=${(id: string, index: number, spot: Spot) => this.moved(id, index, spot)}
        .picked=${(id: string) => this.set(() => { this.picked = Number(id.split("/")[0]); this.tab = "rules"; })}></ioc-board></div>
      <aside class="rules-side"><div class="side-tabs" role="tablist">${(["rules", "trial"] as const).map((one) => html`<button type="button" role="tab" aria-selected=${this.tab === one} @click=${() => this.set(() => (this.tab = one))}>${glyph(one)}${tell(one === "rules" ? "part_rules" : "trialTab")}</button>`)}</div>
        <div class="side-body">${this.tab === "trial" ? html`<ioc-cam-trial .model=${this.model} .watch=${this.trial} .rules=${this.rules} .good=${this.checked?.ok ?? false}
            .adopt=${(rules: RuleData[]) => this.adopt(rules)}></ioc-cam-trial>`
          : html`${this.list(may)}${rule && kind ? ruleForm({ rule, kind, wrong: this.problem(this.picked), drawing: this.drawing?.name ?? "",
            set: (name, value) => this.change(this.picked, name, value), draw: (asked) => this.set(() => (this.drawing = this.drawing?.name === asked.name ? null : asked)) }) : nothing}`}</div>
        ${may ? html`<footer class="form-foot"><span class="hint">${this.rate()}</span>
          ${this.changed ? html`<button type="button" class="button" @click=${() => { this.take(); this.requestUpdate(); }}>${glyph("undo")}${tell("discard")}</button>` : nothing}
          <button type="button" class="button primary" ?disabled=${!this.changed || this.saving || !this.checked?.ok} @click=${() => void this.save()}>${glyph("check")}${tell(this.saving ? "saving" : "switchOn")}</button></footer>` : nothing}</aside></div>`;
  }

  private problem(index: number): { field: string; words: string } | null {
    return this.checked?.problems.find((one) => one.index === index) ?? null;
  }

  private rate(): string {
    const needs = this.checked?.needs_per_s ?? 0;
    const gets = this.model.open.value!.frames_per_s;
    if (this.checked && !this.checked.ok) return tell("problems", { n: this.checked.problems.length });
    if (!needs || gets === null || gets >= needs) return needs ? tell("needsRate", { n: number(needs, 1) }) : "";
    return tell("tooSlow", { n: number(needs, 1), now: number(gets, 1) });
  }

  private list(may: boolean): TemplateResult {
    return html`<ul class="rule-list">${this.rules.map((rule, i) => html`<li class="${i === this.picked ? "open" : ""} ${rule.off ? "off" : ""}" style="--c:${this.model.color(rule.kind)}">
        <button type="button" class="rule-pick" aria-current=${i === this.picked ? "true" : nothing} @click=${() => this.set(() => { this.picked = i; this.drawing = null; })}><i></i><span><b>${rule.name || tell("unnamed")}</b><small>${say(this.kindOf(rule)?.title) || rule.kind}</small></span></button>
        ${this.problem(i) ? html`<span class="problem" title=${this.problem(i)!.words}>${glyph("alert")}</span>` : nothing}
        ${may ? html`<input type="checkbox" class="switch" role="switch" aria-label=${tell("ruleOn", { name: rule.name })} .checked=${!rule.off} @change=${() => this.change(i, "off", rule.off ? undefined : true)}>
          <button type="button" class="icon-button tiny" aria-label=${tell("removeRule", { name: rule.name })} @click=${() => this.drop(i)}>${glyph("trash")}</button>` : nothing}</li>`)}</ul>
      ${this.rules.length ? nothing : html`<p class="hint pad">${tell("noRules")}</p>`}
      ${may ? html`<details class="adder" .open=${this.adding || !this.rules.length} @toggle=${(event: Event) => (this.adding = (event.target as HTMLDetailsElement).open)}><summary>${glyph("plus")}${tell("addRule")}</summary>
        <div class="kinds">${this.model.kinds.value.map((kind) => html`<button type="button" style="--c:${this.model.color(kind.kind)}" @click=${() => this.add(kind)}><i></i><span><b>${say(kind.title)}</b><small>${say(kind.help)}</small></span></button>`)}</div></details>` : nothing}`;
  }
}

function waysOf(rule: RuleData, asked: Asked): Ways {
  if (asked.name === "arrow") return "along";
  if (rule.kind === "red_light") return (rule.direction as Ways | undefined) ?? "down";
  return "both";
}

function hintOf(asked: Asked): string {
  const what = asked.name === "lamp" ? "drawLamp" : asked.name === "arrow" ? "drawArrow" : asked.type === "line" ? "drawLine" : "drawZone";
  return tell(what);
}

customElements.define("ioc-cam-rules", RulesPage);
