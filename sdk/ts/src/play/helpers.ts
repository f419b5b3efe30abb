import { type BlockCache } from "../node/fetcher.js";
import { NodeProblem, NoNodeError } from "../node/errors.js";

/** How many files of a work are listed at most. */
export const MAX_LISTED = 1000;
/** What is kept of verified blocks, in bytes: who seeks back fetches nothing again. */
const CACHE = 48 << 20;

/** The newest verified blocks, in memory. */
export class MemoryBlocks implements BlockCache {
  private readonly blocks = new Map<string, Uint8Array<ArrayBuffer>>();
  private size = 0;

  async get(cid: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const b = this.blocks.get(cid);
    if (b) {
      this.blocks.delete(cid);
      this.blocks.set(cid, b);
    }
    return b;
  }

  async put(cid: string, block: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.blocks.has(cid)) return;
    this.blocks.set(cid, block);
    this.size += block.length;
    for (const [old, b] of this.blocks) {
      if (this.size <= CACHE) break;
      this.blocks.delete(old);
      this.size -= b.length;
    }
  }
}

/** Whether all nodes say that it has to be paid for. */
export function isDenied(e: unknown): boolean {
  return e instanceof NoNodeError && e.causes.size > 0 && [...e.causes.values()].every((c) => c instanceof NodeProblem && c.slug === "payment-required");
}

/** The paths that a work's index.json names, and itself; undefined where it names none that can be. */
export function indexed(b: Uint8Array): string[] | undefined {
  try {
    const { files } = JSON.parse(new TextDecoder().decode(b)) as { files?: { path?: unknown }[] };
    const paths = (files ?? []).map((f) => f.path).filter((p): p is string => typeof p === "string" && !p.split("/").some((n) => n === "" || n === "." || n === ".."));
    return paths.length > 0 && paths.length <= MAX_LISTED ? [...paths, "index.json"] : undefined;
  } catch {
    return undefined;
  }
}

const TYPES: Record<string, string> = {
  m3u8: "application/vnd.apple.mpegurl", mp4: "video/mp4", m4s: "video/iso.segment", vtt: "text/vtt", jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp",
  gif: "image/gif", pdf: "application/pdf", txt: "text/plain", json: "application/json", mp3: "audio/mpeg", zip: "application/zip", epub: "application/epub+zip",
};

/** A media type by the ending of a name; nothing in it runs when it is shown. */
export function typeOf(path: string): string {
  return TYPES[/\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream";
}
