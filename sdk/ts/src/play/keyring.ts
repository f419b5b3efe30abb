import { fromHex, toHex } from "../media/bytes.js";
import { type Rendition, ticksOf, windowOf } from "../media/playlist.js";
import { WINDOW_RECORDS, recordOf, type FileKey } from "../media/record.js";
import { type Output } from "../keyshare/index.js";
import { NodeProblem, NoNodeError } from "../node/errors.js";
import { FinalError, type Node, type NodePool } from "../node/pool.js";
import { type KeyWindow, MAX_KEY_WINDOWS } from "../node/wire.js";
import { Mutex } from "./device.js";
import { NotEntitledError, PaymentRequiredError, TooFewHoldersError } from "./errors.js";
import { Holders, type HoldersConfig } from "./holders.js";
import { type KeyTerms, type Want, windowName, windowTicks } from "./keyterms.js";
import { type KeyPay, type Payer } from "./payer.js";

/** How often all holders are asked for a window, and how long is waited between: what has just been opened or bought is known to all a block later. */
const ROUNDS = 4, BREATH = 600;

export interface KeyringConfig {
  holders: Omit<HoldersConfig, "pay">;
  terms: KeyTerms;
  pool: NodePool;
  /** undefined where this viewer pays nothing: what costs is refused then */
  payer?: (node: Node) => Payer;
  /** keys that were paid for, by windowName, in hexadecimal digits */
  saved: Record<string, string>;
  save: (keys: Record<string, string>) => Promise<void>;
  /** A window was opened. */
  told: () => void;
}

/** Gets the keys of an encrypted work from their holders, each window once, and pays them first. */
export class Keyring {
  readonly holders: Holders;
  /** windows that were opened */
  opened = 0;
  private readonly windows = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  /** a word pays all before it: windows are paid in order */
  private readonly buying = new Mutex();
  private buyer: { payer: Payer; want: Want; error?: unknown } | undefined;

  constructor(private readonly c: KeyringConfig) {
    this.holders = new Holders({ ...c.holders, pay: (windows, due) => this.pay(windows, due) });
  }

  /** Whether a window costs this viewer something. */
  costs(w: KeyWindow): boolean {
    return windowTicks(this.c.terms, w) > 0 && this.c.saved[windowName(w)] === undefined;
  }

  /** The window of segment i, for who is at segment from. */
  want(r: Rendition, from: number, i: number): Want {
    const k = r.segments[i]!.key!, { terms } = this.c;
    const w: Want = { rendition: k.rendition, number: k.window, folder: r.segments[i]!.folder, from: 0, to: 0, rest: 0 };
    if (!terms.metered) return w;
    const [, end] = windowOf(r, i), last = r.segments.at(-1)!.key;
    w.from = ticksOf(r.segments[from]!, terms.metered.tickSeconds)[0];
    w.to = ticksOf(r.segments[end - 1]!, terms.metered.tickSeconds)[1];
    for (let n = w.number; last && n <= last.window; n++) w.rest += windowTicks(terms, { rendition: k.rendition, number: n });
    return w;
  }

  /** The AES-128 key of a window; it is got and paid for once. */
  key(w: Want): Promise<Uint8Array<ArrayBuffer>> {
    const name = windowName(w);
    let got = this.windows.get(name);
    if (!got) {
      got = this.get(w, name);
      this.windows.set(name, got);
      // whoever wants it next tries again
      got.catch(() => this.windows.delete(name));
    }
    return got;
  }

  private async get(w: Want, name: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.c.saved[name];
    let key: Uint8Array<ArrayBuffer>;
    if (known !== undefined) key = fromHex(known);
    else if (windowTicks(this.c.terms, w) > 0) {
      key = (await this.buy(w)).get(name)!.aes128();
      this.c.saved[name] = toHex(key);
      await this.c.save(this.c.saved);
    } else key = (await this.ask([w])).get(name)!.aes128();
    this.opened++;
    this.c.told();
    return key;
  }

  /** The keys of a file of size bytes, a batch at a time. */
  ofFile(path: string, size: number): FileKey {
    const last = Math.floor(recordOf(Math.max(size, 1) - 1) / WINDOW_RECORDS);
    const batches = new Map<number, Promise<Map<string, Output>>>();
    return async (window) => {
      const i = Math.floor(window / MAX_KEY_WINDOWS);
      let batch = batches.get(i);
      if (!batch) {
        const wanted: KeyWindow[] = [];
        for (let n = i * MAX_KEY_WINDOWS; n <= Math.min(last, (i + 1) * MAX_KEY_WINDOWS - 1); n++) wanted.push({ rendition: path, number: n });
        batch = this.ask(wanted);
        batches.set(i, batch);
        batch.then((b) => (this.opened += b.size), () => batches.delete(i));
      }
      return (await batch).get(windowName({ rendition: path, number: window }))!.aes256();
    };
  }

  /** Asks the holders, again while they may not have heard yet of what gives a right to the window. */
  private async ask(windows: KeyWindow[]): Promise<Map<string, Output>> {
    for (let round = 1; ; round++) {
      try {
        // generated codes and callers put more into a want than a request has
        return await this.holders.windows(windows.map(({ rendition, number }) => ({ rendition, number })));
      } catch (e) {
        const soon = e instanceof TooFewHoldersError || e instanceof NotEntitledError;
        if (!soon || round === ROUNDS) throw e;
        await new Promise((r) => setTimeout(r, BREATH));
      }
    }
  }

  /** Pays holders for a window with the words of a session with the node that serves, or with the next one's where that opens none. */
  private buy(want: Want): Promise<Map<string, Output>> {
    return this.buying.run(async () => {
      if (!this.c.payer) throw new PaymentRequiredError([]);
      const failed = new Set<string>(), left = new Set<string>(), causes = new Map<string, unknown>();
      for (;;) {
        const node = this.c.pool.sole(failed);
        if (!node) throw new NoNodeError(causes);
        const payer = this.c.payer(node);
        const buyer: { payer: Payer; want: Want; error?: unknown } = { payer, want };
        this.buyer = buyer;
        try {
          return await this.ask([want]);
        } catch (e) {
          if (buyer.error instanceof FinalError) throw buyer.error.reason;
          if (buyer.error === undefined) {
            if (!unusable(e)) throw e;
            await payer.leave();
            if (!left.has(node.operator)) {
              left.add(node.operator); // once more, in a new lane
              continue;
            }
          }
          this.c.pool.fail(node.operator, e);
          failed.add(node.operator);
          causes.set(node.operator, e);
        } finally {
          this.buyer = undefined;
        }
      }
    });
  }

  private async pay(_: KeyWindow[], due: number): Promise<KeyPay | undefined> {
    const b = this.buyer;
    if (!b) return undefined;
    try {
      b.error = undefined;
      return await b.payer.keyPay(b.want, this.c.terms, due);
    } catch (e) {
      b.error = e;
      throw e;
    }
  }
}

/** Whether so many holders say that the session pays nothing any more that too few are left. */
function unusable(e: unknown): boolean {
  if (!(e instanceof TooFewHoldersError)) return false;
  const over = [...e.holders.values()].filter((x) => x instanceof NodeProblem && ["lane-unusable", "session-closed", "lane-exhausted"].includes(x.slug));
  return 2 * over.length > e.holders.size;
}
