import { addressBytes, concat, fromHex, random, toHex, utf8 } from "../media/bytes.js";
import { sha256 } from "../media/sha256.js";
import { publicKey } from "../voucher/index.js";
import { BusyError } from "./errors.js";
import { type PlayStore } from "./store.js";

/** One payment session. n is stored before the word that pays n ticks is sent, to whomever. */
export interface SessionRow {
  number: string;
  work: string;
  pricePerTick: string;
  tickSeconds: number;
  maxTicks: number;
  expires: number;
  n: number;
  /** windows whose keys were asked for under the session, as <rendition>/<number>, and the ticks of each */
  keyed: Record<string, number>;
}

/** The newest lane to one provider, and its sessions. Amounts are in base units. */
export interface LaneRow {
  generation: string;
  cap: string;
  fee: string;
  expires: number;
  sessions: SessionRow[];
}

/** What watching one work has cost, over all runs and nodes: by provider/generation/session, and fees by provider/generation. */
interface View {
  paid: Record<string, string>;
  fees: Record<string, string>;
  ticks: Record<string, number>;
}

/** What the lane's sessions have paid at most. */
export const spentOf = (l: LaneRow): bigint => l.sessions.reduce((sum, s) => sum + BigInt(s.n) * BigInt(s.pricePerTick), 0n);

/** What holders count as used. */
export const keyedOf = (s: SessionRow): number => Object.values(s.keyed).reduce((a, b) => a + b, 0);

/** What this device keeps for one account: its session key, and what it has paid. */
export class Device {
  readonly pubkey: Uint8Array;
  /** the secret that words are made of */
  readonly seed: Uint8Array;
  /** the account, in bytes */
  readonly account: Uint8Array;

  private constructor(private readonly store: PlayStore, readonly owner: string, private readonly prefix: string, readonly secret: Uint8Array) {
    this.pubkey = publicKey(secret);
    this.seed = sha256(concat(utf8("streamchain/device/v1"), secret));
    this.account = addressBytes(owner);
  }

  /** Opens an account's part of the store, with a new session key where it has none. */
  static async open(store: PlayStore, chainId: string, owner: string): Promise<Device> {
    const prefix = `${chainId}/${owner}/`, at = `${prefix}session.key`;
    let text = await store.get(at);
    if (text === undefined || !/^[0-9a-f]{64}$/.test(text)) {
      text = toHex(random(32));
      await store.set(at, text);
    }
    return new Device(store, owner, prefix, fromHex(text));
  }

  /** Keeps other pages from paying by this key. BusyError. */
  async lock(): Promise<() => void> {
    // a page that was just closed may need a moment to be gone
    for (let i = 0; ; i++) {
      const release = await this.store.lock(`${this.prefix}pay`);
      if (release) return release;
      if (i === 10) throw new BusyError();
      await new Promise((r) => setTimeout(r, 200));
    }
  }

  async lane(provider: string): Promise<LaneRow | undefined> {
    return this.read<LaneRow>(`lane/${provider}`);
  }

  saveLane(provider: string, l: LaneRow): Promise<void> {
    return this.store.set(`${this.prefix}lane/${provider}`, JSON.stringify(l));
  }

  async view(root: string): Promise<View> {
    return (await this.read<View>(`view/${root}`)) ?? { paid: {}, fees: {}, ticks: {} };
  }

  saveView(root: string, v: View): Promise<void> {
    return this.store.set(`${this.prefix}view/${root}`, JSON.stringify(v));
  }

  /** Keys of windows that were paid for, in hexadecimal digits: whoever goes on later pays for none of them again. */
  async keys(media: string): Promise<Record<string, string>> {
    return (await this.read<Record<string, string>>(`keys/${media}`)) ?? {};
  }

  saveKeys(media: string, keys: Record<string, string>): Promise<void> {
    return this.store.set(`${this.prefix}keys/${media}`, JSON.stringify(keys));
  }

  private async read<T>(name: string): Promise<T | undefined> {
    const text = await this.store.get(this.prefix + name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }
}

/** What the viewer allows for one work in this run, fees included. */
export class Budget {
  private readonly before: bigint;
  private constructor(private readonly device: Device, private readonly root: string, private readonly rows: View, public limit: bigint) {
    this.before = this.total;
  }

  static async open(device: Device, root: string, limit: bigint): Promise<Budget> {
    return new Budget(device, root, await device.view(root), limit);
  }

  private get total(): bigint {
    return [...Object.values(this.rows.paid), ...Object.values(this.rows.fees)].reduce((a, b) => a + BigInt(b), 0n);
  }

  /** Signed for in this run, fees included: the most that nodes can settle. */
  get spent(): bigint {
    return this.total - this.before;
  }

  /** What earlier runs cost. */
  get spentBefore(): bigint {
    return this.before;
  }

  get fees(): bigint {
    return Object.values(this.rows.fees).reduce((a, b) => a + BigInt(b), 0n);
  }

  /** Ticks that were signed for, in all runs. */
  get ticks(): number {
    return Object.values(this.rows.ticks).reduce((a, b) => a + b, 0);
  }

  get left(): bigint {
    return this.limit > this.spent ? this.limit - this.spent : 0n;
  }

  async pay(ref: string, n: number, price: bigint): Promise<void> {
    this.rows.paid[ref] = (BigInt(n) * price).toString();
    this.rows.ticks[ref] = n;
    await this.device.saveView(this.root, this.rows);
  }

  async fee(ref: string, fee: bigint): Promise<void> {
    this.rows.fees[ref] = fee.toString();
    await this.device.saveView(this.root, this.rows);
  }
}

/** One after the other. */
export class Mutex {
  private tail: Promise<unknown> = Promise.resolve();
  run<T>(f: () => Promise<T>): Promise<T> {
    const p = this.tail.then(f, f);
    this.tail = p.catch(() => undefined);
    return p;
  }
}
