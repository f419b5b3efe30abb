/**
 * Pieces: one root for all bytes of a work, BLAKE3, and proofs of single leaves of it as Bao slices (docs/spec/piece.md).
 * @module
 */
import { blake3 } from "@noble/hashes/blake3.js";
import { StreamError } from "../core/errors.js";
import { equal } from "../media/bytes.js";
import { chunk, parent } from "./tree.js";

/** What one proof shows, and how much lies beneath one leaf of the outboard, in bytes. */
export const LEAF = 1024, GROUP = 16384;

/** Why a proof is refused. */
export class ProofError extends StreamError {
  override name = "ProofError";
  constructor(message: string, options?: ErrorOptions) {
    super("proof", message, options);
  }
}

/** Computes root and size of what it is given, without keeping it. */
export class Hasher {
  private readonly hash = blake3.create({});
  size = 0;

  update(b: Uint8Array): this {
    this.hash.update(b);
    this.size += b.length;
    return this;
  }

  /** The root; nothing can be added after it. */
  root(): Uint8Array {
    return this.hash.digest();
  }
}

/** The root of bytes in memory. */
export const root = (b: Uint8Array): Uint8Array => blake3(b);

/** The length of the left subtree of n bytes, n > LEAF: the largest power of two of leaves that leaves something for the right one. */
function split(n: number): number {
  let left = LEAF;
  while (left * 2 < n) left *= 2;
  return left;
}

/** The length of a leaf's proof; 0 when offset is not inside the piece. */
export function proofSize(size: number, offset: number): number {
  if (!(offset < size)) return 0;
  let total = 8, pos = 0, n = size;
  for (; n > LEAF; total += 64) {
    const left = split(n);
    if (offset < pos + left) n = left;
    else [pos, n] = [pos + left, n - left];
  }
  return total + n;
}

function sizeBytes(size: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(size), true);
  return out;
}

/** Checks the proof of the leaf that holds byte offset of a piece, and returns the leaf. ProofError. */
export function verify(root: Uint8Array, size: number, offset: number, proof: Uint8Array): Uint8Array {
  if (!(offset >= 0 && offset < size)) throw new ProofError("the offset lies outside of the piece");
  if (proof.length !== proofSize(size, offset) || !equal(proof.subarray(0, 8), sizeBytes(size))) throw new ProofError("the proof is of another size");
  let at = 8, pos = 0, n = size, top = true;
  let want = root;
  for (; n > LEAF; top = false) {
    const left = split(n), l = proof.subarray(at, at + 32), r = proof.subarray(at + 32, at + 64);
    if (!equal(parent(l, r, top), want)) throw new ProofError("a node does not match");
    at += 64;
    if (offset < pos + left) [n, want] = [left, l];
    else [pos, n, want] = [pos + left, n - left, r];
  }
  const leaf = proof.subarray(at);
  if (!equal(chunk(leaf, pos / LEAF, top), want)) throw new ProofError("the leaf does not match");
  return leaf;
}

/** The hash of a subtree of bytes that begin at pos. */
function subtree(b: Uint8Array, pos: number, top: boolean): Uint8Array {
  if (b.length <= LEAF) return chunk(b, pos / LEAF, top);
  const left = split(b.length);
  return parent(subtree(b.subarray(0, left), pos, false), subtree(b.subarray(left), pos + left, false), top);
}

/** The proof of the leaf that holds byte offset of a piece in memory. ProofError. */
export function prove(b: Uint8Array, offset: number): Uint8Array {
  if (!(offset >= 0 && offset < b.length)) throw new ProofError("the offset lies outside of the piece");
  const out = new Uint8Array(proofSize(b.length, offset));
  out.set(sizeBytes(b.length));
  let at = 8, pos = 0, part = b;
  while (part.length > LEAF) {
    const left = split(part.length);
    out.set(subtree(part.subarray(0, left), pos, false), at);
    out.set(subtree(part.subarray(left), pos + left, false), at + 32);
    at += 64;
    if (offset < pos + left) part = part.subarray(0, left);
    else [pos, part] = [pos + left, part.subarray(left)];
  }
  out.set(part, at);
  return out;
}

/** What a keeper keeps beside a piece: Bao's outboard above groups of 16 KiB. */
export function outboard(b: Uint8Array): Uint8Array {
  const groups = Math.max(1, Math.ceil(b.length / GROUP));
  const out = new Uint8Array(8 + 64 * (groups - 1));
  out.set(sizeBytes(b.length));
  let at = 8;
  const node = (part: Uint8Array, pos: number): Uint8Array => {
    if (part.length <= GROUP) return subtree(part, pos, false);
    const here = at, left = split(part.length);
    at += 64;
    const l = node(part.subarray(0, left), pos), r = node(part.subarray(left), pos + left);
    out.set(l, here);
    out.set(r, here + 32);
    return parent(l, r, false);
  };
  node(b, 0);
  return out;
}
