import { StreamError } from "../core/errors.js";
import { CID, DAG_PB, RAW } from "./cid.js";

// UnixFS in dag-pb (https://specs.ipfs.tech/unixfs/): the part of it that works consist of, read as what a stranger sent.

/** What a reader of DAGs refuses: the content, not the node that sent it, is at fault. */
export class DagError extends StreamError {
  override name = "DagError";
  constructor(message: string, options?: ErrorOptions) {
    super("unsupported-content", message, options);
  }
}

/** Bounds of a tree, as nodes have them. */
export const MAX_DEPTH = 32, MAX_LINKS = 16384;

export type Kind = "file" | "dir" | "shard";

/** Leads to a child: by name from a directory, as the next `size` bytes of a file. */
export interface Link {
  name: string;
  cid: CID;
  size: number;
  /** bytes of all blocks beneath, as the block claims: nobody checks it */
  tsize: number;
}

/** One decoded block. */
export interface DagNode {
  cid: CID;
  kind: Kind;
  /** of a file, in bytes */
  size: number;
  links: Link[];
  /** a file's bytes that stand before those of its links; a shard's bitfield */
  data: Uint8Array<ArrayBuffer>;
  /** of a shard: how many children a part has at most */
  fanout: number;
}

/** Reads protobuf fields; nothing in it loops without consuming. */
class Reader {
  private at = 0;
  constructor(private readonly b: Uint8Array<ArrayBuffer>) {}

  get done(): boolean {
    return this.at >= this.b.length;
  }

  varint(): number {
    let value = 0, factor = 1;
    for (let i = 0; i < 10; i++) {
      const v = this.b[this.at++];
      if (v === undefined) throw new DagError("a block ends too early");
      value += (v & 0x7f) * factor;
      if (v < 0x80) {
        if (!Number.isSafeInteger(value)) throw new DagError("a number in a block is too large");
        return value;
      }
      factor *= 128;
    }
    throw new DagError("a number in a block is too long");
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const n = this.varint();
    if (n > this.b.length - this.at) throw new DagError("a block ends too early");
    this.at += n;
    return this.b.subarray(this.at - n, this.at);
  }

  /** Skips a field of a wire type. */
  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 2) this.bytes();
    else if (wire === 1 || wire === 5) this.at += wire === 1 ? 8 : 4;
    else throw new DagError("a block has a field of an unknown type");
    if (this.at > this.b.length) throw new DagError("a block ends too early");
  }
}

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(b: Uint8Array): string {
  try {
    return text.decode(b);
  } catch {
    throw new DagError("a name in a block is not UTF-8");
  }
}

function readLink(b: Uint8Array<ArrayBuffer>): Link {
  const r = new Reader(b);
  let cid: CID | undefined, name = "", tsize = 0;
  while (!r.done) {
    const tag = r.varint();
    if (tag === 0x0a) {
      try {
        cid = CID.fromBytes(r.bytes());
      } catch (e) {
        throw e instanceof DagError ? e : new DagError(`a link: ${(e as Error).message}`);
      }
    } else if (tag === 0x12) name = decodeText(r.bytes());
    else if (tag === 0x18) tsize = r.varint();
    else throw new DagError("a link has an unknown field");
  }
  if (!cid) throw new DagError("a link leads nowhere");
  return { name, cid, tsize, size: 0 };
}

/** Reads a block, which was verified. DagError. */
export function decode(cid: CID, block: Uint8Array<ArrayBuffer>): DagNode {
  if (cid.codec === RAW) return { cid, kind: "file", size: block.length, links: [], data: block, fanout: 0 };
  if (cid.codec !== DAG_PB) throw new DagError(`${cid} has codec 0x${cid.codec.toString(16)}, which no work consists of`);
  const r = new Reader(block);
  const links: Link[] = [];
  let unixfs: Uint8Array<ArrayBuffer> | undefined;
  while (!r.done) {
    const tag = r.varint();
    if (tag === 0x12) {
      if (links.length === MAX_LINKS) throw new DagError(`${cid} has too many links`);
      links.push(readLink(r.bytes()));
    } else if (tag === 0x0a && !unixfs) unixfs = r.bytes();
    else throw new DagError(`${cid} has an unknown field`);
  }
  if (!unixfs) throw new DagError(`${cid} is no UnixFS`);
  return unixfsNode(cid, links, unixfs);
}

function unixfsNode(cid: CID, links: Link[], b: Uint8Array<ArrayBuffer>): DagNode {
  const r = new Reader(b);
  let type = -1, filesize = -1, fanout = 0, hash = -1;
  let data = new Uint8Array(0);
  const sizes: number[] = [];
  const size = (n: number) => {
    if (sizes.push(n) > MAX_LINKS) throw new DagError(`${cid} has too many parts`);
  };
  while (!r.done) {
    const tag = r.varint();
    if (tag === 0x08) type = r.varint();
    else if (tag === 0x12) data = r.bytes();
    else if (tag === 0x18) filesize = r.varint();
    else if (tag === 0x20) size(r.varint());
    else if (tag === 0x22) for (const packed = new Reader(r.bytes()); !packed.done; ) size(packed.varint());
    else if (tag === 0x28) hash = r.varint();
    else if (tag === 0x30) fanout = r.varint();
    else r.skip(tag & 7);
  }
  if (type === 1) return { cid, kind: "dir", size: 0, links, data, fanout: 0 };
  if (type === 5) {
    if (hash !== 0x22 || fanout < 8 || fanout > 1024 || (fanout & (fanout - 1)) !== 0 || fanout % 8 !== 0) throw new DagError(`${cid} is a sharded directory of an unknown kind`);
    return { cid, kind: "shard", size: 0, links, data, fanout };
  }
  if (type !== 2 && type !== 0) throw new DagError(`${cid} is neither file nor directory`);
  if (sizes.length !== links.length) throw new DagError(`${cid} has ${sizes.length} sizes and ${links.length} links`);
  let total = data.length;
  links.forEach((l, i) => {
    l.size = sizes[i]!;
    total += l.size;
  });
  if (!Number.isSafeInteger(total) || total !== Math.max(filesize, 0)) throw new DagError(`${cid} claims ${filesize} bytes, its parts ${total}`);
  return { cid, kind: "file", size: total, links, data, fanout: 0 };
}

function varint(out: number[], n: number): void {
  while (n >= 128) {
    out.push((n % 128) | 128);
    n = Math.floor(n / 128);
  }
  out.push(n);
}

export function varintBytes(n: number): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  varint(out, n);
  return Uint8Array.from(out);
}

function field(out: number[], tag: number, b: ArrayLike<number>): void {
  out.push(tag);
  varint(out, b.length);
  for (let i = 0; i < b.length; i++) out.push(b[i]!);
}

function encode(links: Link[], unixfs: number[]): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  for (const l of links) {
    const b: number[] = [];
    field(b, 0x0a, l.cid.bytes);
    field(b, 0x12, new TextEncoder().encode(l.name));
    b.push(0x18);
    varint(b, l.tsize);
    field(out, 0x12, b);
  }
  field(out, 0x0a, unixfs);
  return Uint8Array.from(out);
}

/** The block of an inner node of a file: links before data, as the profile unixfs-v1-2025 has it. */
export function fileNode(links: Link[]): Uint8Array<ArrayBuffer> {
  const unixfs = [0x08, 0x02, 0x18];
  varint(unixfs, links.reduce((n, l) => n + l.size, 0));
  for (const l of links) {
    unixfs.push(0x20);
    varint(unixfs, l.size);
  }
  return encode(links, unixfs);
}

/** The block of a directory, whose links are sorted. */
export function dirNode(links: Link[]): Uint8Array<ArrayBuffer> {
  return encode(links, [0x08, 0x01]);
}
