import type { OfferWord } from "../actions/creator.js";
import type { ChainClient } from "../chain/client.js";
import { StreamError } from "../core/errors.js";
import { fromBase64, toBase64 } from "../media/bytes.js";
import { type Source } from "../media/unixfs.js";
import type { Wallet } from "../wallet/wallet.js";
import { PublishError } from "./errors.js";
import { type Terms } from "./publish.js";

// The helper on the creator's machine, which packages, encrypts and uploads; the page's wallet signs (docs/spec/packager.md).

const PART = 8 << 20, WAIT = 25;

/** The helper's refusal. Slugs are those of docs/spec/packager.md, and `no-helper` where none answers. */
export class PackagerError extends StreamError {
  override name = "PackagerError";
  constructor(slug: string, message: string, readonly status = 0, readonly offset?: number) {
    super(slug, message);
  }
}

export interface PackagerInfo {
  service: string;
  version: string;
  chain_id: string;
  ffmpeg: { ok: boolean; detail: string };
  max_bytes: number;
  paired: boolean;
}

/** What the job waits for: one transaction with exactly these messages, or the account's signature of a text. */
export interface Ask {
  id: string;
  kind: "send" | "sign";
  purpose: string;
  account: string;
  messages?: { type_url: string; value: string; json: unknown }[];
  text?: string;
}

export type Answer =
  | { ask: string; tx_hash: string }
  | { ask: string; pubkey: string; signature: string }
  | { ask: string; refused: { codespace: string; code: number; log: string } }
  | { ask: string; cancelled: true };

/** A work in the making. */
export interface Job {
  id: string;
  name: string;
  size: number;
  received: number;
  state: "receiving" | "received" | "packaging" | "packaged" | "preparing" | "prepared" | "publishing" | "done" | "stopped" | "failed";
  queued: boolean;
  revision: string;
  error?: { slug: string; detail: string };
  cover: "own" | "file" | "none";
  captions: string[];
  probe?: { kind: string; seconds: number; renditions?: { width?: number; height?: number; bandwidth: number; copied: boolean }[]; captions?: string[]; type?: string; left_out?: string[] };
  quote?: {
    work: string; root: string; creator: string; kind: string; bytes: number; seconds: number; deposit: string; storage: string; days: number; encrypted: boolean; holders: number;
    threshold: number; copies: { provider: string; endpoint: string; price: string }[];
  };
  progress: { stage: string; done: number; total: number }[];
  ask?: Ask;
  result?: { work: string; root: string; creator: string; tx: string; height: number | string; encrypted: boolean; secret: string; copies: { provider: string; endpoint: string; status: string }[] };
}

/** The helper's API. */
export class Packager {
  private readonly base: string;
  /** token: of pair, kept by the page */
  constructor(url: string, public token = "", private readonly fetcher: typeof fetch = (i, o) => fetch(i, o)) {
    const { protocol, hostname, origin } = new URL(url);
    // a helper elsewhere would be given files and offers, and asked what to sign
    if (protocol !== "http:" || !["127.0.0.1", "localhost", "[::1]"].includes(hostname)) throw new PackagerError("no-helper", "a packager is on this machine: http://127.0.0.1 and its port");
    this.base = origin;
  }

  /** What helper there is. PackagerError `no-helper`. */
  async info(): Promise<PackagerInfo> {
    const i = await this.json<PackagerInfo>("GET", "/v1/info");
    if (i.service !== "streamchain-packager") throw new PackagerError("no-helper", "what answers there is no packager");
    return i;
  }

  /** Exchanges the code that the helper shows for a token, which is kept in `token` too. */
  async pair(code: string): Promise<string> {
    return (this.token = (await this.json<{ token: string }>("POST", "/v1/pair", { code })).token);
  }

  jobs(): Promise<{ jobs: Job[]; free_bytes: number }> {
    return this.json("GET", "/v1/jobs");
  }

  create(name: string, size: number): Promise<Job> {
    return this.json("POST", "/v1/jobs", { name, size });
  }

  /** A job; with after, as soon as it changed, or when 25 s are over. */
  job(id: string, after?: string, signal?: AbortSignal): Promise<Job> {
    return this.json("GET", `/v1/jobs/${encodeURIComponent(id)}${after === undefined ? "" : `?after=${encodeURIComponent(after)}&wait=${WAIT}`}`, undefined, signal);
  }

  async remove(id: string, force = false): Promise<void> {
    await this.json("DELETE", `/v1/jobs/${encodeURIComponent(id)}${force ? "?force=true" : ""}`);
  }

  /** Gives the helper the job's file, from where it has it already. */
  async send(job: Job, file: Source, progress?: (bytes: number) => void, signal?: AbortSignal): Promise<Job> {
    if (file.size !== job.size) throw new PackagerError("changed", "the file has another size than the job was begun with");
    let at = job.received, got = job;
    while (at < file.size) {
      const to = Math.min(at + PART, file.size);
      try {
        got = await this.put<Job>(`${job.id}/file`, await file.slice(at, to).arrayBuffer(), { "Content-Range": `bytes ${at}-${to - 1}/${file.size}` }, signal);
        at = got.received;
      } catch (e) {
        if (!(e instanceof PackagerError) || e.slug !== "offset" || e.offset === undefined || e.offset === at) throw e;
        at = e.offset;
      }
      progress?.(at);
    }
    return got;
  }

  cover(id: string, picture: Blob): Promise<Job> {
    return this.put(`${id}/cover`, picture, { "Content-Type": picture.type || "application/octet-stream" });
  }

  captions(id: string, language: string, text: Blob): Promise<Job> {
    return this.put(`${id}/captions/${encodeURIComponent(language)}`, text, { "Content-Type": "text/vtt" });
  }

  removeCaptions(id: string, language: string): Promise<Job> {
    return this.json("DELETE", `/v1/jobs/${encodeURIComponent(id)}/captions/${encodeURIComponent(language)}`);
  }

  removeCover(id: string): Promise<Job> {
    return this.json("DELETE", `/v1/jobs/${encodeURIComponent(id)}/cover`);
  }

  /** The picture that will be the cover. */
  async picture(id: string): Promise<Blob> {
    const r = await this.request("GET", `/v1/jobs/${encodeURIComponent(id)}/cover`);
    return r.blob();
  }

  package(id: string, renditions?: string): Promise<Job> {
    return this.step(id, "package", renditions ? { renditions } : {});
  }

  async prepare(id: string, account: string, terms: Terms & { keepSecret?: boolean; providers?: string[]; renditions?: string }): Promise<Job> {
    return this.step(id, "prepare", await termsJson(account, terms));
  }

  publish(id: string): Promise<Job> {
    return this.step(id, "publish", {});
  }

  stop(id: string): Promise<Job> {
    return this.step(id, "stop", {});
  }

  answer(id: string, a: Answer): Promise<Job> {
    return this.step(id, "answer", a);
  }

  private step(id: string, what: string, body: unknown): Promise<Job> {
    return this.json("POST", `/v1/jobs/${encodeURIComponent(id)}/${what}`, body);
  }

  private async put<T>(path: string, body: BodyInit, headers: Record<string, string>, signal?: AbortSignal): Promise<T> {
    return (await (await this.request("PUT", `/v1/jobs/${path}`, body, headers, signal)).json()) as T;
  }

  private async json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const r = await this.request(method, path, body === undefined ? undefined : JSON.stringify(body), body === undefined ? {} : { "Content-Type": "application/json" }, signal);
    return (r.status === 204 ? {} : await r.json()) as T;
  }

  private async request(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    let r: Response;
    try {
      r = await this.fetcher(this.base + path, {
        method, credentials: "omit", redirect: "error", ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}),
        headers: { ...headers, ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) },
      });
    } catch {
      signal?.throwIfAborted();
      throw new PackagerError("no-helper", "no packager answers on this machine: start it with streamd packager");
    }
    if (r.ok) return r;
    const p = (await r.json().catch(() => ({}))) as { slug?: string; detail?: string; offset?: number };
    throw new PackagerError(p.slug ?? "internal", p.detail ?? `the packager answered ${r.status}`, r.status, p.offset);
  }
}

/** Terms as the helper takes them; offers as proto JSON, whose 64-bit numbers are texts. */
async function termsJson(account: string, t: Terms & { keepSecret?: boolean; providers?: string[]; renditions?: string }): Promise<unknown> {
  const { offer } = await import("../actions/creator.js");
  const offers = JSON.parse(JSON.stringify(t.offers.map((o: OfferWord) => offer(o)), (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v))) as unknown;
  return {
    account, title: t.title, licence: t.licence, offers, encrypt: !t.noEncrypt, keep_secret: t.keepSecret ?? false, copies: t.copies ?? 3, days: t.days ?? 30,
    ...(t.description ? { description: t.description } : {}), ...(t.language ? { language: t.language } : {}), ...(t.kind ? { kind: t.kind } : {}), ...(t.tags?.length ? { tags: t.tags } : {}),
    ...(t.handle ? { handle: t.handle } : {}), ...(t.previous ? { previous: t.previous } : {}), ...(t.parents?.length ? { parents: t.parents } : {}),
    ...(t.providers?.length ? { providers: t.providers } : {}), ...(t.renditions ? { renditions: t.renditions } : {}),
  };
}

/** Does what a job asks for with a wallet, and says what came of it. check sees the messages before the wallet does; false cancels. */
export async function answerAsk(ask: Ask, o: { client: () => Promise<ChainClient>; wallet: Wallet; check?: (ask: Ask) => boolean | Promise<boolean> }): Promise<Answer> {
  const { wallet } = o;
  if (ask.account !== wallet.address) {
    throw new PublishError("other-account", `the job is signed by ${ask.account}: open that account's wallet`);
  }
  if (o.check && !(await o.check(ask))) return { ask: ask.id, cancelled: true };
  try {
    if (ask.kind === "sign") {
      // nothing but an upload is signed as a text here, whatever the helper asks for
      if (!ask.text?.startsWith("StreamChain upload\n") || !ask.text.includes(`\naccount: ${wallet.address}\n`)) throw new PublishError("refused", "the packager asks for a signature of something else than an upload");
      return { ask: ask.id, pubkey: toBase64(wallet.pubkey), signature: toBase64(await wallet.signArbitrary(ask.text)) };
    }
    const msgs = (ask.messages ?? []).map((m) => ({ typeUrl: m.type_url, value: fromBase64(m.value) }));
    const done = await (await o.client()).tx(wallet, msgs);
    return { ask: ask.id, tx_hash: done.hash };
  } catch (e) {
    const x = e as { slug?: string; codespace?: string; code?: number; log?: string; hash?: string; message?: string };
    if (x.slug === "rejected") return { ask: ask.id, cancelled: true };
    // it may still come: the helper looks for it
    if (x.slug === "unconfirmed" && x.hash) return { ask: ask.id, tx_hash: x.hash };
    if (typeof x.codespace === "string") return { ask: ask.id, refused: { codespace: x.codespace, code: x.code ?? 0, log: x.log || x.message || "" } };
    throw e;
  }
}

export interface ViaPackagerOptions {
  packager: Packager;
  client: () => Promise<ChainClient>;
  wallet: Wallet;
  terms: Terms & { keepSecret?: boolean; providers?: string[]; renditions?: string };
  /** of a job that was begun before */
  job?: string;
  /** keeps the job's id, so that it can be gone on with */
  began?: (id: string) => void;
  cover?: Blob;
  captions?: Record<string, Blob>;
  /** Told of each change of the job, and how much of the file it has. */
  progress?: (job: Job) => void;
  /** Asked once everything is known and before anything is paid; false stops. */
  confirm?: (quote: NonNullable<Job["quote"]>) => boolean | Promise<boolean>;
  check?: (ask: Ask) => boolean | Promise<boolean>;
  signal?: AbortSignal;
}

/** Publishes a file by the helper, from wherever an earlier run left the job. PackagerError, PublishError. */
export async function viaPackager(file: { name: string; source: Source }, o: ViaPackagerOptions): Promise<NonNullable<Job["result"]>> {
  const { packager: p, signal } = o;
  let job = o.job ? await p.job(o.job) : await p.create(file.name, file.source.size);
  o.began?.(job.id);
  const told = (j: Job) => {
    job = j;
    o.progress?.(j);
  };
  if (job.state === "receiving") {
    await p.send(job, file.source, (received) => told({ ...job, received }), signal);
    if (o.cover) told(await p.cover(job.id, o.cover));
    for (const [language, text] of Object.entries(o.captions ?? {})) told(await p.captions(job.id, language, text));
    told(await p.job(job.id));
  }
  let answered = "";
  const until = async (goal: Job["state"][]): Promise<void> => {
    while (!goal.includes(job.state)) {
      if (job.state === "failed") throw new PackagerError(job.error?.slug ?? "internal", job.error?.detail ?? "the packager failed");
      if (job.state === "stopped") throw new PublishError("stopped", "the job was stopped: what was done stays done");
      if (job.ask && job.ask.id !== answered) {
        answered = job.ask.id;
        told(await p.answer(job.id, await answerAsk(job.ask, o)));
        continue;
      }
      told(await p.job(job.id, job.revision, signal));
    }
  };
  const retry = job.state === "stopped" || job.state === "failed";
  if (job.state === "received" || (retry && !job.probe)) told(await p.package(job.id, o.terms.renditions));
  if (!job.quote && !job.result) {
    await until(["packaged", "prepared", "done"]);
    if (job.state === "packaged") told(await p.prepare(job.id, o.wallet.address, o.terms));
    await until(["prepared", "done"]);
  }
  if (job.state !== "done") {
    if (job.state !== "publishing") {
      if (o.confirm && job.quote && !(await o.confirm(job.quote))) throw new PublishError("cancelled", "nothing was published, and nothing paid");
      told(await p.publish(job.id));
    }
    await until(["done"]);
  }
  return job.result!;
}
