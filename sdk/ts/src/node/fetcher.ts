import { concat } from "../media/bytes.js";
import { CID, RAW } from "../media/cid.js";
import { DagError, type DagNode, decode, type Link, MAX_DEPTH } from "../media/dagpb.js";
import { entriesOfShard, findInShard } from "../media/hamt.js";
import { NoNodeError, NoSuchFileError, TooLargeError } from "./errors.js";
import { type NodePool, type Request } from "./pool.js";

/** How many blocks of a file are on their way at once, at most. */
const WINDOW = 12, PER_PEER = 4;
const ROUNDS = 3, BREATH = 600;
/** Bounds what is kept of directories, in bytes. */
const MAX_DIRS = 16 << 20;
const MAX_ENTRIES = 100_000;

/** Keeps verified blocks. What it returns is verified again. */
export interface BlockCache {
  get(cid: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(cid: string, block: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** A file, and who gave it: blocks by operator. */
export interface Fetched {
  data: Uint8Array<ArrayBuffer>;
  from: Map<string, number>;
}

/** Reads directories and files out of a pool's blocks. Nothing that was not verified is ever returned. */
export class Fetcher {
  private readonly dirs = new Map<string, Uint8Array<ArrayBuffer>>();
  private kept = 0;

  /** refresh looks for more nodes, when none that there is gives a block. */
  constructor(readonly pool: NodePool, private readonly options: { cache?: BlockCache; refresh?: () => Promise<void> } = {}) {}

  private async block(cid: CID, req: Request): Promise<{ data: Uint8Array<ArrayBuffer>; operator: string }> {
    const cached = await this.options.cache?.get(cid.text).catch(() => undefined);
    if (cached && (await cid.fits(cached))) return { data: cached, operator: "" };
    for (let round = 1; ; round++) {
      try {
        const got = await this.pool.block(cid, req);
        void this.options.cache?.put(cid.text, got.data).catch(() => undefined);
        return got;
      } catch (e) {
        if (round === ROUNDS || !(e instanceof NoNodeError)) throw e;
        // a node that restarts is back in a moment, and one that has just been told who may read asks the chain again after a second
        await this.options.refresh?.().catch(() => undefined);
        await new Promise((r) => setTimeout(r, BREATH));
        req.signal?.throwIfAborted();
      }
    }
  }

  private async dir(cid: CID, req: Request): Promise<DagNode> {
    let data = this.dirs.get(cid.text);
    if (!data) {
      data = (await this.block(cid, req)).data;
      if ((this.kept += data.length) > MAX_DIRS) {
        this.dirs.clear();
        this.kept = data.length;
      }
      this.dirs.set(cid.text, data);
    }
    return decode(cid, data);
  }

  /** Where a path beneath a directory leads. NoSuchFileError, DagError, those of NodePool.block. */
  async find(root: CID, path: string[], req: Request = {}): Promise<CID> {
    if (path.length > MAX_DEPTH) throw new DagError(`a path of ${path.length} names`);
    let at = root;
    for (const name of path) {
      if (at.codec === RAW) throw new NoSuchFileError(`${name} is looked for in a file`);
      const node = await this.dir(at, req);
      const next = node.kind === "dir" ? node.links.find((l) => l.name === name)?.cid
        : node.kind === "shard" ? await findInShard(node, name, (c) => this.dir(c, req)) : undefined;
      if (!next) throw new NoSuchFileError(`the work has no ${path.join("/")}`);
      at = next;
    }
    return at;
  }

  /** A directory's entries. DagError where it is none. */
  async list(cid: CID, req: Request = {}): Promise<Link[]> {
    const node = await this.dir(cid, req);
    if (node.kind === "dir") return node.links;
    if (node.kind === "shard") return entriesOfShard(node, (c) => this.dir(c, req), MAX_ENTRIES);
    throw new DagError(`${cid} is no directory`);
  }

  /** How many bytes a file has, by its first block. */
  async size(cid: CID, req: Request = {}): Promise<number> {
    const { data } = await this.block(cid, req);
    const n = decode(cid, data);
    if (n.kind !== "file") throw new DagError(`${cid} is no file`);
    return n.size;
  }

  /** A file whole, or its bytes from to to. TooLargeError beyond limit bytes, before any is fetched but the first block. */
  async read(cid: CID, limit: number, req: Request = {}, range?: { from: number; to: number }): Promise<Fetched> {
    const parts: Uint8Array[] = [], from = new Map<string, number>();
    for await (const part of this.stream(cid, limit, req, range, from)) parts.push(part);
    return { data: parts.length === 1 && parts[0]!.byteOffset === 0 ? (parts[0] as Uint8Array<ArrayBuffer>) : concat(...parts), from };
  }

  /** The same in parts, in order, each once it is verified; several are on their way at once. from, where given, counts who gave blocks. */
  async *stream(cid: CID, limit: number, req: Request = {}, range?: { from: number; to: number }, from: Map<string, number> = new Map()): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const parallel = req.sole ? PER_PEER : Math.min(WINDOW, Math.max(1, this.pool.size) * PER_PEER);
    const stop = new AbortController();
    const outer = () => stop.abort(req.signal?.reason);
    if (req.signal?.aborted) throw req.signal.reason;
    req.signal?.addEventListener("abort", outer, { once: true });
    const get = async (id: CID, size: number): Promise<Uint8Array<ArrayBuffer>> => {
      const got = await this.block(id, { ...req, size, signal: stop.signal });
      if (got.operator !== "") from.set(got.operator, (from.get(got.operator) ?? 0) + 1);
      return got.data;
    };
    const [lo, hi] = range ? [range.from, range.to] : [0, Infinity];
    const queue: Promise<Uint8Array<ArrayBuffer>>[] = [];
    try {
      for await (const p of leaves({ cid, size: -1 }, get, limit, 0, lo, hi, 0)) {
        const promise = p();
        promise.catch(() => undefined); // it is looked at in its turn
        queue.push(promise);
        if (queue.length >= parallel) yield await queue.shift()!;
      }
      for (const p of queue) yield await p;
    } finally {
      req.signal?.removeEventListener("abort", outer);
      stop.abort(new DOMException("not wanted any more", "AbortError"));
    }
  }
}

type Part = () => Promise<Uint8Array<ArrayBuffer>>;

/** Walks a file's blocks in order; a leaf is asked for when its part is called. start is where the block begins in the file. */
async function* leaves(
  at: { cid: CID; size: number }, get: (id: CID, size: number) => Promise<Uint8Array<ArrayBuffer>>, limit: number, start: number, lo: number, hi: number, depth: number,
): AsyncGenerator<Part> {
  if (depth > MAX_DEPTH) throw new DagError(`a file deeper than ${MAX_DEPTH}`);
  const cut = (b: Uint8Array<ArrayBuffer>, from: number) => b.subarray(Math.min(Math.max(lo - from, 0), b.length), Math.min(Math.max(hi - from, 0), b.length));
  if (at.cid.codec === RAW && at.size >= 0) {
    yield async () => {
      const b = await get(at.cid, at.size);
      if (b.length !== at.size) throw new DagError(`${at.cid} has ${b.length} bytes, its parent says ${at.size}`);
      return cut(b, start);
    };
    return;
  }
  const n = decode(at.cid, await get(at.cid, 0));
  if (n.kind !== "file") throw new DagError(`${at.cid} is no file`);
  if (at.size >= 0 && n.size !== at.size) throw new DagError(`${at.cid} has ${n.size} bytes, its parent says ${at.size}`);
  if (n.size > limit) throw new TooLargeError(`${n.size} bytes, at most ${limit}`);
  if (n.data.length > 0 && start < hi && start + n.data.length > lo) yield async () => cut(n.data, start);
  let from = start + n.data.length;
  for (const l of n.links) {
    // parts that are empty could be more than there is time to walk, without being more than limit bytes
    if (l.size === 0) throw new DagError(`${at.cid} has an empty part`);
    if (from < hi && from + l.size > lo) yield* leaves(l, get, limit, from, lo, hi, depth + 1);
    from += l.size;
  }
}
