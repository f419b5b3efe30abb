import { type CID } from "../media/cid.js";
import { DagError } from "../media/dagpb.js";
import { type BlockReply, type Credentials, MAX_BLOCK, type NodeClient } from "./client.js";
import { CorruptError, NodeProblem, NoNodeError } from "./errors.js";

// Which node is asked, and what follows when it is silent, slow, refuses or lies (docs/spec/retrieval.md).

/** How long a node may stay silent before another is asked beside it, in ms. */
export const SILENCE = 1500;
const PER_PEER = 4, GUESS = 4 << 20, SAMPLE = 32 << 10, WEIGHT = 0.25, GLANCE = 50;
/** About how long it takes until another node is paid, in ms. */
const LANE_TIME = 2000;
const HALF_LIFE = 6 * 3600_000, MEMORY = 7 * 24 * 3600_000, DISTRUST = 0.5;

/** What is remembered of a node between runs. */
export interface Score {
  /** to the first byte of an answer, in ms */
  latency: number;
  /** bytes a second; 0 where it was never measured */
  rate: number;
  faults: number;
  /** ms since 1970 */
  seen: number;
}

/** What a node did in this run. */
export interface Stat {
  operator: string;
  endpoint: string;
  blocks: number;
  bytes: number;
  latency: number;
  rate: number;
  /** requests that another node was faster with */
  slow: number;
  stalls: number;
  failures: number;
  /** blocks that did not match their CID */
  corrupt: number;
}

/** A node that answered. */
export interface Node {
  client: NodeClient;
  operator: string;
  /** in ms */
  roundTrip: number;
}

interface Peer extends Node {
  score: Score;
  /** failures since it last gave a block; those with fewer are asked first */
  tier: number;
  broken: boolean;
  lied: boolean;
  blamed: boolean;
  flying: number;
  queued: number;
  stat: Stat;
}

/** What asking another node does not change; reason is why. */
export class FinalError extends Error {
  override name = "FinalError";
  constructor(readonly reason: unknown) {
    super(reason instanceof Error ? reason.message : String(reason));
  }
}

/** One node's part in a race for a block. */
export interface Leg {
  readonly node: Node;
  /** Runs f, during which the node's silence is not held against it: f waits for something else. */
  hold<T>(f: () => Promise<T>): Promise<T>;
}

/** Lets a request in at a node: it calls get with what that takes, again where the node wants something else. */
export type Admit = (leg: Leg, get: (c: Credentials) => Promise<BlockReply>, signal: AbortSignal) => Promise<BlockReply>;

/** How a block is asked for. */
export interface Request {
  admit?: Admit;
  /** keeps to one node for as long as it does: each that is asked has to be paid */
  sole?: boolean;
  /** how long a block may take before another node is asked beside the first, in ms */
  within?: number;
  /** bytes that are expected */
  size?: number;
  signal?: AbortSignal;
}

type Failure = "broke" | "stalled" | "refused" | "corrupt";
/** What failures count: wrong bytes are held against a node for two days, and who refuses once may be right. */
const FAULTS: Record<Failure, number> = { broke: 1, stalled: 1, refused: 0.25, corrupt: 256 };

const open: Admit = (_, get) => get({});
const smooth = (old: number, value: number) => (old === 0 ? value : old + WEIGHT * (value - old));

/** Why a node was left. */
export interface Blame {
  operator: string;
  reason: Failure;
  error: unknown;
}

/** The nodes that keep a work, and how they do. */
export class NodePool {
  private readonly peers: Peer[] = [];
  private waiting: (() => void)[] = [];
  private chosen: Peer | undefined;
  private proved = false;
  private wanted = "";
  private readonly blames: string[] = [];

  /** past is what is remembered of nodes, by operator; told hears of each failure. */
  constructor(private readonly past: Record<string, Score> = {}, private readonly told?: (b: Blame) => void) {}

  /** Takes a node in, unless one of its operator is there. */
  add(n: Node): void {
    if (this.has(n.operator)) return;
    const old = this.past[n.operator], age = old ? Math.max(Date.now() - old.seen, 0) : 0;
    const score: Score = old && age <= MEMORY ? { ...old, faults: old.faults * 2 ** (-age / HALF_LIFE) } : { latency: 0, rate: 0, faults: 0, seen: 0 };
    // how far the node is today, with what it took to answer on other days
    score.latency = score.latency === 0 ? n.roundTrip : (score.latency + n.roundTrip) / 2;
    const peer: Peer = {
      ...n, score, tier: score.faults > DISTRUST ? 1 : 0, broken: false, lied: false, blamed: false, flying: 0, queued: 0,
      stat: { operator: n.operator, endpoint: n.client.endpoint, blocks: 0, bytes: 0, latency: 0, rate: 0, slow: 0, stalls: 0, failures: 0, corrupt: 0 },
    };
    this.peers.push(peer);
    if (n.operator === this.wanted && !this.chosen) [this.chosen, this.proved] = [peer, true];
    this.wake();
  }

  /** Names the operator to keep to where one node is paid at a time: one that is paid already. It comes before add. */
  prefer(operator: string): void {
    this.wanted = operator;
  }

  has(operator: string): boolean {
    return this.peers.some((p) => p.operator === operator);
  }

  /** How many nodes there are that have not lied. */
  get size(): number {
    return this.peers.filter((p) => !p.lied).length;
  }

  /** The operator of the node that would be asked now; empty where there is none. */
  get best(): string {
    return this.pick(new Set(), true, 0)?.operator ?? "";
  }

  /** Operators of nodes that failed, lied or fell silent, in that order in time. */
  get blamed(): string[] {
    return [...this.blames];
  }

  /** What the nodes did, busiest first. */
  get stats(): Stat[] {
    return this.peers.map((p) => ({ ...p.stat, latency: p.score.latency, rate: p.score.rate })).sort((a, b) => b.bytes - a.bytes);
  }

  /** What to remember of the nodes, by operator. */
  get scores(): Record<string, Score> {
    return Object.fromEntries(this.peers.map((p) => [p.operator, { ...p.score, seen: Date.now() }]));
  }

  /** The node that a request which is paid would go to now, of those whose operators are not in but; the next such request goes to it as well. */
  sole(but: Set<string>): Node | undefined {
    const best = this.pick(new Set(this.peers.filter((p) => but.has(p.operator))), true, 0);
    if (best && this.chosen !== best) [this.chosen, this.proved] = [best, false];
    return best;
  }

  /** Notes that a node of sole has failed in something else than giving a block: it is asked last from then on. */
  fail(operator: string, error: unknown): void {
    const p = this.peers.find((o) => o.operator === operator);
    if (p) this.failed(p, failureOf(error, false), error);
  }

  private pick(tried: Set<Peer>, sole: boolean, size: number): Peer | undefined {
    let best: Peer | undefined;
    for (const o of this.peers) {
      if (!o.lied && !tried.has(o) && (!best || this.before(o, best, sole, size))) best = o;
    }
    return best;
  }

  private before(a: Peer, b: Peer, sole: boolean, size: number): boolean {
    if (a.tier !== b.tier) return a.tier < b.tier;
    if (sole && (a === this.chosen) !== (b === this.chosen)) return a === this.chosen;
    const x = this.cost(a, size), y = this.cost(b, size);
    return x !== y ? x < y : a.operator < b.operator;
  }

  /** How long a node is expected to take, in ms. One that was never measured counts as fast as the fastest, or it would never be. */
  private cost(o: Peer, size: number): number {
    const rate = o.score.rate || Math.max(...this.peers.map((p) => p.score.rate)) || GUESS;
    return o.score.latency + ((o.queued + size) / rate) * 1000;
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const w of waiting) w();
  }

  /** Chooses a node and counts a request to it; undefined when all were tried. With wait it waits for one that has room. */
  private async take(tried: Set<Peer>, sole: boolean, wait: boolean, size: number, signal: AbortSignal): Promise<Peer | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const best = this.pick(tried, sole, size);
      if (!best || best.flying < PER_PEER || !wait) {
        if (best) {
          best.flying++;
          best.queued += size;
          // requests that leave a node together go to the same next one
          if (sole && this.chosen !== best) [this.chosen, this.proved] = [best, false];
        }
        return best;
      }
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  private gave(o: Peer, n: number, first: number, took: number, sole: boolean): void {
    o.stat.blocks++;
    o.stat.bytes += n;
    if (!sole) o.tier = 0;
    else if (this.chosen === o) [o.tier, this.proved] = [0, true];
    // it was only slow, and the next one has had nothing yet
    else if (!this.proved && !o.broken && !o.lied) [o.tier, this.chosen, this.proved] = [0, o, true];
    o.score.latency = smooth(o.score.latency, first);
    this.measure(o, n, took - first);
  }

  /** Notes how fast a node sends: requests that run beside each other share its line. */
  private measure(o: Peer, n: number, took: number): void {
    if (n >= SAMPLE) o.score.rate = smooth(o.score.rate, (n / Math.max(took, 0.1)) * 1000 * Math.max(o.flying, 1));
  }

  private failed(o: Peer, how: Failure, error: unknown): void {
    o.score.faults += FAULTS[how];
    if (how === "corrupt") {
      o.lied = true;
      o.stat.corrupt++;
    } else if (how !== "stalled") {
      o.tier++;
      o.broken = true;
      o.stat.failures++;
    }
    if (!o.blamed) {
      o.blamed = true;
      this.blames.push(o.operator);
    }
    this.told?.({ operator: o.operator, reason: how, error });
  }

  /**
   * Fetches a block. The best node is asked first; when it fails, another; when it is silent or late, another beside it, and the first that has the block
   * wins. NoNodeError with what each said, what is final, DagError.
   */
  async block(cid: CID, req: Request = {}): Promise<{ data: Uint8Array<ArrayBuffer>; operator: string }> {
    const stop = new AbortController();
    const outer = () => stop.abort(req.signal?.reason);
    if (req.signal?.aborted) throw req.signal.reason;
    req.signal?.addEventListener("abort", outer, { once: true });
    try {
      return await new Race(this, cid, req, stop.signal).run();
    } catch (e) {
      throw req.signal?.aborted ? req.signal.reason : e;
    } finally {
      req.signal?.removeEventListener("abort", outer);
      stop.abort(new DOMException("another node was faster", "AbortError"));
    }
  }

  /** @internal */
  readonly of = {
    take: this.take.bind(this), gave: this.gave.bind(this), failed: this.failed.bind(this), measure: this.measure.bind(this),
    ended: (o: Peer, size: number) => {
      o.flying--;
      o.queued -= size;
      this.wake();
    },
    silent: (o: Peer) => {
      o.tier++;
      o.stat.stalls++;
    },
    slow: (o: Peer, n: number, took: number) => {
      o.stat.slow++;
      o.score.rate = smooth(o.score.rate, (Math.max(n, 1) / took) * 1000);
    },
    next: (tried: Set<Peer>, sole: boolean, size: number): number => {
      const o = this.pick(tried, sole, size);
      return o ? this.cost(o, size) + (sole ? LANE_TIME : 0) : Infinity;
    },
  };
}

function failureOf(error: unknown, silent: boolean): Failure {
  if (error instanceof CorruptError) return "corrupt";
  if (silent) return "stalled";
  return error instanceof NodeProblem && (error.status < 500 || error.status === 503) ? "refused" : "broke";
}

class RunningLeg implements Leg {
  sent = 0;
  heard = performance.now();
  moved = 0;
  private held = 0;
  silent = false;
  late = false;
  slow = false;
  took = 0;
  constructor(readonly node: Peer, private readonly size: number) {}

  async hold<T>(f: () => Promise<T>): Promise<T> {
    this.held++;
    try {
      return await f();
    } finally {
      this.heard = performance.now();
      this.held--;
    }
  }

  get stalls(): boolean {
    return this.held === 0 && performance.now() - this.heard >= SILENCE;
  }

  /** How long the leg still takes if it goes on as it did; undefined while it is not late. */
  left(within: number): number | undefined {
    const took = performance.now() - this.sent;
    if (this.held > 0 || this.sent === 0 || took < within) return undefined;
    const size = this.size || MAX_BLOCK / 2;
    return (took * Math.max(size - this.moved, 0)) / Math.max(this.moved, 1);
  }
}

class Race {
  private readonly tried = new Set<Peer>();
  private readonly running = new Set<RunningLeg>();
  private readonly causes = new Map<string, unknown>();
  private final: FinalError | undefined;
  private readonly sole: boolean;
  private readonly size: number;

  constructor(private readonly pool: NodePool, private readonly cid: CID, private readonly req: Request, private readonly signal: AbortSignal) {
    this.sole = req.sole ?? false;
    this.size = req.size ?? 0;
  }

  run(): Promise<{ data: Uint8Array<ArrayBuffer>; operator: string }> {
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (f: () => void) => {
        if (over) return;
        over = true;
        clearInterval(timer);
        f();
      };
      this.signal.addEventListener("abort", () => end(() => reject(this.signal.reason)), { once: true });
      const launch = async (wait: boolean) => {
        const peer = this.final ? undefined : await this.pool.of.take(this.tried, this.sole, wait, this.size, this.signal);
        if (!peer) {
          if (this.running.size === 0) end(() => reject(this.final ? this.final.reason : new NoNodeError(this.causes)));
          return;
        }
        if (over) return this.pool.of.ended(peer, this.size);
        this.tried.add(peer);
        const leg = new RunningLeg(peer, this.size);
        this.running.add(leg);
        try {
          const reply = await this.leg(leg);
          this.running.delete(leg);
          end(() => {
            this.won(leg, reply);
            resolve({ data: reply.data, operator: peer.operator });
          });
        } catch (e) {
          this.running.delete(leg);
          if (over) return;
          if (e instanceof DagError) end(() => reject(e));
          else if (e instanceof FinalError) this.final = e; // who is asked already may still bring it
          else {
            this.causes.set(peer.operator, e);
            this.pool.of.failed(peer, failureOf(e, leg.silent), e);
          }
          if (this.running.size === 0) start(true);
        }
      };
      const start = (wait: boolean) => void launch(wait).catch((e: unknown) => end(() => reject(e)));
      let launching = false;
      const timer = setInterval(() => {
        if (launching || this.final || !this.troubled()) return;
        launching = true;
        start(false);
        launching = false;
      }, GLANCE);
      start(true);
    });
  }

  private async leg(leg: RunningLeg): Promise<BlockReply> {
    try {
      return await (this.req.admit ?? open)(leg, async (cred) => {
        const started = performance.now();
        leg.sent = leg.heard = started;
        const reply = await leg.node.client.block(this.cid, cred, this.signal, (n) => {
          leg.moved = n;
          leg.heard = performance.now();
        });
        leg.took = performance.now() - started;
        return reply;
      }, this.signal);
    } finally {
      this.pool.of.ended(leg.node, this.size);
    }
  }

  /** Whether every leg is silent, or so late that another node would be faster. */
  private troubled(): boolean {
    if (this.running.size === 0) return false;
    const within = this.req.within ?? SILENCE;
    for (const leg of this.running) {
      if (leg.stalls) {
        if (!leg.silent) {
          leg.silent = true;
          this.pool.of.silent(leg.node);
        }
        continue;
      }
      const left = leg.left(within);
      if (left !== undefined && !leg.late) {
        // all that are late at once say so first, or on a slow line each would take the other's node for a fast one
        leg.late = true;
        this.pool.of.measure(leg.node, leg.moved, performance.now() - leg.sent);
        return false;
      }
      if (left === undefined || left < this.pool.of.next(this.tried, this.sole, this.size)) return false;
      leg.slow = true;
    }
    return true;
  }

  private won(winner: RunningLeg, reply: BlockReply): void {
    this.pool.of.gave(winner.node, reply.data.length, reply.first, winner.took, this.sole);
    for (const leg of this.running) {
      if (leg.silent) this.pool.of.failed(leg.node, "stalled", undefined);
      else if (leg.slow) this.pool.of.slow(leg.node, leg.moved, performance.now() - leg.sent);
    }
  }
}
