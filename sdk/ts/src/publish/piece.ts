import { carHeader, carPrefix } from "../media/car.js";
import { type CID, RAW } from "../media/cid.js";
import { decode } from "../media/dagpb.js";
import { type Blocks } from "../media/unixfs.js";
import { Hasher } from "../piece/index.js";

/** The CAR of a work, of which any part can be read without the rest: leaves stay in their files. */
export interface Car {
  /** BLAKE3 */
  root: Uint8Array;
  /** bytes */
  size: number;
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Lays out the CARv1 of everything at and beneath the roots, depth first in the order of links, each block once, and hashes it. */
export async function carOf(blocks: Blocks, roots: CID[], progress?: (bytes: number) => void, signal?: AbortSignal): Promise<Car> {
  const parts: { from: number; head: Uint8Array<ArrayBuffer>; cid?: CID }[] = [];
  const header = carHeader(roots), sum = new Hasher().update(header), seen = new Set<string>();
  parts.push({ from: 0, head: header });
  const walk = async (cid: CID): Promise<void> => {
    if (seen.has(cid.text)) return;
    seen.add(cid.text);
    signal?.throwIfAborted();
    const data = await blocks.get(cid), head = carPrefix(cid, data.length);
    parts.push({ from: sum.size, head, cid });
    sum.update(head).update(data);
    progress?.(sum.size);
    if (cid.codec !== RAW) for (const l of decode(cid, data).links) await walk(l.cid);
  };
  for (const r of roots) await walk(r);
  const size = sum.size;
  const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const out = new Uint8Array(to - from);
    const put = (b: Uint8Array, at: number) => {
      const lo = Math.max(at, from), hi = Math.min(at + b.length, to);
      if (lo < hi) out.set(b.subarray(lo - at, hi - at), lo - from);
    };
    // the last part that begins at or before from
    let lo = 0, hi = parts.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (parts[mid]!.from <= from) lo = mid;
      else hi = mid - 1;
    }
    for (const p of parts.slice(lo)) {
      if (p.from >= to) break;
      put(p.head, p.from);
      const at = p.from + p.head.length;
      if (p.cid && at < to && at + blocks.length(p.cid) > from) put(await blocks.get(p.cid), at);
    }
    return out;
  };
  return { root: sum.root(), size, read };
}
