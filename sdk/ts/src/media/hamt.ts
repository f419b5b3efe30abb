import { type CID } from "./cid.js";
import { DagError, type DagNode, type Link, MAX_DEPTH } from "./dagpb.js";

// Sharded directories (UnixFS HAMT): a name stands where its hash says.

const M = 0xffffffffffffffffn;
const rotl = (x: bigint, n: bigint): bigint => ((x << n) | (x >> (64n - n))) & M;

function mix(k: bigint): bigint {
  k ^= k >> 33n;
  k = (k * 0xff51afd7ed558ccdn) & M;
  k ^= k >> 33n;
  k = (k * 0xc4ceb9fe1a85ec53n) & M;
  return k ^ (k >> 33n);
}

/** The first 64 bits of murmur3-x64-128, big-endian. */
export function murmur3(b: Uint8Array): Uint8Array<ArrayBuffer> {
  const c1 = 0x87c37b91114253d5n, c2 = 0x4cf5ad432745937fn;
  const padded = new Uint8Array(Math.ceil(b.length / 16) * 16);
  padded.set(b);
  const view = new DataView(padded.buffer);
  let h1 = 0n, h2 = 0n;
  for (let at = 0; at < padded.length; at += 16) {
    const k1 = (rotl((view.getBigUint64(at, true) * c1) & M, 31n) * c2) & M;
    const k2 = (rotl((view.getBigUint64(at + 8, true) * c2) & M, 33n) * c1) & M;
    h1 ^= k1;
    if (at + 16 > b.length) {
      // the tail is mixed in, but not stirred
      h2 ^= k2;
      break;
    }
    h1 = ((rotl(h1, 27n) + h2) * 5n + 0x52dce729n) & M;
    h2 ^= k2;
    h2 = ((rotl(h2, 31n) + h1) * 5n + 0x38495ab5n) & M;
  }
  h1 ^= BigInt(b.length);
  h2 ^= BigInt(b.length);
  h1 = (h1 + h2) & M;
  h2 = (h2 + h1) & M;
  h1 = mix(h1);
  h2 = mix(h2);
  h1 = (h1 + h2) & M;
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, h1);
  return out;
}

/** Loads a part of a sharded directory. */
export type Load = (cid: CID) => Promise<DagNode>;

/** Where a name leads in a sharded directory; undefined when it is not there. DagError. */
export async function findInShard(root: DagNode, name: string, load: Load): Promise<CID | undefined> {
  const hash = murmur3(new TextEncoder().encode(name));
  let bits = BigInt(0), left = 64;
  for (const v of hash) bits = (bits << 8n) | BigInt(v);
  for (let part = root; ; ) {
    if (part.kind !== "shard" || part.fanout !== root.fanout) throw new DagError(`${part.cid} is no part of a sharded directory`);
    const width = Math.log2(part.fanout), pad = (part.fanout - 1).toString(16).length;
    if (left < width) throw new DagError(`${root.cid} is deeper than a hash`);
    left -= width;
    const index = Number((bits >> BigInt(left)) & BigInt(part.fanout - 1)).toString(16).toUpperCase().padStart(pad, "0");
    const entry = part.links.find((l) => l.name === index + name && l.name.length > pad);
    if (entry) return entry.cid;
    const next = part.links.find((l) => l.name === index);
    if (!next) return undefined;
    part = await load(next.cid);
  }
}

/** All entries of a sharded directory. No part may be there twice: a few that are would make entries without end. DagError. */
export async function entriesOfShard(root: DagNode, load: Load, most: number): Promise<Link[]> {
  const out: Link[] = [], seen = new Set<string>([root.cid.text]);
  const walk = async (part: DagNode, depth: number): Promise<void> => {
    if (part.kind !== "shard" || depth > MAX_DEPTH) throw new DagError(`${part.cid} is no part of a sharded directory`);
    const pad = (part.fanout - 1).toString(16).length;
    for (const l of part.links) {
      if (l.name.length < pad) throw new DagError(`${part.cid} has an entry without a place`);
      if (l.name.length > pad) {
        if (out.push({ ...l, name: l.name.slice(pad) }) > most) throw new DagError(`${root.cid} has more than ${most} entries`);
        continue;
      }
      if (seen.has(l.cid.text)) throw new DagError(`${l.cid} is a part of its directory twice`);
      seen.add(l.cid.text);
      await walk(await load(l.cid), depth + 1);
    }
  };
  await walk(root, 0);
  return out;
}
