import { html, nothing, type TemplateResult } from "lit";
import * as api from "./api";
import type { Discovered } from "./contract";
import { CamPart } from "./element";
import { glyph } from "./icons";
import { JobWatch } from "./jobwatch";
import { reasonOf } from "./model";
import { failed, fault, waiting } from "./parts";
import { tell } from "./words";

/** Administrators ask their own networks which ONVIF cameras are in them, and add one. */
class DiscoveryPage extends CamPart {
  private networks: string[] | null = null;
  private network = "";
  private failure = "";
  private wrong = "";
  private readonly watch = new JobWatch<{ cameras: Discovered[] }>();

  override connectedCallback(): void {
    super.connectedCallback();
    this.until(this.watch.job.on(() => this.requestUpdate()));
    this.until(() => this.watch.stop());
    void this.ask();
  }

  private async ask(): Promise<void> {
    this.failure = "";
    try {
      this.networks = await api.networks();
      this.network ||= this.networks[0] ?? "";
    } catch (error) {
      this.failure = reasonOf(error);
    }
    this.requestUpdate();
  }

  private async search(): Promise<void> {
    this.wrong = "";
    try {
      this.watch.follow(await api.discover(this.network.trim()));
    } catch (error) {
      this.wrong = reasonOf(error);
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    return html`<section class="page" aria-labelledby="page-title"><header class="page-head"><a class="icon-button" href="#/cameras" aria-label=${tell("backToCameras")} title=${tell("backToCameras")}>${glyph("left")}</a>
        <div><h1 id="page-title">${tell("discovery")}</h1><p>${tell("discoveryWhy")}</p></div></header>
      ${this.failure ? failed(this.failure, () => void this.ask()) : !this.networks ? waiting() : this.networks.length ? this.form(this.networks)
        : html`<div class="empty">${glyph("radar")}<p>${tell("noNetworks")}</p><p><code>IOC_VISION_DISCOVERY=10.20.0.0/24</code></p></div>`}</section>`;
  }

  private form(networks: string[]): TemplateResult {
    const job = this.watch.job.value;
    return html`<form class="panel find-form" @submit=${(event: Event) => { event.preventDefault(); void this.search(); }}>
        <div class="field"><label for="f-network">${tell("network")}</label><input id="f-network" type="text" list="networks" autocomplete="off" .value=${this.network} aria-invalid=${this.wrong ? "true" : nothing}
          @input=${(event: Event) => this.set(() => (this.network = (event.target as HTMLInputElement).value))}><datalist id="networks">${networks.map((one) => html`<option value=${one}></option>`)}</datalist></div>
        <button type="submit" class="button primary" ?disabled=${this.watch.busy || !this.network.trim()}>${glyph("radar")}${tell(this.watch.busy ? "searching" : "searchNetwork")}</button>
        <p class="hint wide">${glyph("shield")}<span>${tell("networksAllowed", { list: networks.join(", ") })}</span></p>${fault(this.wrong)}</form>
      ${this.watch.busy ? html`<div class="wait" role="status"><span class="spinner"></span><p>${tell(job!.state === "queued" ? "jobQueued" : "searchingWhy")}</p></div>` : nothing}
      ${job?.state === "failed" ? html`<div class="empty" role="alert">${glyph("alert")}<p>${job.note}</p></div>` : nothing}
      ${job?.state === "done" ? this.found(job.result.cameras) : nothing}`;
  }

  private found(cameras: Discovered[]): TemplateResult {
    if (!cameras.length) return html`<div class="empty" role="status">${glyph("radar")}<p>${tell("nobodyAnswers")}</p></div>`;
    return html`<div class="panel"><table class="plain wide-table"><caption>${tell("answered", { n: cameras.length })}</caption>
      <thead><tr><th scope="col">${tell("ipAddress")}</th><th scope="col">${tell("nameStep")}</th><th scope="col">${tell("make")}</th><th scope="col">${tell("locationTold")}</th><th></th></tr></thead>
      <tbody>${cameras.map((one) => html`<tr><th scope="row"><code>${one.ip}</code></th><td>${one.name || "–"}</td><td>${one.model || "–"}</td><td>${one.location || "–"}</td>
        <td class="num">${one.known ? html`<a href="#/cameras/${one.known.id}">${glyph("check")} ${one.known.name}</a>` : html`<a class="button small primary" href="#/cameras/new?${new URLSearchParams({ ip: one.ip, name: one.name, model: one.model, service: one.services[0] ?? "" })}">${glyph("plus")}${tell("addThis")}</a>`}</td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define("ioc-cam-discovery", DiscoveryPage);
