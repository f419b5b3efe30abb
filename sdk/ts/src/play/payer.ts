import { addressBytes, toBase64 } from "../media/bytes.js";
import { type Segment, ticksOf } from "../media/playlist.js";
import { parseWorkId } from "../manifest/index.js";
import { NodeProblem, StalledError } from "../node/errors.js";
import { type BlockReply } from "../node/client.js";
import { FinalError, type Leg, type Node, SILENCE } from "../node/pool.js";
import { type LaneJSON, type OpenResponse, payHeader, type SessionJSON } from "../node/wire.js";
import { Chain, denomId, escrowId, type LaneIntent, laneSignBytes, MAX_GAP, providerId, type Session, sessionSignBytes, sign } from "../voucher/index.js";
import { type Budget, type Device, keyedOf, type LaneRow, Mutex, type SessionRow, spentOf } from "./device.js";
import { SpendLimitError } from "./errors.js";
import { type KeyTerms, type Want, windowName, windowTicks } from "./keyterms.js";
import { DENOM, type Metered, type PlayChain } from "./types.js";

/** How long a node has to open a lane, and what is added to a lane's expected use, in seconds. */
const SUBMIT = 120, SLACK = 900;
const MAX_TICKS = 1_000_000;
const STALL = 5000, OPEN_PATIENCE = 30_000;

/** What payers of one player share. */
export interface Payments {
  chain: PlayChain;
  device: Device;
  budget: Budget;
  root: string;
  metered: Metered;
  /** Makes sure that the session key may reserve need, and that the escrow holds it. */
  prepare(need: bigint): Promise<void>;
  /** Something was paid. */
  told(): void;
}

interface Word {
  header: string;
  id: Uint8Array | undefined;
  n: number;
  ticks: number;
}

/** What pays for windows: signed terms, and the word of n. */
export interface KeyPay {
  session: SessionJSON;
  signature: Uint8Array;
  n: number;
  word: Uint8Array;
}

/** Ticks of each rendition whose bytes came under a session. */
class Bought {
  private readonly ticks = new Map<string, Set<number>>();

  missing(rendition: string, from: number, to: number): number {
    let n = 0;
    for (let t = from; t < to; t++) if (!this.ticks.get(rendition)?.has(t)) n++;
    return n;
  }

  add(rendition: string, from: number, to: number): void {
    let s = this.ticks.get(rendition);
    if (!s) this.ticks.set(rendition, (s = new Set()));
    for (let t = from; t < to; t++) s.add(t);
  }
}

/** Pays one node for one work. Requests that run beside each other share what the first of them pays. */
export class Payer {
  private readonly mutex = new Mutex();
  /** what the rest of the work costs, to size a lane */
  private rest = 0;
  private lane: LaneRow | undefined;
  private session: SessionRow | undefined;
  private terms: Session | undefined;
  private words: Chain | undefined;
  private signature: Uint8Array = new Uint8Array(0);
  /** ticks whose bytes came */
  private used = 0;
  private bought = new Bought();
  /** newest n that the node was sent: holders may have been shown more */
  private shown = 0;
  /** newest n that the node has */
  private acked = 0;

  constructor(readonly node: Node, private readonly p: Payments) {}

  private get price(): bigint {
    return this.p.metered.pricePerTick;
  }

  private get tick(): number {
    return this.p.metered.tickSeconds;
  }

  private get id(): Uint8Array | undefined {
    return this.words?.salt;
  }

  /**
   * Pays for a segment and gets bytes of it. Where the node counts other ticks as used than this side does, its count stands as long as it asks for no more
   * than the segment has. What waits for the chain or for another request runs in the leg's hold.
   */
  async fetch(leg: Leg, s: Segment, rest: number, get: (pay: string) => Promise<BlockReply>, signal: AbortSignal): Promise<BlockReply> {
    const [from, to] = ticksOf(s, this.tick);
    let due = 0; // by the node's count, where that counts
    for (let tries = 0; ; tries++) {
      let w: Word | undefined;
      try {
        w = await leg.hold(() => this.next(s, due, rest, signal));
        const reply = await get(w.header);
        this.got(w, reply.paid, s.folder, from, to);
        return reply;
      } catch (e) {
        if (!(e instanceof NodeProblem) || tries === 2) throw e;
        due = await this.mutex.run(() => this.refused(w, e, to - from));
      }
    }
  }

  /** The word for the ticks of a segment that are not bought yet; due of them where it is not zero. */
  private next(s: Segment, due: number, rest: number, signal: AbortSignal): Promise<Word> {
    return this.mutex.run(async () => {
      // the race was won while another request held the lock: nothing is paid for who came too late
      signal.throwIfAborted();
      // the first and the last tick may be begun only
      this.rest = Math.floor(rest / this.tick) + 2;
      return this.pay(due || this.bought.missing(s.folder, ...ticksOf(s, this.tick)));
    });
  }

  private async pay(ticks: number): Promise<Word> {
    if (!this.session || this.used + ticks > this.session.maxTicks) await this.start(ticks);
    const s = this.session!, want = Math.max(this.used + ticks, this.shown);
    if (want > s.n) {
      this.afford(want);
      // stored before it is sent: a word that a page has sent is never forgotten
      await this.record(want);
    }
    await this.catchUp(want);
    this.shown = want;
    return { header: payHeader(this.id!, want, this.words!.word(want)), id: this.id, n: want, ticks };
  }

  /** Sends words between, where n is too far from what the node has. */
  private async catchUp(n: number): Promise<void> {
    while (this.acked + MAX_GAP < n) {
      const step = this.acked + MAX_GAP;
      await this.node.client.pay(this.id!, step, toBase64(this.words!.word(step)), AbortSignal.timeout(STALL));
      this.acked = step;
    }
  }

  /** Takes the node's word for how many ticks are due, as far as that can be true, and leaves a session that the node has ended. */
  private async refused(w: Word | undefined, problem: NodeProblem, most: number): Promise<number> {
    const ended = isOver(problem), t = problem.terms;
    // another request has begun the next session meanwhile
    if (ended && this.session && w?.id && w.id !== this.id) return 0;
    if (ended && this.lane) {
      await this.end();
      return 0;
    }
    if (problem.slug === "payment-required" && t && this.session && w?.id === this.id && (t.used ?? 0) <= this.session.n && (t.due ?? 0) > (t.used ?? 0) && t.due! - t.used! <= most) {
      // no node can have used more than was signed: one that says so asks for what it never gave
      this.used = t.used ?? 0;
      this.acked = t.paid ?? 0;
      this.shown = this.session.n;
      return t.due! - this.used;
    }
    throw problem;
  }

  /** Notes that the bytes of ticks came, by the node's count where it gives one. */
  private got(w: Word, paid: BlockReply["paid"], rendition: string, from: number, to: number): void {
    if (!this.session || w.id !== this.id) return;
    this.acked = Math.max(this.acked, w.n);
    if (paid && paid.used <= this.session.n) this.used = Math.max(this.used, paid.used);
    else if (this.bought.missing(rendition, from, to) > 0) this.used += w.ticks;
    this.bought.add(rendition, from, to);
  }

  private ref(): string {
    return `${this.node.operator}/${this.lane!.generation}/${this.session!.number}`;
  }

  private async record(n: number): Promise<void> {
    this.session!.n = n;
    await final(async () => {
      await this.p.device.saveLane(this.node.operator, this.lane!);
      await this.p.budget.pay(this.ref(), n, this.price);
    });
    this.p.told();
  }

  /** Refuses what would pass the viewer's limit. */
  private afford(n: number): void {
    const more = BigInt(n - this.session!.n) * this.price, { left, limit } = this.p.budget;
    if (more > left) throw new FinalError(new SpendLimitError(more - left, limit));
  }

  /** Takes up the session that an earlier run left, or begins a new one, in a new lane where the old does not do. */
  private async start(ticks: number): Promise<void> {
    // what the chain refuses for one node it refuses for all
    const { params, now } = await final(async () => {
      this.lane ??= (await this.p.device.lane(this.node.operator)) ?? { generation: "0", cap: "0", fee: "0", expires: 0, sessions: [] };
      return { params: await this.p.chain.laneParams(), now: (await this.p.chain.now()).live };
    });
    const lane = this.lane!;
    const usable = lane.generation !== "0" && lane.expires - params.serveMarginSeconds > now + 30;
    if (usable && (await this.resume(ticks))) return;
    let intent: LaneJSON | undefined;
    if (!usable || BigInt(lane.cap) - spentOf(lane) < BigInt(ticks) * this.price) intent = await final(() => this.newLane(params, now, ticks));
    await this.newSession(intent);
  }

  /** Goes on with the newest session of this work, if the node still has it. It fails when the node does not answer. */
  private async resume(ticks: number): Promise<boolean> {
    const lane = this.lane!;
    for (const s of [...lane.sessions].reverse()) {
      if (s.work !== this.p.root || BigInt(s.pricePerTick) !== this.price || s.tickSeconds !== this.tick) continue;
      this.load(s);
      try {
        const state = (await this.node.client.session(this.id!, AbortSignal.timeout(SILENCE))).session;
        if (!state?.open || state.used > s.n || Math.max(state.used, keyedOf(s)) + ticks > s.maxTicks) break;
        this.used = state.used;
        this.acked = this.shown = state.paid;
        this.bought = new Bought();
        return true;
      } catch (e) {
        if (e instanceof NodeProblem) break;
        this.session = undefined;
        throw e;
      }
    }
    this.session = undefined;
    return false;
  }

  /** Signs an intent for a lane that pays the rest of the work, within the budget. */
  private async newLane(params: Awaited<ReturnType<PlayChain["laneParams"]>>, now: number, ticks: number): Promise<LaneJSON> {
    const { chain, device, budget } = this.p;
    const generation = await chain.nextGeneration(device.owner, this.node.operator);
    const fee = params.openFee, next = BigInt(ticks) * this.price, { left } = budget;
    if (left <= fee || left - fee < next) throw new SpendLimitError(next + fee - left, budget.limit);
    const rest = BigInt(Math.max(this.rest, ticks)) * this.price;
    let cap = left - fee < rest ? left - fee : rest;
    if (cap < params.minLaneCap) cap = params.minLaneCap;
    await this.p.prepare(cap + fee);
    // the block that opens it comes later than now, which must not make it too short; nor may another clock make it too long
    let seconds = Math.max(this.rest * this.tick + params.serveMarginSeconds + SLACK, params.minLaneSeconds + SUBMIT);
    seconds = Math.min(seconds, Math.max(params.maxLaneSeconds - 5, params.minLaneSeconds));
    this.lane = { generation: generation.toString(), cap: cap.toString(), fee: fee.toString(), expires: now + seconds, sessions: [] };
    const intent: LaneIntent = {
      chainId: chain.chainId, escrow: escrowId(device.account, DENOM), provider: providerId(addressBytes(this.node.operator)), generation, cap,
      submitBy: now + SUBMIT, expires: this.lane.expires,
    };
    return {
      chain_id: chain.chainId, escrow_owner: device.owner, denom: DENOM, provider: this.node.operator, generation: this.lane.generation, cap: this.lane.cap,
      submit_by: String(intent.submitBy), expires: String(intent.expires), pubkey: toBase64(device.pubkey), signature: toBase64(sign(laneSignBytes(intent), device.secret)),
    };
  }

  /** Asks the node to open the session, and the lane when there is an intent. */
  private async newSession(intent: LaneJSON | undefined): Promise<void> {
    const lane = this.lane!;
    const number = lane.sessions.reduce((n, s) => (BigInt(s.number) >= n ? BigInt(s.number) + 1n : n), 1n);
    const room = (BigInt(lane.cap) - spentOf(lane)) / this.price;
    const row: SessionRow = {
      number: number.toString(), work: this.p.root, pricePerTick: this.price.toString(), tickSeconds: this.tick,
      maxTicks: room > BigInt(MAX_TICKS) ? MAX_TICKS : Number(room), expires: lane.expires, n: 0, keyed: {},
    };
    this.load(row);
    lane.sessions.push(row);
    await final(async () => {
      await this.p.device.saveLane(this.node.operator, lane);
      if (intent) await this.p.budget.fee(`${this.node.operator}/${lane.generation}`, BigInt(lane.fee));
    });
    this.used = this.acked = this.shown = 0;
    this.bought = new Bought();
    try {
      await this.open({ ...(intent ? { lane: intent } : {}), session: this.signed() });
    } catch (e) {
      this.session = undefined;
      throw e;
    }
  }

  /** The session's signed terms. */
  private signed(): SessionJSON {
    const s = this.session!, { chain, device, root } = this.p;
    return {
      chain_id: chain.chainId, escrow_owner: device.owner, denom: DENOM, provider: this.node.operator, generation: this.lane!.generation, session: s.number, work: root,
      price_per_tick: s.pricePerTick, tick_seconds: s.tickSeconds, max_ticks: s.maxTicks, root: toBase64(this.terms!.root), expires: String(s.expires),
      pubkey: toBase64(device.pubkey), signature: toBase64(this.signature),
    };
  }

  /** Repeats the request while the lane's transaction is on its way. */
  private async open(request: { lane?: LaneJSON; session: SessionJSON }): Promise<void> {
    const deadline = performance.now() + OPEN_PATIENCE;
    for (;;) {
      try {
        const r = await this.ask(request);
        if (r.session?.open) return;
        if (performance.now() > deadline) throw new StalledError(`${this.node.client.endpoint} opened no session`);
      } catch (e) {
        const pending = e instanceof NodeProblem && (e.slug === "lane-pending" || e.status === 503);
        if (!pending || performance.now() > deadline) throw e;
      }
      await new Promise((r) => setTimeout(r, 300));
    }
  }

  /** Sends the request. A block may take long to come, a node that lives answers meanwhile that it does: one that does not is dead, and not waited for. */
  private async ask(request: { lane?: LaneJSON; session: SessionJSON }): Promise<OpenResponse> {
    const stop = new AbortController();
    const asked = this.node.client.openSession(request, stop.signal);
    let over = false;
    const probe = (async (): Promise<never> => {
      for (;;) {
        await new Promise((r) => setTimeout(r, SILENCE));
        if (over) return new Promise(() => undefined);
        try {
          await this.node.client.info(AbortSignal.timeout(SILENCE));
        } catch {
          if (!over) throw new StalledError(`${this.node.client.endpoint} stopped answering`);
        }
      }
    })();
    try {
      return await Promise.race([asked, probe]);
    } finally {
      over = true;
      asked.catch(() => undefined);
      probe.catch(() => undefined);
      stop.abort(new DOMException("not wanted any more", "AbortError"));
    }
  }

  /** Makes the session's signed terms and its words from the device's secret. */
  private load(row: SessionRow): void {
    const { chain, device, root } = this.p;
    const made = Chain.create({
      chainId: chain.chainId, escrow: escrowId(device.account, DENOM), provider: providerId(addressBytes(this.node.operator)), generation: BigInt(this.lane!.generation),
      session: BigInt(row.number), work: parseWorkId(root), denom: denomId(DENOM), pricePerTick: BigInt(row.pricePerTick), tickSeconds: row.tickSeconds,
      maxTicks: row.maxTicks, expires: row.expires,
    }, device.seed);
    this.session = row;
    this.terms = made.session;
    this.words = made.chain;
    this.signature = sign(sessionSignBytes(made.session), device.secret);
  }

  /**
   * The session and the word that pay for a window, starting a session where none fits. due is how many ticks holders say that the session must pay in all, 0
   * where they said nothing yet. The word pays the window whole, and what the node asks for it: who may not spend that does not begin it.
   */
  keyPay(w: Want, t: KeyTerms, due: number): Promise<KeyPay> {
    return this.mutex.run(async () => {
      this.rest = Math.max(w.rest, w.to - w.from) + 2;
      if (!this.session || this.through(w, t, due) > this.session.maxTicks) {
        const need = Math.max(windowTicks(t, w), w.to - w.from);
        try {
          await this.start(need);
        } catch (e) {
          // the lane of an earlier run is over for the node: the next one is not
          if (!(e instanceof NodeProblem) || !isOver(e)) throw e;
          await this.end();
          await this.start(need);
        }
      }
      const s = this.session!, n = this.through(w, t, due);
      if (n > s.maxTicks) throw new StalledError(`${this.node.client.endpoint}: the session does not reach the end of the window`);
      this.afford(n);
      s.keyed[windowName(w)] = windowTicks(t, w);
      await this.record(n);
      return { session: this.signed(), signature: this.signature, n, word: this.words!.word(n) };
    });
  }

  /** How many ticks the session pays in all once the window is paid: all windows by the holders' count, and all ticks by the node's. */
  private through(w: Want, t: KeyTerms, due: number): number {
    const s = this.session!;
    let ticks = keyedOf(s), windows = Object.keys(s.keyed).length;
    if (s.keyed[windowName(w)] === undefined) {
      ticks += windowTicks(t, w);
      windows++;
    }
    // holders may count otherwise at a work's end, but no window costs more than a whole one
    if (due <= windows * Math.ceil(t.window / this.tick)) ticks = Math.max(ticks, due);
    return Math.max(ticks, this.used + this.bought.missing(w.folder, w.from, w.to), s.n);
  }

  /** Gives up a session that holders take no more: the next one is in another lane. */
  leave(): Promise<void> {
    return this.mutex.run(() => this.end());
  }

  /** Forgets the session and its lane, for whatever reason it has ended: what was paid stays paid, the rest returns to the escrow. */
  private async end(): Promise<void> {
    this.session = undefined;
    this.bought = new Bought();
    if (!this.lane) return;
    this.lane.expires = 0;
    await final(() => this.p.device.saveLane(this.node.operator, this.lane!));
  }

  /** Tells the node that nothing more comes, so that it settles. */
  finish(): Promise<void> {
    return this.mutex.run(async () => {
      const s = this.session;
      if (!s || s.n === 0) return;
      // not the newest word: that one may have paid for bytes that never came. What holders were paid for is owed, and theirs to settle if the node does not
      const n = Math.min(Math.max(this.used, keyedOf(s)), s.n);
      await this.catchUp(n);
      await this.node.client.closeSession(this.id!, { n, word: toBase64(this.words!.word(n)) }, AbortSignal.timeout(3000));
      this.session = undefined;
    });
  }
}

/** Whether a node refuses because a session or its lane is over. */
export const isOver = (p: NodeProblem): boolean => p.slug === "session-unknown" || p.slug === "session-closed" || p.slug === "lane-unusable";

/** What fails here fails at every node. */
async function final<T>(f: () => Promise<T>): Promise<T> {
  try {
    return await f();
  } catch (e) {
    throw e instanceof FinalError ? e : new FinalError(e);
  }
}
