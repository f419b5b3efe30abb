import { equal, fromBase64, toBase64 } from "../media/bytes.js";
import {
  Answer, answerContext, combine, Commitments, FOR_VIEWER, keyId, open, type Output, sealKey, TooFewError, type Window,
} from "../keyshare/index.js";
import { parseWorkId } from "../manifest/index.js";
import { NodeClient } from "../node/client.js";
import { NodeProblem, UnreachableError } from "../node/errors.js";
import { authHeader, keysNonce, type KeyWindow, MAX_KEY_WINDOWS } from "../node/wire.js";
import { type Device } from "./device.js";
import { LiarError, NoKeySetError, NotEntitledError, PayMoreError, TooFewHoldersError } from "./errors.js";
import { windowName } from "./keyterms.js";
import { type KeyPay } from "./payer.js";
import { type KeySet, type PlayChain } from "./types.js";

/** How long the first holders have before another is asked, in ms, and how long a proof is valid, in seconds. */
const HEDGE = 400, PROOF_SECONDS = 60, MAX_ENDPOINTS = 3, MAX_KEYS = 1 << 14;

type Holder = KeySet["holders"][0];

interface Known {
  set: KeySet;
  commitments: Commitments;
  id: Uint8Array;
  digest: Uint8Array;
  endpoints: Map<string, string[]>;
}

interface Reply {
  holder: Holder;
  answers?: Answer[];
  error?: unknown;
}

export interface HoldersConfig {
  chain: PlayChain;
  root: string;
  c0: Uint8Array;
  fetch?: typeof fetch;
  /** who asks; without, only what is open to all is got */
  device?: Device;
  /** Unix seconds, as nodes have them */
  now: () => number;
  /** The session and word that pay for windows; undefined where they cost nothing. due: as far as holders have said, 0 at first. */
  pay?: (windows: KeyWindow[], due: number) => Promise<KeyPay | undefined>;
}

/** Gets the keys of one work from those who hold it (docs/spec/keys.md). */
export class Holders {
  private known: Known | undefined;
  private readonly keys = new Map<string, Output>();
  /** how long holders took lately, in ms */
  readonly scores = new Map<string, number>();
  readonly liars = new Set<string>();
  /** windows that a holder helped to open */
  readonly used = new Map<string, number>();

  constructor(readonly config: HoldersConfig) {}

  get threshold(): number {
    return this.known?.commitments.threshold ?? 0;
  }

  get count(): number {
    return this.known?.set.holders.length ?? 0;
  }

  /** The keys of windows, by windowName; at most MAX_KEY_WINDOWS that are not known yet. All or none. */
  async windows(windows: KeyWindow[]): Promise<Map<string, Output>> {
    const out = new Map<string, Output>(), missing: KeyWindow[] = [];
    for (const w of windows) {
      const key = this.keys.get(windowName(w));
      if (key) out.set(windowName(w), key);
      else missing.push(w);
    }
    if (missing.length === 0) return out;
    if (missing.length > MAX_KEY_WINDOWS) throw new RangeError(`at most ${MAX_KEY_WINDOWS} windows at a time`);
    for (let again = false; ; again = true) {
      const known = await this.look(again);
      try {
        const got = await new Round(this, known, missing).run();
        if (this.keys.size > MAX_KEYS) this.keys.clear();
        for (const [name, key] of got) {
          this.keys.set(name, key);
          out.set(name, key);
        }
        return out;
      } catch (e) {
        // the holders may have changed since the chain was asked
        if (again || !(e instanceof TooFewHoldersError)) throw e;
      }
    }
  }

  private async look(again: boolean): Promise<Known> {
    if (this.known && !again) return this.known;
    const { chain, root, c0 } = this.config;
    const set = await chain.keySet(root);
    if (!set) throw new NoKeySetError();
    const commitments = Commitments.parse(set.commitments);
    // whoever answered for the chain cannot put another secret in the creator's place
    if (!equal(commitments.c0(), c0)) throw new NoKeySetError();
    const endpoints = new Map<string, string[]>();
    await Promise.all(set.holders.map(async (h) => endpoints.set(h.operator, (await chain.endpoints(h.operator)).slice(0, MAX_ENDPOINTS))));
    return (this.known = { set, commitments, id: keyId(c0), digest: parseWorkId(root), endpoints });
  }

  /** Asks one holder, at its endpoints in turn. @internal */
  async ask(k: Known, holder: Holder, windows: KeyWindow[], pay: KeyPay | undefined, signal: AbortSignal): Promise<Reply> {
    const begun = performance.now();
    let reply: Reply = { holder, error: new UnreachableError("the holder has no endpoint that answers") };
    for (const endpoint of k.endpoints.get(holder.operator) ?? []) {
      try {
        reply = { holder, answers: await this.askAt(k, holder, endpoint, windows, pay, signal) };
      } catch (error) {
        reply = { holder, error };
      }
      if (reply.answers || reply.error instanceof NodeProblem || signal.aborted) break;
    }
    const took = performance.now() - begun + (reply.error ? 10_000 : 0);
    this.scores.set(holder.operator, ((this.scores.get(holder.operator) ?? took) + took) / 2);
    return reply;
  }

  private async askAt(k: Known, holder: Holder, endpoint: string, windows: KeyWindow[], pay: KeyPay | undefined, signal: AbortSignal): Promise<Answer[]> {
    const { chain, device, root, now } = this.config;
    // a key for each request: what one holder sealed is of no use to who sees another's request
    const own = sealKey();
    try {
      const nonce = keysNonce(own.public, windows, pay && { signature: pay.signature, n: pay.n });
      const proof = device
        ? authHeader({ owner: device.account, secret: device.secret }, chain.chainId, holder.operator, k.digest, "POST", Math.floor(now()) + PROOF_SECONDS, nonce)
        : undefined;
      const client = new NodeClient(endpoint, this.config.fetch ? { fetch: this.config.fetch } : {});
      const r = await client.keys(
        { work: root, reply_key: toBase64(own.public), windows, ...(pay ? { pay: { session: pay.session, n: pay.n, word: toBase64(pay.word) } } : {}) }, proof, signal,
      );
      if (BigInt(r.set_version) !== k.set.version || r.index !== holder.index || !Array.isArray(r.sealed) || r.sealed.length !== windows.length) {
        throw new UnreachableError("the holder's answer is of another set or holder");
      }
      return await Promise.all(r.sealed.map(async (sealed, i) => {
        const w = windows[i]!;
        const a = Answer.parse(await open(own.secret, FOR_VIEWER, answerContext(k.id, w.rendition, w.number, k.set.version), fromBase64(sealed)));
        if (a.index !== holder.index) throw new UnreachableError("the holder's answer is for another holder");
        return a;
      }));
    } finally {
      own.secret.fill(0);
    }
  }
}

/** One attempt to get windows. */
class Round {
  private readonly queue: Holder[];
  private readonly good: (Reply & { answers: Answer[] })[] = [];
  private readonly failed = new Map<string, unknown>();
  private readonly asked = new Map<string, number>();
  private readonly due = new Map<string, NodeProblem>();
  private pending = 0;
  private pay: KeyPay | undefined;
  /** the holders have said what is due, and it was asked for */
  private raised = false;
  private readonly stop = new AbortController();
  private readonly events: (Reply | "hedge")[] = [];
  private wake: () => void = () => undefined;

  constructor(private readonly h: Holders, private readonly k: Known, private readonly windows: KeyWindow[]) {
    const rank = (x: Holder) => (h.liars.has(x.operator) ? 3_600_000 : (h.scores.get(x.operator) ?? 0));
    // those that nobody knows anything of share the work
    this.queue = k.set.holders.map((x) => ({ x, r: Math.random() })).sort((a, b) => Math.floor(rank(a.x)) - Math.floor(rank(b.x)) || a.r - b.r).map((y) => y.x);
  }

  async run(): Promise<Map<string, Output>> {
    const hedge = setInterval(() => this.push("hedge"), HEDGE);
    try {
      await this.getPay(0);
      for (let i = 0; i < this.k.commitments.threshold; i++) this.next();
      for (;;) {
        const done = await this.settle();
        if (done) return done;
        if (this.events.length === 0) await new Promise<void>((r) => (this.wake = r));
        const event = this.events.shift();
        if (event === "hedge") this.next();
        else if (event) this.take(event);
      }
    } finally {
      clearInterval(hedge);
      this.stop.abort(new DOMException("not wanted any more", "AbortError"));
    }
  }

  private push(e: Reply | "hedge"): void {
    this.events.push(e);
    this.wake();
  }

  private async getPay(due: number): Promise<void> {
    if (this.h.config.pay) this.pay = await this.h.config.pay(this.windows, due);
  }

  /** Asks the next holder, if one is left. */
  private next(): void {
    const holder = this.queue.shift();
    if (!holder) return;
    this.pending++;
    this.asked.set(holder.operator, (this.asked.get(holder.operator) ?? 0) + 1);
    void this.h.ask(this.k, holder, this.windows, this.pay, this.stop.signal).then((r) => this.push(r));
  }

  private take(r: Reply): void {
    this.pending--;
    const operator = r.holder.operator;
    if (r.answers) {
      this.good.push({ ...r, answers: r.answers });
      return;
    }
    const p = r.error;
    if (p instanceof NodeProblem && p.slug === "payment-required" && (p.terms?.due ?? 0) > 0) {
      this.due.set(operator, p);
      // it was asked before more was paid
      if (this.raised && this.pay && p.terms!.due! <= this.pay.n && this.asked.get(operator)! < 2) {
        this.due.delete(operator);
        this.queue.unshift(r.holder);
        this.next();
        return;
      }
    } else this.failed.set(operator, p);
    if (this.due.size < this.missing || this.raised) this.next();
  }

  /** How many right answers are still needed. */
  private get missing(): number {
    return this.k.commitments.threshold - this.good.length;
  }

  /** Ends the round when it can: with keys, or because nothing more can come. */
  private async settle(): Promise<Map<string, Output> | undefined> {
    if (this.missing <= 0) {
      const { out, lied } = this.combine();
      if (out) return out;
      for (let i = 0; i < lied; i++) this.next();
    }
    if (this.missing > 0 && this.due.size >= this.missing && !this.raised) await this.raise();
    if (this.pending > 0) return undefined;
    if (this.queue.length > 0) {
      this.next();
      return undefined;
    }
    throw this.verdict();
  }

  /** Pays what is due and asks again who refused for want of it. */
  private async raise(): Promise<void> {
    const due = this.ticks();
    // where they do not agree, the others are heard before anything is paid
    if (due > Math.min(...[...this.due.values()].map((p) => p.terms!.due!)) && this.pending + this.queue.length > 0) return;
    if (!this.h.config.pay) throw new PayMoreError(due);
    this.raised = true;
    await this.getPay(due);
    if (!this.pay || this.pay.n < due) throw new PayMoreError(due);
    const again = this.k.set.holders.filter((x) => this.due.has(x.operator));
    this.due.clear();
    this.queue.unshift(...again);
    for (let i = 0; i < again.length; i++) this.next();
  }

  /** The fewest that enough holders would answer for: a holder that asks for more than the others is passed over. */
  private ticks(): number {
    const all = [...this.due.values()].map((p) => p.terms!.due!).sort((a, b) => a - b);
    return all[Math.max(this.missing, 1) - 1]!;
  }

  /** Why nothing more can come. */
  private verdict(): Error {
    const refused = [...this.failed.values()].filter((p) => p instanceof NodeProblem && ["payment-required", "key-not-granted", "blocked"].includes(p.slug));
    if (refused.length > 0 && refused.length >= this.missing) return new NotEntitledError(refused[0]);
    if (this.due.size > 0 && this.due.size >= this.missing) return new PayMoreError(this.ticks());
    return new TooFewHoldersError(new Map([...this.failed, ...this.due]));
  }

  /** Makes the keys out of the good replies. Who lied about any window is out, with the proof told. */
  private combine(): { out?: Map<string, Output>; lied: number } {
    const out = new Map<string, Output>(), lied = new Set<number>();
    let short = false;
    this.windows.forEach((w, i) => {
      const name: Window = { work: this.k.id, rendition: w.rendition, number: w.number };
      const answers = this.good.map((g) => g.answers[i]!);
      let liars: number[];
      try {
        const got = combine(this.k.commitments, name, answers);
        out.set(windowName(w), got.output);
        liars = got.liars;
      } catch (e) {
        if (!(e instanceof TooFewError)) throw e;
        short = true;
        liars = e.liars;
      }
      for (const index of liars) {
        const g = this.good.find((x) => x.holder.index === index)!;
        lied.add(index);
        this.failed.set(g.holder.operator, new LiarError(index, g.answers[i]!.bytes));
        this.h.liars.add(g.holder.operator);
      }
    });
    const honest = this.good.filter((g) => !lied.has(g.holder.index));
    this.good.splice(0, this.good.length, ...honest);
    if (short) return { lied: lied.size };
    for (const g of honest.slice(0, this.k.commitments.threshold)) {
      this.h.used.set(g.holder.operator, (this.h.used.get(g.holder.operator) ?? 0) + this.windows.length);
    }
    return { out, lied: lied.size };
  }
}
