import { fromBase64 } from "../media/bytes.js";
import { type Holder } from "../node/seek.js";
import { ChainError, type OfferCost, WorkNotFoundError } from "./errors.js";
import { DENOM, type Decision, type GrantedKey, type KeySet, type LaneParams, type PlayChain, type WorkInfo } from "./types.js";

const TRIES = 4, BREATH = 400, PATIENCE = 8000;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the gateway's JSON is read field by field, each as the type it must have
export type Json = any;

/** Asks the chain by its REST gateway; goes on after a moment's silence. */
export class Rest {
  constructor(readonly url: string, private readonly fetcher: typeof fetch = (i, o) => fetch(i, o)) {}

  /** The answer; undefined for what is not there. ChainError. */
  async get(path: string): Promise<Json | undefined> {
    let last: unknown;
    for (let i = 0; i < TRIES; i++) {
      if (i > 0) await new Promise((r) => setTimeout(r, BREATH * 2 ** (i - 1)));
      try {
        const r = await this.fetcher(this.url.replace(/\/+$/, "") + path, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
        const body = (await r.json().catch(() => ({}))) as Json;
        if (r.ok) return body;
        if (r.status === 404) return undefined;
        last = new ChainError(`the chain refuses: ${String(body?.message ?? r.status).slice(0, 300)}`, r.status);
        // a node that is behind or busy is asked again; a question that is wrong stays so
        if (r.status < 500 && r.status !== 429) throw last;
      } catch (e) {
        if (e === last) throw e;
        last = new ChainError(`the chain does not answer: ${e instanceof Error ? e.message : String(e)}`);
      }
    }
    throw last;
  }
}

/** PlayChain by a chain node's REST gateway. */
export function restChain(url: string, chainId: string, fetcher?: typeof fetch): PlayChain {
  return new RestChain(new Rest(url, fetcher), chainId);
}

const e = encodeURIComponent;

class RestChain implements PlayChain {
  constructor(private readonly rest: Rest, readonly chainId: string) {}

  async work(cid: string): Promise<WorkInfo> {
    let r: Json;
    try {
      r = await this.rest.get(`/streamchain/content/v1/works/${e(cid)}`);
    } catch (x) {
      if (x instanceof ChainError && x.status === 400) throw new WorkNotFoundError(cid);
      throw x;
    }
    const w = r?.work;
    if (!w) throw new WorkNotFoundError(cid);
    return {
      cid: w.cid, root: w.root, head: w.head, media: w.media, cover: w.cover, kind: w.kind, durationSeconds: Number(w.duration_seconds), status: w.status,
      ...(w.keys ? { keys: { c0: fromBase64(w.keys.c0), windowSeconds: Number(w.keys.window_seconds) } } : {}),
    };
  }

  async access(root: string, viewer?: string): Promise<Decision> {
    const r = await this.rest.get(`/streamchain/subscription/v1/works/${e(root)}/access${viewer ? `?viewer=${e(viewer)}` : ""}`);
    const d = r?.decision;
    if (!d) throw new WorkNotFoundError(root);
    return decisionOf(d);
  }

  async holders(version: string): Promise<Holder[]> {
    const r = await this.rest.get(`/streamchain/storage/v1/works/${e(version)}/deals`);
    const active = ((r?.deals ?? []) as Json[]).filter((d) => d.status === "DEAL_STATUS_ACTIVE");
    const found = await Promise.all(active.map(async (d) => (await this.endpoints(d.operator)).map((endpoint) => ({ operator: d.operator as string, endpoint }))));
    return found.flat();
  }

  async now(): Promise<{ live: number; block: number }> {
    const r = await this.rest.get("/streamchain/clock/v1/now");
    return { live: Number(r?.live_seconds), block: Number(r?.block_seconds) };
  }

  async laneParams(): Promise<LaneParams> {
    const p = (await this.rest.get("/streamchain/stream/v1/params"))?.params;
    return {
      minDeposit: BigInt(p.min_deposit), minLaneCap: BigInt(p.min_lane_cap), openFee: BigInt(p.open_fee), minLaneSeconds: Number(p.min_lane_seconds),
      maxLaneSeconds: Number(p.max_lane_seconds), serveMarginSeconds: Number(p.serve_margin_seconds),
    };
  }

  async nextGeneration(owner: string, provider: string): Promise<bigint> {
    return BigInt((await this.rest.get(`/streamchain/stream/v1/generations/${e(owner)}/${e(provider)}`))?.generation ?? 1);
  }

  async sessionKey(owner: string, pubkey: string): Promise<GrantedKey | undefined> {
    const r = await this.rest.get(`/streamchain/stream/v1/keys/${e(owner)}/${e(pubkey)}`);
    if (!r?.key) return undefined;
    const scope = String(r.key.scope);
    return {
      limit: BigInt(r.key.limit.amount), available: BigInt(r.available), expires: Number(r.key.expires), revoked: r.key.revoked === true,
      access: scope.includes("ACCESS"), payment: scope.includes("PAYMENT"),
    };
  }

  async escrowFree(owner: string): Promise<bigint> {
    return BigInt((await this.rest.get(`/streamchain/stream/v1/escrows/${e(owner)}/${DENOM}`))?.free ?? 0);
  }

  async keySet(root: string): Promise<KeySet | undefined> {
    const s = (await this.rest.get(`/streamchain/storage/v1/works/${e(root)}/keys`))?.active;
    if (!s) return undefined;
    return {
      version: BigInt(s.version), threshold: Number(s.threshold), commitments: (s.commitments as string[]).map(fromBase64),
      holders: (s.holders as Json[]).map((h) => ({ operator: h.operator, index: Number(h.index) })),
    };
  }

  async endpoints(operator: string): Promise<string[]> {
    return ((await this.rest.get(`/streamchain/storage/v1/providers/${e(operator)}`))?.provider?.endpoints ?? []) as string[];
  }
}

const word = (s: string, prefix: string) => s.replace(prefix, "").toLowerCase().replaceAll("_", "-");

function decisionOf(d: Json): Decision {
  const m = d.metered;
  return {
    granted: d.granted === true, by: d.granted === true ? word(String(d.by), "ACCESS_BY_") : "", pass: String(d.pass ?? ""), reason: String(d.reason ?? ""),
    offers: ((d.offers ?? []) as Json[]).map((o): OfferCost => ({
      kind: word(String(o.kind), "OFFER_KIND_"), price: { denom: String(o.price?.denom ?? DENOM), amount: String(o.price?.amount ?? "0") }, seconds: Number(o.seconds ?? 0),
      plan: String(o.plan ?? ""), pass: String(o.pass ?? ""),
    })),
    ...(m ? { metered: { pricePerTick: BigInt(m.price_per_tick), tickSeconds: Number(m.tick_seconds), previewSeconds: Number(m.preview_seconds) } } : {}),
  };
}
