import { html, nothing, type TemplateResult } from "lit";
import { serverNow } from "../common/catalogue";
import { IocElement } from "../common/element";
import { say } from "../i18n";
import { ago, dateTime } from "../i18n/format";
import { byCode, mineOnline, type MineRow } from "./api";
import { hasContent, type Category, type Draft } from "./draft";
import { glyph, maki } from "./icons";
import { categoryBadge, lateMark, stateColor, stateMark } from "./looks";
import { outbox } from "./outbox";
import { photoUrl } from "./photourl";
import { tell, type Said } from "./words";

const STATES: Record<Draft["state"], Said> = {
  draft: "stateDraft", queued: "stateQueued", sending: "stateSending",
  refused: "stateRefused", sent: "stateSent",
};
const MOST_ASKED = 12;

/** `/#/mine`: this phone's reports and what it follows, merged with those of the account. */
class Mine extends IocElement {
  static override properties = { categories: { attribute: false }, signedIn: { attribute: false } };
  declare categories: Category[];
  declare signedIn: boolean;
  private online: MineRow[] = [];
  private doomed = "";
  private asked = false;

  constructor() {
    super();
    this.uses(outbox.drafts);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh();
  }

  protected override updated(): void {
    if (!this.signedIn || this.asked) return;
    this.asked = true;
    mineOnline().then(({ reports }) => (this.online = reports))
      .catch(() => undefined).finally(() => this.requestUpdate());
  }

  /** How each stands now, as its own page would say; without the net what was last heard stays. */
  private async refresh(): Promise<void> {
    const sent = outbox.drafts.value.filter((draft) => draft.state === "sent").slice(0, MOST_ASKED);
    for (const draft of sent) {
      try {
        const now = await byCode(draft.code, draft.key);
        draft.standing = {
          state: now.state.value, title: now.state.title, at: now.steps.at(-1)?.at ?? now.created_at,
          overdue: now.overdue ?? false, question: Boolean(now.question && now.can?.includes("answer")),
        };
        draft.categoryTitle ??= now.category.title;
        draft.meToo = now.me_too ?? draft.meToo;
        await outbox.save(draft);
      } catch {
        return;
      }
    }
  }

  override render(): TemplateResult {
    const all = outbox.drafts.value.filter((one) => one.state !== "draft" || hasContent(one));
    const here = new Set(all.map((one) => one.code || one.follows));
    const online = this.online.filter((row) => !here.has(row.code));
    const waiting = all.filter((one) => one.state !== "sent");
    const sent = all.filter((one) => one.state === "sent" && !one.follows);
    const followed = all.filter((one) => one.state === "sent" && one.follows);
    return html`<div class="sheet-head"><a class="icon-button" href="#/" aria-label=${tell("back")}>${glyph("back")}</a>
        <h1 id="mine-title">${tell("mine")}</h1></div>
      <div class="sheet-body">
        ${all.length || online.length ? nothing : html`<div class="empty-mine">${maki("marker")}<p>${tell("mineEmpty")}</p>
          <a class="button primary big" href="#/new/photo">${glyph("plus")}${tell("report")}</a></div>`}
        ${this.group("groupWaiting", waiting.map((draft) => this.row(draft)))}
        ${this.group("groupSent", [...sent.map((draft) => this.row(draft)),
          ...online.filter((row) => !row.following).map((row) => this.onlineRow(row))])}
        ${this.group("groupFollowed", [...followed.map((draft) => this.row(draft)),
          ...online.filter((row) => row.following).map((row) => this.onlineRow(row))])}
      </div>`;
  }

  private group(title: Said, rows: TemplateResult[]): TemplateResult | typeof nothing {
    if (!rows.length) return nothing;
    return html`<section class="mine-group"><h2>${tell(title)}</h2><ul class="mine">${rows}</ul></section>`;
  }

  private row(draft: Draft): TemplateResult {
    const category = this.categories.find((each) => each.code === draft.category);
    const photo = draft.photos[0];
    return html`<li class="mine-row" data-state=${draft.state} data-follows=${draft.follows || nothing}>
      ${photo ? html`<img src=${photoUrl(photo)} alt="">`
        : html`<span class="badge" style="--badge:${category?.color ?? "var(--kind-report)"}"
          >${maki(category?.icon ?? "marker")}</span>`}
      <div class="mine-words">
        <strong>${say(category?.title) || say(draft.categoryTitle) || tell("report")}</strong>
        ${draft.words ? html`<p class="quiet clamp">${draft.words}</p>` : nothing}
        <p class="small">${standing(draft)}
          ${draft.code ? html`<span class="code">${draft.code}</span>` : nothing}
          ${when(draft)}</p>
        ${draft.problem && draft.state !== "sent" ? html`<p class="problem">${draft.problem}</p>` : nothing}
        ${draft.standing?.question ? html`<p class="asks">${glyph("question")}${tell("asksYou")}</p>` : nothing}
        <div class="mine-actions">${this.actions(draft)}</div>
      </div>
    </li>`;
  }

  private onlineRow(row: MineRow): TemplateResult {
    return html`<li class="mine-row" data-state="sent">
      ${categoryBadge(row.category)}
      <div class="mine-words"><strong>${say(row.category.title)}</strong>
        <p class="small">${stateMark(row.state)}
          <span class="code">${row.code}</span>
          <span class="quiet" title=${dateTime(row.created_at)}>${ago(row.created_at, serverNow())}</span></p>
        ${row.question ? html`<p class="asks">${glyph("question")}${tell("asksYou")}</p>` : nothing}
        <div class="mine-actions"><a class="button small" href=${row.url}>${tell("follow")}${glyph("next")}</a></div>
      </div></li>`;
  }

  private actions(draft: Draft): TemplateResult {
    const open = () => this.dispatchEvent(new CustomEvent("write", { detail: draft }));
    const retry = html`<button class="button small" @click=${() => void outbox.flush()}
      >${glyph("retry")}${tell("retry")}</button>`;
    switch (draft.state) {
      case "sent":
        return html`<a class="button small ${draft.standing?.question ? "primary" : ""}" href="/r/${draft.code}"
          >${tell(draft.standing?.question ? "answerIt" : "follow")}${glyph("next")}</a>`;
      case "draft":
        return html`<button class="button small primary" @click=${open}>${tell("continueDraft")}</button>${this.discard(draft)}`;
      case "refused":
        return html`<button class="button small primary" @click=${open}>${tell(draft.follows ? "sendOwn" : "mend")}</button>${this.discard(draft)}`;
      case "queued":
        return html`${retry}${this.discard(draft)}`;
      default:
        return html`${nothing}`;
    }
  }

  private discard(draft: Draft): TemplateResult {
    const doom = () => {
      this.doomed = draft.key;
      this.requestUpdate();
    };
    return this.doomed === draft.key
      ? html`<button class="button small danger" @click=${() => void outbox.remove(draft)}
          >${glyph("trash")}${tell("removeSure")}</button>`
      : html`<button class="button small" @click=${doom}>${glyph("trash")}${tell("remove")}</button>`;
  }
}

function standing(draft: Draft): TemplateResult {
  if (draft.state === "sent" && draft.standing) {
    return html`<span class="state" style="--badge:${stateColor(draft.standing.state)}"
      >${say(draft.standing.title)}</span>${lateMark(draft.standing.overdue)}`;
  }
  return html`<span class="state" data-state=${draft.state}>${tell(STATES[draft.state])}</span>`;
}

/** What was sent has the server's time; a draft's is the phone's own, right or wrong. */
function when(draft: Draft): TemplateResult {
  const at = draft.sentAt || draft.madeAt;
  return html`<span class="quiet" title=${dateTime(at)}>${ago(at, draft.sentAt ? serverNow() : Date.now())}</span>`;
}

customElements.define("ioc-mine", Mine);
