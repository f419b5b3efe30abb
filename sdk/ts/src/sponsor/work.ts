import { sha256 } from "@noble/hashes/sha2.js";
import { StreamError } from "../core/errors.js";

/** The hardest work that is ever done, in bits. */
export const MAX_DIFFICULTY = 40;

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);

/** What a challenge's work is over: a solution is worth nothing for another text. */
export const workSeed = (challenge: string): Uint8Array => sha256(utf8("streamchain/sponsor/work/v1\n" + challenge));

/** How many zero bits SHA-256(seed ‖ n) begins with, of its first 64. */
export function workBits(seed: Uint8Array, n: bigint): number {
  const input = new Uint8Array(40);
  input.set(seed);
  new DataView(input.buffer).setBigUint64(32, n);
  return zeros(sha256(input));
}

function zeros(sum: Uint8Array): number {
  const view = new DataView(sum.buffer, sum.byteOffset);
  const high = Math.clz32(view.getUint32(0));
  return high < 32 ? high : 32 + Math.clz32(view.getUint32(4));
}

/**
 * Tries `count` numbers from `from` on; the first that is enough, or undefined. It takes about as long as `count` hashes and touches
 * nothing else, so that a worker can run it: `postMessage(solveSlice(seed, from, 50_000, difficulty))`.
 */
export function solveSlice(seed: Uint8Array, from: bigint, count: number, difficulty: number): bigint | undefined {
  const input = new Uint8Array(40), view = new DataView(input.buffer);
  input.set(seed);
  for (let i = 0, n = from; i < count; i++, n++) {
    view.setBigUint64(32, n);
    if (zeros(sha256(input)) >= difficulty) return n;
  }
  return undefined;
}

/** Finds the work for a challenge, in slices that let the page live: 2^difficulty hashes on average. */
export async function solve(challenge: string, difficulty: number, signal?: AbortSignal): Promise<bigint> {
  if (!Number.isInteger(difficulty) || difficulty < 0 || difficulty > MAX_DIFFICULTY) {
    throw new StreamError("dishonest", `the sponsor asks for work of ${difficulty} bits: that is no honest price; use another one`);
  }
  const seed = workSeed(challenge), slice = 4096;
  for (let from = 0n; ; from += BigInt(slice)) {
    const found = solveSlice(seed, from, slice, difficulty);
    if (found !== undefined) return found;
    signal?.throwIfAborted();
    await new Promise((next) => setTimeout(next, 0));
  }
}
