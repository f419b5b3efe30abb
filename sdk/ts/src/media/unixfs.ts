import { CID, RAW } from "./cid.js";
import { DAG_PB } from "./cid.js";
import { DagError, dirNode, fileNode, type Link, MAX_DEPTH } from "./dagpb.js";
import { sha256, sha256Of } from "./sha256.js";

// Folders as UnixFS by the profile unixfs-v1-2025: 1 MiB chunks as raw leaves, balanced, 1,024 links a node.

export const CHUNK = 1 << 20;
const FILE_LINKS = 1024, MOST_DIR = 256 << 10;

/** Bytes that can be read again: a File of a browser, or what `bytesSource` makes of an array. */
export interface Source {
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** One file of a folder; its path has slashes. */
export interface Entry {
  path: string;
  source: Source;
}

/** An array as a Source. */
export function bytesSource(b: Uint8Array): Source {
  return { size: b.length, slice: (from, to) => ({ arrayBuffer: async () => b.slice(from, to).buffer as ArrayBuffer }) };
}

/** Where a block of a DAG that was built lies: in memory, or in a file. */
type Place = { data: Uint8Array<ArrayBuffer> } | { source: Source; from: number; to: number };

/** The blocks of DAGs, of which leaves stay in their files. */
export class Blocks {
  private readonly places = new Map<string, Place>();

  put(cid: CID, place: Place): void {
    if (!this.places.has(cid.text)) this.places.set(cid.text, place);
  }

  has(cid: CID): boolean {
    return this.places.has(cid.text);
  }

  /** How many bytes a block has. */
  length(cid: CID): number {
    const p = this.places.get(cid.text);
    if (!p) throw new DagError(`block ${cid} is missing`);
    return "data" in p ? p.data.length : p.to - p.from;
  }

  /** A block, held to its CID: a file that changed since the DAG was built never enters a piece. */
  async get(cid: CID): Promise<Uint8Array<ArrayBuffer>> {
    const p = this.places.get(cid.text);
    if (!p) throw new DagError(`block ${cid} is missing`);
    if ("data" in p) return p.data;
    const data = new Uint8Array(await p.source.slice(p.from, p.to).arrayBuffer());
    if (!(await cid.fits(data))) throw new DagError("the file has changed since it was read: begin again");
    return data;
  }
}

interface Sub {
  cid: CID;
  size: number;
  tsize: number;
}

const link = (s: Sub, name = ""): Link => ({ name, ...s });

function putNode(blocks: Blocks, links: Link[], data: Uint8Array<ArrayBuffer>): Sub {
  const cid = CID.of(DAG_PB, sha256(data));
  blocks.put(cid, { data });
  return { cid, size: links.reduce((n, l) => n + l.size, 0), tsize: links.reduce((n, l) => n + l.tsize, data.length) };
}

/** Builds the DAG of one file. progress is told the bytes that were read. */
export async function buildFile(blocks: Blocks, source: Source, progress?: (bytes: number) => void, signal?: AbortSignal): Promise<Sub> {
  let level: Sub[] = [];
  for (let from = 0; from < source.size || from === 0; from += CHUNK) {
    signal?.throwIfAborted();
    const to = Math.min(from + CHUNK, source.size);
    const data = new Uint8Array(await source.slice(from, to).arrayBuffer());
    if (data.length !== to - from) throw new DagError("the file has changed since it was opened: begin again");
    const cid = CID.of(RAW, await sha256Of(data));
    blocks.put(cid, data.length === 0 ? { data } : { source, from, to });
    level.push({ cid, size: data.length, tsize: data.length });
    progress?.(to);
    if (to === source.size) break;
  }
  while (level.length > 1) {
    const up: Sub[] = [];
    for (let i = 0; i < level.length; i += FILE_LINKS) {
      const links = level.slice(i, i + FILE_LINKS).map((s) => link(s));
      up.push(putNode(blocks, links, fileNode(links)));
    }
    level = up;
  }
  return level[0]!;
}

type Tree = Map<string, Tree | Source>;

/** Builds the DAG of a folder of files. DagError where the names are not those of a folder, or the folder is too large for one block. */
export async function buildFolder(blocks: Blocks, entries: Entry[], progress?: (bytes: number) => void, signal?: AbortSignal): Promise<Sub> {
  const root: Tree = new Map();
  for (const e of entries) place(root, e);
  let read = 0;
  const build = async (at: Tree): Promise<Sub> => {
    const links: Link[] = [];
    for (const [name, what] of at) {
      const sub = what instanceof Map ? await build(what) : await buildFile(blocks, what, (n) => progress?.(read + n), signal);
      if (!(what instanceof Map)) read += what.size;
      links.push(link(sub, name));
    }
    links.sort((a, b) => compareUtf8(a.name, b.name));
    const data = dirNode(links);
    if (data.length > MOST_DIR) throw new DagError("a folder has too many files (about 4,500 segments, five hours): publish it with streamd");
    return putNode(blocks, links, data);
  };
  return build(root);
}

/** Whether a string is Unicode: no half of a pair alone. */
export const wellFormed = (s: string): boolean => !/\p{Surrogate}/u.test(s);

function place(root: Tree, e: Entry): void {
  const names = e.path.split("/");
  if (names.length > MAX_DEPTH - 8 || names.some((n) => n === "" || n === "." || n === ".." || !wellFormed(n))) {
    throw new DagError(`no path of a file in a folder: ${JSON.stringify(e.path.slice(0, 100))}`);
  }
  let at = root;
  for (const n of names.slice(0, -1)) {
    let next = at.get(n);
    if (next === undefined) at.set(n, (next = new Map()));
    if (!(next instanceof Map)) throw new DagError(`${e.path} lies in a file`);
    at = next;
  }
  const last = names.at(-1)!;
  if (at.has(last)) throw new DagError(`${e.path} is there twice`);
  at.set(last, e.source);
}

/** Order of bytes, which that of JavaScript's strings is not beyond U+FFFF. */
function compareUtf8(a: string, b: string): number {
  const x = new TextEncoder().encode(a), y = new TextEncoder().encode(b);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}
