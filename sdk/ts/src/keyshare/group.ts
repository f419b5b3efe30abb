import { StreamError } from "../core/errors.js";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { random, utf8 } from "../media/bytes.js";

// ristretto255 (RFC 9496): points and scalars in their canonical 32 bytes. Whatever is not canonical, and the identity, is refused.

export type Point = InstanceType<typeof ristretto255.Point>;
export const Point: typeof ristretto255.Point = ristretto255.Point;
/** The group's order. */
export const ORDER: bigint = Point.Fn.ORDER;

/** Bytes that are no canonical point, scalar, share or answer. */
export class EncodingError extends StreamError {
  override name = "EncodingError";
  constructor(message: string, options?: ErrorOptions) {
    super("encoding", message, options);
  }
}

export function decodePoint(b: Uint8Array): Point {
  if (b.length !== 32) throw new EncodingError(`a point of ${b.length} bytes`);
  let p: Point;
  try {
    p = Point.fromBytes(b);
  } catch {
    throw new EncodingError("no canonical point of ristretto255");
  }
  if (p.is0()) throw new EncodingError("the identity stands for nothing");
  return p;
}

export function decodeScalar(b: Uint8Array): bigint {
  if (b.length !== 32) throw new EncodingError(`a scalar of ${b.length} bytes`);
  let n = 0n;
  for (let i = 31; i >= 0; i--) n = (n << 8n) | BigInt(b[i]!);
  if (n >= ORDER) throw new EncodingError("a scalar that is not reduced");
  return n;
}

export function encodeScalar(n: bigint): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++, n >>= 8n) out[i] = Number(n & 255n);
  return out;
}

export const mod = (n: bigint): bigint => ((n % ORDER) + ORDER) % ORDER;

/** hash_to_group (RFC 9380, ristretto255_XMD:SHA-512_R255MAP_RO_). */
export const hashToPoint = (msg: Uint8Array, domain: string): Point => ristretto255_hasher.hashToCurve(msg, { DST: utf8(domain) });

/** expand_message_xmd with SHA-512 to 64 bytes, reduced, little-endian. */
export const hashToScalar = (msg: Uint8Array, domain: string): bigint => ristretto255_hasher.hashToScalar(msg, { DST: utf8(domain) });

/** A scalar that is not zero, by the platform's randomness. */
export function randomScalar(): bigint {
  for (;;) {
    const s = hashToScalar(random(64), "streamchain/scalar/v1");
    if (s !== 0n) return s;
  }
}

/** n·p for public values: its time depends on n. */
export const timesPublic = (p: Point, n: bigint): Point => (n === 0n ? Point.ZERO : p.multiplyUnsafe(n));

/** n·p for secret n, which is not zero. */
export const timesSecret = (p: Point, n: bigint): Point => p.multiply(n);

/** The weight of index j among the indexes, for the value at zero. */
export function lagrange(indexes: number[], j: number): bigint {
  let num = 1n, den = 1n;
  for (const m of indexes) {
    if (m === j) continue;
    num = mod(num * BigInt(m));
    den = mod(den * BigInt(m - j));
  }
  return mod(num * Point.Fn.inv(den));
}
