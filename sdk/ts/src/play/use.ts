import { addressBytes, toBase64 } from "../media/bytes.js";
import { type Segment, ticksOf } from "../media/playlist.js";
import { parseWorkId } from "../manifest/index.js";
import { type Node } from "../node/pool.js";
import { payHeader } from "../node/wire.js";
import { Chain, denomId, MAX_GAP, providerId, sessionSignBytes, sign, viewerId } from "../voucher/index.js";
import { toHex } from "../media/bytes.js";
import { type Device } from "./device.js";
import { type PlayChain } from "./types.js";

/** Seconds of a tick of sessions of price zero; what is added for pauses; how long a request waits (ms); what is kept from a session's longest life. */
const TICK = 1, MARGIN = 3600, WAIT = 500, SKEW = 60, DAY = 24 * 3600, STALL = 5000;

interface Use {
  node: Node;
  words?: Chain;
  most: number;
  want: number;
  acked: number;
  ready: Promise<void>;
  proving: Promise<void>;
}

/**
 * Proves to nodes what a viewer watches who pays nothing by the tick, so that the work's serving budget pays them (docs/spec/session.md, sessions of price
 * zero). It costs the viewer nothing, and where it does not work the watch goes on without it.
 */
export class ProofsOfUse {
  private readonly of = new Map<string, Use>();
  private over = false;
  /** the tick before which all was watched */
  private through = 0;

  private constructor(private readonly c: { chain: PlayChain; device: Device; root: string; pass: string; seconds: number }) {}

  /** undefined for who proves nothing: nothing is granted or paid for it. */
  static async open(c: { chain: PlayChain; device: Device; root: string; pass: string; seconds: number }): Promise<ProofsOfUse | undefined> {
    if (c.seconds === 0) return undefined;
    try {
      const key = await c.chain.sessionKey(c.device.owner, toHex(c.device.pubkey)), { live } = await c.chain.now();
      return key && !key.revoked && key.access && key.expires > live ? new ProofsOfUse(c) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The Stream-Pay of a request to the node: its newest word says whose the request is. The first request begins the session, and waits for it, but not for long. */
  async header(node: Node): Promise<string | undefined> {
    let s = this.of.get(node.operator);
    if (!s) {
      if (this.over) return undefined;
      s = { node, most: 0, want: 0, acked: 0, ready: Promise.resolve(), proving: Promise.resolve() };
      s.ready = this.begin(s).catch(() => undefined);
      this.of.set(node.operator, s);
    }
    await Promise.race([s.ready, new Promise((r) => setTimeout(r, WAIT))]);
    return s.words && payHeader(s.words.salt, s.acked, s.words.word(s.acked));
  }

  private async begin(s: Use): Promise<void> {
    const { chain, device, root, pass, seconds } = this.c, { live } = await chain.now();
    const maxTicks = Math.min(Math.ceil((2 * seconds) / TICK), 1_000_000);
    const row = {
      // the terms of two sessions differ by the time at which they began
      session: BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1e6)), maxTicks, expires: live + Math.min(2 * seconds + MARGIN, DAY - SKEW),
    };
    const made = Chain.create({
      chainId: chain.chainId, escrow: viewerId(device.account, pass), provider: providerId(addressBytes(s.node.operator)), generation: 0n, session: row.session, work: parseWorkId(root),
      denom: denomId(""), pricePerTick: 0n, tickSeconds: TICK, maxTicks, expires: row.expires,
    }, device.seed);
    await s.node.client.openSession({ session: {
      chain_id: chain.chainId, escrow_owner: device.owner, denom: "", provider: s.node.operator, generation: "0", session: row.session.toString(), work: root, price_per_tick: "0",
      tick_seconds: TICK, max_ticks: maxTicks, root: toBase64(made.session.root), expires: String(row.expires), pubkey: toBase64(device.pubkey),
      signature: toBase64(sign(sessionSignBytes(made.session), device.secret)), ...(pass ? { subscription: pass } : {}),
    } }, AbortSignal.timeout(STALL));
    s.most = maxTicks;
    s.words = made.chain;
  }

  /** Notes that a segment was given to the viewer, and which node gave it. */
  watched(seg: Segment, operator: string): void {
    const [from, to] = ticksOf(seg, TICK), ticks = to - Math.min(Math.max(from, this.through), to);
    this.through = Math.max(this.through, to);
    const s = this.of.get(operator);
    if (!s || ticks === 0) return;
    s.want += ticks;
    s.proving = s.proving.then(() => this.prove(s)).catch(() => undefined);
  }

  /** Sends the word of all that was watched. */
  private async prove(s: Use): Promise<void> {
    await s.ready;
    while (s.words) {
      const n = Math.min(s.want, s.most, s.acked + MAX_GAP);
      if (n <= s.acked) return;
      await s.node.client.pay(s.words.salt, n, toBase64(s.words.word(n)), AbortSignal.timeout(STALL));
      s.acked = n;
    }
  }

  /** Proves the rest, ends the sessions and returns how many seconds were proved. */
  async finish(patience: number): Promise<number> {
    this.over = true;
    const all = [...this.of.values()];
    await Promise.race([
      Promise.allSettled(all.map(async (s) => {
        await s.proving;
        // where it fails the node ends it by itself later
        if (s.words && s.acked > 0) await s.node.client.closeSession(s.words.salt, { n: s.acked, word: toBase64(s.words.word(s.acked)) }, AbortSignal.timeout(patience));
      })),
      new Promise((r) => setTimeout(r, patience)),
    ]);
    return all.reduce((sum, s) => sum + s.acked * TICK, 0);
  }
}
