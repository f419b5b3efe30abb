/**
 * Vouchers: one signature, then one hash for each tick (docs/spec/session.md). Ids, signed terms, the payer's hash chain and the paid side's meter.
 * Amounts are in base units as bigint, times are Unix seconds.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, equal, u32, u64, utf8, withLength } from "../media/bytes.js";
import { sha256 } from "../media/sha256.js";

const hash = (domain: string, ...parts: Uint8Array[]) => sha256(concat(utf8(domain), ...parts.map(withLength)));

/** Names the escrow of an account in a denomination, in signed bytes. */
export const escrowId = (owner: Uint8Array, denom: string): Uint8Array => hash("streamchain/escrow/v1", owner, utf8(denom));

/** Stands in a session of price zero where escrowId stands in others: who watches, and the subscription by which; empty for none. */
export const viewerId = (owner: Uint8Array, subscription: string): Uint8Array => hash("streamchain/viewer/v1", owner, utf8(subscription));

/** Names a storage provider by its operator's account. */
export const providerId = (operator: Uint8Array): Uint8Array => hash("streamchain/provider/v1", operator);

/** Names a denomination. */
export const denomId = (denom: string): Uint8Array => hash("streamchain/denom/v1", utf8(denom));

/** Lets a provider reserve a part of an escrow for itself. */
export interface LaneIntent {
  chainId: string;
  escrow: Uint8Array;
  provider: Uint8Array;
  generation: bigint;
  cap: bigint;
  submitBy: number;
  expires: number;
}

/** The terms of one payment session. */
export interface Session {
  chainId: string;
  escrow: Uint8Array;
  provider: Uint8Array;
  generation: bigint;
  session: bigint;
  /** digest of the root work's CID */
  work: Uint8Array;
  denom: Uint8Array;
  pricePerTick: bigint;
  /** media time of one tick */
  tickSeconds: number;
  maxTicks: number;
  /** word 0 */
  root: Uint8Array;
  expires: number;
}

/** What the session key signs of a lane. */
export function laneSignBytes(l: LaneIntent): Uint8Array<ArrayBuffer> {
  return concat(
    utf8("streamchain/lane/v1"), withLength(utf8(l.chainId)), sized(l.escrow), sized(l.provider), u64(l.generation), u64(l.cap), u64(l.submitBy), u64(l.expires),
  );
}

function terms(s: Session): Uint8Array {
  return concat(
    utf8("streamchain/session/v1"), withLength(utf8(s.chainId)), sized(s.escrow), sized(s.provider), u64(s.generation), u64(s.session), sized(s.work),
    sized(s.denom), u64(s.pricePerTick), u32(s.tickSeconds), u32(s.maxTicks),
  );
}

function sized(b: Uint8Array): Uint8Array {
  if (b.length !== 32) throw new RangeError(`an id of ${b.length} bytes, it has 32`);
  return b;
}

/** What the session key signs of a session. */
export const sessionSignBytes = (s: Session): Uint8Array<ArrayBuffer> => concat(terms(s), sized(s.root), u64(s.expires));

/** Binds a hash chain to its session: the first 16 bytes of the SHA-256 of all fields but root. In hexadecimal it is the session's id. */
export const salt = (s: Session): Uint8Array => sha256(concat(terms(s), u64(s.expires))).subarray(0, 16);

/** Signs with a session key: its 32 secret bytes. */
export const sign = (signBytes: Uint8Array, secret: Uint8Array): Uint8Array => ed25519.sign(signBytes, secret);

/** The public side of a session key. */
export const publicKey = (secret: Uint8Array): Uint8Array => ed25519.getPublicKey(secret);

/** Checks a signature as the chain does; never throws. */
export function verify(signBytes: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, signBytes, key, { zip215: false });
  } catch {
    return false;
  }
}

/** The word before w. */
export function step(salt: Uint8Array, w: Uint8Array): Uint8Array {
  const b = new Uint8Array(48);
  b.set(salt);
  b.set(w, 16);
  return sha256(b);
}

/** Applies step so many times. */
export function forward(salt: Uint8Array, w: Uint8Array, steps: number): Uint8Array {
  for (let i = 0; i < steps; i++) w = step(salt, w);
  return w;
}

/** Whether word lies gap ticks after last. */
export const check = (salt: Uint8Array, last: Uint8Array, word: Uint8Array, gap: number): boolean => equal(forward(salt, word, gap), last);

/** What n ticks cost. RangeError where it has more than 64 bits. */
export function amount(n: number, price: bigint): bigint {
  const a = BigInt(n) * price;
  if (a > 0xffffffffffffffffn) throw new RangeError("more than any escrow holds");
  return a;
}

/** The payer's side: it can reveal each word of a session. It keeps about 2·√maxTicks words. */
export class Chain {
  private readonly stride: number;
  private readonly marks: Uint8Array[] = [];
  private cache: Uint8Array[] = [];
  private at = -1;
  /** the session's id as bytes */
  readonly salt: Uint8Array;

  private constructor(private readonly max: number, salt: Uint8Array) {
    this.salt = salt;
    this.stride = 1 << ((max.toString(2).length + 1) >> 1);
  }

  /** Makes the chain of s from a secret seed of 32 bytes; the session it returns has its root set. The same seed and terms give the same chain. */
  static create(s: Omit<Session, "root">, seed: Uint8Array): { chain: Chain; session: Session } {
    if (seed.length !== 32) throw new RangeError("a seed has 32 bytes");
    const c = new Chain(s.maxTicks, salt({ ...s, root: new Uint8Array(32) }));
    let w: Uint8Array = sha256(concat(utf8("streamchain/words/v1"), seed, c.salt));
    const last = w;
    for (let i = s.maxTicks; ; i--) {
      if (i % c.stride === 0) c.marks[i / c.stride] = w;
      if (i === 0) break;
      w = step(c.salt, w);
    }
    c.marks.push(last);
    return { chain: c, session: { ...s, root: w } };
  }

  /** Reveals the word that pays n ticks; n above maxTicks gives the last. */
  word(n: number): Uint8Array {
    n = Math.min(n, this.max);
    const start = n - (n % this.stride);
    if (this.at !== start) {
      const whole = this.max - start >= this.stride;
      const end = whole ? start + this.stride : this.max;
      let w = whole ? this.marks[start / this.stride + 1]! : this.marks.at(-1)!;
      const cache: Uint8Array[] = [];
      for (let i = end; i >= start; i--) {
        cache[i - start] = w;
        if (i > start) w = step(this.salt, w);
      }
      this.cache = cache;
      this.at = start;
    }
    return this.cache[n - start]!;
  }
}

/** How many ticks one word may pay at once: what a meter hashes to check it is bounded. */
export const MAX_GAP = 64;

/** How a meter answers a word: see docs/spec/session.md. */
export type Answer = "ok" | "closed" | "beyond" | "stale" | "gap" | "word";

/** The paid side: it keeps the newest word of a session. */
export class Meter {
  private closed = false;
  private readonly salt: Uint8Array;
  private readonly max: number;
  /** ticks paid */
  n = 0;
  /** the newest word */
  last: Uint8Array;

  constructor(s: Session) {
    this.salt = salt(s);
    this.max = s.maxTicks;
    this.last = s.root;
  }

  /** Takes the word that pays n ticks in all. The same word again is "ok"; a wrong word closes the meter. */
  accept(n: number, word: Uint8Array): Answer {
    if (this.closed) return "closed";
    if (n > this.max) return "beyond";
    if (n < this.n) return "stale";
    if (n - this.n > MAX_GAP) return "gap";
    if (!check(this.salt, this.last, word, n - this.n)) {
      this.closed = true;
      return "word";
    }
    this.n = n;
    this.last = word;
    return "ok";
  }

  /** Continues from a word that was accepted before, without the limit of the gap. False where it is none. */
  restore(n: number, word: Uint8Array): boolean {
    if (n > this.max || n < this.n || !check(this.salt, this.last, word, n - this.n)) return false;
    this.n = n;
    this.last = word;
    return true;
  }
}
