/**
 * Keys of encrypted works: one for each window, out of a secret that nobody holds (docs/spec/keys.md). Viewers combine holders' answers; publishers
 * draw a secret and deal it.
 * @module
 */
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 as sha256Hash } from "@noble/hashes/sha2.js";
import { StreamError } from "../core/errors.js";
import { concat, equal, random, u16, u32, u64, utf8, withLength } from "../media/bytes.js";
import { sha256 } from "../media/sha256.js";
import {
  decodePoint, decodeScalar, EncodingError, encodeScalar, hashToPoint, hashToScalar, lagrange, mod, Point, randomScalar, timesPublic, timesSecret,
} from "./group.js";

export { EncodingError };
export { open, seal, SealedError, sealKey } from "./hpke.js";

/** Names the algorithms in a manifest. */
export const SUITE = "ristretto255-sha512-hkdf-sha256";
/** Bounds the work of every check. */
export const MAX_HOLDERS = 32;
/** Purposes of what is sealed: a share, for its holder; an answer, for a viewer's key. One cannot be opened as another. */
export const FOR_HOLDER = "streamchain/seal/share/v1", FOR_VIEWER = "streamchain/seal/answer/v1";

/** Too few right answers; the indexes of holders whose answers were wrong, which the answers prove. */
export class TooFewError extends StreamError {
  override name = "TooFewError";
  constructor(readonly liars: number[]) {
    super("too-few-answers", `too few right answers${liars.length > 0 ? `; wrong: ${liars.join(", ")}` : ""}`);
  }
}

/** Names the windows of all works under a secret by its public side. */
export const keyId = (c0: Uint8Array): Uint8Array => sha256(concat(utf8("streamchain/keys/v1"), c0));

/** What one key opens: some seconds of one rendition, or a MiB of another file. */
export interface Window {
  /** keyId of the work's C0 */
  work: Uint8Array;
  /** the rendition's folder, or the file's path; 1 to 64 bytes */
  rendition: string;
  number: number;
}

function nameOf(w: Window): Uint8Array {
  const r = utf8(w.rendition);
  if (w.work.length !== 32 || r.length < 1 || r.length > 64) throw new EncodingError("a window has a work, a rendition of 1 to 64 bytes and a number");
  return concat(w.work, withLength(r), u32(w.number));
}

const pointOf = (name: Uint8Array) => hashToPoint(name, "streamchain/window/v1");

/** The function's value at a window, from which its keys come. */
export class Output {
  constructor(private readonly value: Uint8Array, private readonly name: Uint8Array) {}

  /** The key of a window of HLS segments. */
  aes128(): Uint8Array<ArrayBuffer> {
    return this.derive("aes-128-cbc", 16);
  }

  /** The key of a window of another file. */
  aes256(): Uint8Array<ArrayBuffer> {
    return this.derive("aes-256-gcm", 32);
  }

  private derive(purpose: string, n: number): Uint8Array<ArrayBuffer> {
    return expand(sha256Hash, extract(sha256Hash, this.value, utf8("streamchain/key/v1")), concat(utf8(purpose), this.name), n) as Uint8Array<ArrayBuffer>;
  }
}

/** The commitments to a dealing: the first stands in the manifest. There are as many as answers are needed. */
export class Commitments {
  private readonly publics = new Map<number, Point>();
  private constructor(private readonly points: Point[]) {}

  /** Reads 1 to MAX_HOLDERS points. EncodingError. */
  static parse(points: Uint8Array[]): Commitments {
    if (points.length < 1 || points.length > MAX_HOLDERS) throw new EncodingError(`${points.length} commitments`);
    return new Commitments(points.map(decodePoint));
  }

  get threshold(): number {
    return this.points.length;
  }

  bytes(): Uint8Array[] {
    return this.points.map((p) => p.toBytes());
  }

  /** The public side of the secret. */
  c0(): Uint8Array {
    return this.points[0]!.toBytes();
  }

  /** The public side of the share with this index. @internal */
  public(index: number): Point {
    let sum = this.publics.get(index);
    if (!sum) {
      sum = Point.ZERO;
      for (const p of [...this.points].reverse()) sum = timesPublic(sum, BigInt(index)).add(p);
      this.publics.set(index, sum);
    }
    return sum;
  }
}

/** A holder's part of a window's output, with a proof that it was made with the committed share. */
export class Answer {
  private constructor(readonly index: number, readonly point: Point, readonly c: bigint, readonly z: bigint, readonly bytes: Uint8Array) {}

  /** Reads the 98 bytes. EncodingError. */
  static parse(b: Uint8Array): Answer {
    if (b.length !== 98) throw new EncodingError(`an answer of ${b.length} bytes`);
    const index = (b[0]! << 8) | b[1]!;
    if (index < 1 || index > MAX_HOLDERS) throw new EncodingError(`the index ${index}`);
    return new Answer(index, decodePoint(b.subarray(2, 34)), decodeScalar(b.subarray(34, 66)), decodeScalar(b.subarray(66)), b.slice());
  }

  /** Whether the holder used the share that the commitments name. */
  fits(commitments: Commitments, w: Window): boolean {
    const name = nameOf(w);
    return this.fitsPoint(commitments, pointOf(name), name);
  }

  /** @internal */
  fitsPoint(commitments: Commitments, h: Point, name: Uint8Array): boolean {
    const s = commitments.public(this.index), minus = mod(-this.c);
    const a = timesPublic(Point.BASE, this.z).add(timesPublic(s, minus));
    const b = timesPublic(h, this.z).add(timesPublic(this.point, minus));
    return challenge(name, this.index, s, h, this.point, a, b) === this.c;
  }
}

/** Hashes everything that a proof speaks of. */
function challenge(name: Uint8Array, index: number, ...points: Point[]): bigint {
  return hashToScalar(concat(u16(index), ...points.map((p) => p.toBytes()), name), "streamchain/answer/v1");
}

/** Makes a window's output out of answers: the first right ones of different holders, in the order given. TooFewError. */
export function combine(commitments: Commitments, w: Window, answers: Answer[]): { output: Output; liars: number[] } {
  const name = nameOf(w), h = pointOf(name);
  const right: Answer[] = [], liars: number[] = [];
  for (const a of answers) {
    if (right.length === commitments.threshold) break;
    if (right.some((r) => r.index === a.index)) continue;
    if (a.fitsPoint(commitments, h, name)) right.push(a);
    else liars.push(a.index);
  }
  if (right.length < commitments.threshold) throw new TooFewError(liars);
  const indexes = right.map((a) => a.index);
  const y = right.reduce((sum, a) => sum.add(timesPublic(a.point, lagrange(indexes, a.index))), Point.ZERO);
  return { output: new Output(y.toBytes(), name), liars };
}

/** A holder's part of a secret. */
export class Share {
  constructor(readonly index: number, private readonly scalar: bigint) {}

  /** Reads a share's 32 bytes. EncodingError. */
  static parse(index: number, b: Uint8Array): Share {
    if (!Number.isInteger(index) || index < 1 || index > MAX_HOLDERS) throw new EncodingError(`the index ${index}`);
    return new Share(index, decodeScalar(b));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return encodeScalar(this.scalar);
  }

  /** Whether the share lies on the committed polynomial. */
  fits(c: Commitments): boolean {
    return this.scalar !== 0n && timesSecret(Point.BASE, this.scalar).equals(c.public(this.index));
  }

  /** Answers for a window, as a holder does. */
  answer(w: Window): Answer {
    const name = nameOf(w), h = pointOf(name);
    const point = timesSecret(h, this.scalar), s = timesSecret(Point.BASE, this.scalar);
    // the nonce hangs on the share, the window and on chance: a broken source of chance alone does not give the share away
    const r = hashToScalar(concat(this.bytes(), name, random(32)), "streamchain/nonce/v1");
    const c = challenge(name, this.index, s, h, point, timesSecret(Point.BASE, r), timesSecret(h, r));
    return Answer.parse(concat(u16(this.index), point.toBytes(), encodeScalar(c), encodeScalar(mod(r + c * this.scalar))));
  }
}

/** What a creator deals and then forgets, or keeps offline: with it, every key can be derived. */
export class Secret {
  private constructor(private readonly scalar: bigint) {}

  /** Draws a secret. */
  static draw(): Secret {
    return new Secret(randomScalar());
  }

  /** Reads a secret's 32 bytes. EncodingError. */
  static parse(b: Uint8Array): Secret {
    const n = decodeScalar(b);
    if (n === 0n) throw new EncodingError("zero is no secret");
    return new Secret(n);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return encodeScalar(this.scalar);
  }

  /** The public side. */
  c0(): Uint8Array {
    return timesSecret(Point.BASE, this.scalar).toBytes();
  }

  /** The function's value at a window. */
  output(w: Window): Output {
    const name = nameOf(w);
    return new Output(timesSecret(pointOf(name), this.scalar).toBytes(), name);
  }

  /** Splits the secret so that any threshold of the holders can answer. Shares have the indexes 1 to holders. */
  deal(threshold: number, holders: number): { commitments: Commitments; shares: Share[] } {
    if (threshold < 1 || threshold > holders || holders > MAX_HOLDERS) throw new RangeError(`no dealing to ${threshold} of ${holders}`);
    const coefficients = [this.scalar, ...Array.from({ length: threshold - 1 }, randomScalar)];
    const at = (x: number) => coefficients.reduceRight((sum, a) => mod(sum * BigInt(x) + a), 0n);
    return {
      commitments: Commitments.parse(coefficients.map((a) => timesSecret(Point.BASE, a).toBytes())),
      shares: Array.from({ length: holders }, (_, i) => new Share(i + 1, at(i + 1))),
    };
  }
}

/** What a share is sealed for, with FOR_HOLDER: dealer is 0 for the creator's shares. */
export const shareContext = (root: string, version: bigint, index: number, dealer: number): Uint8Array =>
  sha256(concat(utf8("streamchain/share/v1"), utf8(root), u64(version), u32(index), u32(dealer)));

/** What an answer is sealed for, with FOR_VIEWER. */
export const answerContext = (id: Uint8Array, rendition: string, number: number, version: bigint): Uint8Array =>
  sha256(concat(utf8("streamchain/answer-context/v1"), id, withLength(utf8(rendition)), u32(number), u64(version)));

/** Whether two public sides are the same. */
export const sameKey = (a: Uint8Array, b: Uint8Array): boolean => equal(a, b);
