import { fromHex } from "./bytes.js";
import { PlaylistError } from "./errors.js";
import { segmentIV } from "./segment.js";

// Playlists of works, as a stranger wrote them: what leads out of the work, or names keys of other windows, is refused.

export const KEY_SCHEME = "streamchain-key:";

/** What encrypts the segments after an EXT-X-KEY. */
export interface KeyTag {
  rendition: string;
  window: number;
  /** of each of the segments; without it, that of each one's sequence number */
  iv?: Uint8Array<ArrayBuffer>;
}

/** One file of a rendition, and when it plays, in milliseconds from the start. */
export interface Segment {
  path: string;
  /** the folder that it lies in: nodes count ticks of each apart */
  folder: string;
  start: number;
  end: number;
  sequence: number;
  key?: KeyTag;
}

/** One quality of a work. */
export interface Rendition {
  path: string;
  init?: string;
  segments: Segment[];
}

/** Names a window's key in a playlist. */
export const keyURI = (rendition: string, window: number): string => `${KEY_SCHEME}${rendition}/${window}`;

/** Reads what keyURI wrote. PlaylistError. */
export function parseKeyURI(uri: string): { rendition: string; window: number } {
  const m = /^streamchain-key:([A-Za-z0-9_-]{1,64})\/(0|[1-9][0-9]{0,9})$/.exec(uri);
  if (!m || Number(m[2]) > 0xffffffff) throw new PlaylistError(`no address of a key: ${JSON.stringify(uri.slice(0, 100))}`);
  return { rendition: m[1]!, window: Number(m[2]) };
}

/** Reads an EXT-X-KEY; undefined of METHOD=NONE. What cannot be read must not be played as if it were clear: PlaylistError. */
export function parseKeyTag(line: string): KeyTag | undefined {
  const bad = () => new PlaylistError(`no key that can be read: ${JSON.stringify(line.slice(0, 100))}`);
  if (!line.startsWith("#EXT-X-KEY:")) throw bad();
  const seen = new Map<string, string>();
  for (const a of line.slice("#EXT-X-KEY:".length).split(",")) {
    const at = a.indexOf("=");
    if (at < 1 || seen.has(a.slice(0, at))) throw bad();
    seen.set(a.slice(0, at), a.slice(at + 1));
  }
  const method = seen.get("METHOD");
  seen.delete("METHOD");
  if (method === "NONE" && seen.size === 0) return undefined;
  let uri: { rendition: string; window: number } | undefined;
  let iv: Uint8Array<ArrayBuffer> | undefined;
  for (const [name, value] of seen) {
    if (name === "URI" && value.length >= 2 && value.startsWith('"') && value.endsWith('"')) uri = parseKeyURI(value.slice(1, -1));
    else if (name === "IV" && /^0[xX][0-9a-fA-F]{32}$/.test(value)) iv = fromHex(value.slice(2));
    else if (!((name === "KEYFORMAT" && value === '"identity"') || (name === "KEYFORMATVERSIONS" && value === '"1"'))) throw bad();
  }
  if (method !== "AES-128" || !uri) throw bad();
  return { ...uri, ...(iv ? { iv } : {}) };
}

/** The IV of a segment that has a key. */
export function ivOf(s: Segment): Uint8Array<ArrayBuffer> {
  return s.key?.iv ?? segmentIV(s.sequence);
}

/** Ticks that a segment touches, as nodes count them: from the first to before the second. */
export function ticksOf(s: Segment, tickSeconds: number): [from: number, to: number] {
  const t = tickSeconds * 1000, from = Math.floor(s.start / t);
  return [from, Math.max(Math.ceil(s.end / t), from + 1)];
}

/** The segments, from the first to before the second, in the key window of segment i. */
export function windowOf(r: Rendition, i: number): [first: number, end: number] {
  const number = r.segments[i]?.key?.window;
  const same = (j: number) => r.segments[j]?.key !== undefined && r.segments[j]!.key!.window === number;
  let first = i, end = i + 1;
  while (first > 0 && same(first - 1)) first--;
  while (end < r.segments.length && same(end)) end++;
  return [first, end];
}

/** How long a rendition plays, in seconds. */
export const secondsOf = (r: Rendition): number => (r.segments.at(-1)?.end ?? 0) / 1000;

const LONGEST = 4 << 20, MOST_LINES = 1 << 18;

function linesOf(playlist: string): string[] {
  if (!playlist.startsWith("#EXTM3U")) throw new PlaylistError("it does not begin with #EXTM3U");
  if (playlist.length > LONGEST) throw new PlaylistError("it is too long");
  const lines = playlist.split("\n", MOST_LINES + 1);
  if (lines.length > MOST_LINES) throw new PlaylistError("it is too long");
  return lines.map((l) => l.trim()).filter((l) => l !== "");
}

/** Resolves a playlist's reference; refuses what leaves the work: URLs, absolute paths, `..`. PlaylistError. */
export function inside(folder: string, ref: string): string {
  const bad = () => new PlaylistError(`it points outside the work: ${JSON.stringify(ref.slice(0, 100))}`);
  if (/[:\\?#%\0]/.test(ref) || ref.startsWith("/")) throw bad();
  const out: string[] = folder === "" ? [] : folder.split("/");
  for (const name of ref.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") out.push(name);
    else if (out.pop() === undefined) throw bad();
  }
  if (out.length === 0) throw bad();
  return out.join("/");
}

/** The folder of a path; empty of a name alone. */
export const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

const EDGE = 2000; // how far from a window's border its number may be either, in microseconds

/** Reads a media playlist that lies at path. windowSeconds is what one key opens; 0 where the work is not encrypted. PlaylistError. */
export function parseRendition(path: string, playlist: string, windowSeconds: number): Rendition {
  const folder = folderOf(path);
  const out: Rendition = { path, segments: [] };
  let clock = 0, micros = 0, seconds = -1, sequence = 0;
  let key: KeyTag | undefined;
  for (const line of linesOf(playlist)) {
    if (line.startsWith('#EXT-X-MAP:URI="')) {
      if (key) throw new PlaylistError("its init segment is encrypted");
      if (/BYTERANGE/.test(line)) throw new PlaylistError("its init segment is a part of a file");
      out.init = inside(folder, line.slice('#EXT-X-MAP:URI="'.length).split('"')[0]!);
    } else if (line.startsWith("#EXTINF:")) {
      const v = line.slice("#EXTINF:".length).split(",")[0]!;
      seconds = /^[0-9]{1,5}(\.[0-9]{1,9})?$/.test(v) ? Number(v) : Number.NaN;
      if (!(seconds > 0 && seconds <= 3600)) throw new PlaylistError(`a segment of ${JSON.stringify(v.slice(0, 40))} seconds`);
    } else if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
      const v = line.slice("#EXT-X-MEDIA-SEQUENCE:".length);
      if (!/^[0-9]{1,9}$/.test(v) || out.segments.length > 0) throw new PlaylistError("a sequence number that is none, or comes late");
      sequence = Number(v);
    } else if (line.startsWith("#EXT-X-KEY:")) key = parseKeyTag(line);
    else if (line.startsWith("#EXT-X-SESSION-KEY")) throw new PlaylistError("a key beside those of windows");
    else if (line.startsWith("#EXT-X-BYTERANGE")) throw new PlaylistError("a segment that is a part of a file");
    else if (!line.startsWith("#")) {
      if (seconds < 0) throw new PlaylistError("a segment without a duration");
      const at = inside(folder, line);
      checkKey(at, key, micros, windowSeconds);
      const end = clock + Math.round(seconds * 1000);
      out.segments.push({ path: at, folder: folderOf(at), start: clock, end, sequence, ...(key ? { key } : {}) });
      micros += Math.round(seconds * 1e6);
      clock = end;
      seconds = -1;
      sequence++;
    }
  }
  if (out.segments.length === 0) throw new PlaylistError("no segment");
  return out;
}

/** Holds a segment's key to what its place says: a playlist that named other windows would have its viewers pay for those. */
function checkKey(path: string, key: KeyTag | undefined, micros: number, windowSeconds: number): void {
  if (!key) return;
  const names = path.split("/");
  if (windowSeconds === 0 || names.length < 2 || key.rendition !== names.at(-2)) throw new PlaylistError(`${path} under a key of ${key.rendition}`);
  const length = windowSeconds * 1e6;
  const least = Math.floor(Math.max(micros - EDGE, 0) / length), most = Math.floor((micros + EDGE) / length);
  if (key.window < least || key.window > most) throw new PlaylistError(`${path} under the key of window ${key.window}`);
}

/** What a player that pays by the tick may choose: each quality is paid for itself. */
export type Quality = "best" | "auto" | number;

/** What "auto" takes, in bits a second: what a household's line carries. */
const AUTO_LINE = 5_000_000;

interface Variant {
  path: string;
  about: string;
  bandwidth: number;
  average: number;
  lines: number;
}

/** The variants of a master playlist. PlaylistError. */
export function variantsOf(master: string): Variant[] {
  const out: Variant[] = [];
  let about = "";
  for (const line of linesOf(master)) {
    if (line.startsWith("#EXT-X-STREAM-INF:")) about = line;
    else if (!line.startsWith("#") && about !== "") {
      const number = (name: string) => Number(new RegExp(`[:,]${name}=([0-9]{1,10})(,|$)`).exec(about)?.[1] ?? 0);
      const size = /[:,]RESOLUTION=([0-9]{1,5})x([0-9]{1,5})/.exec(about);
      out.push({
        path: inside("", line), about, bandwidth: number("BANDWIDTH"), average: number("AVERAGE-BANDWIDTH"),
        lines: size ? Math.min(Number(size[1]), Number(size[2])) : 0,
      });
      about = "";
    }
  }
  return out;
}

/** The variant with the most bandwidth of those that fit; the one with the least where none does. PlaylistError. */
export function pickVariant(master: string, quality: Quality): Variant {
  const all = variantsOf(master).sort((a, b) => b.bandwidth - a.bandwidth);
  const fits = (v: Variant) =>
    quality === "best" || (quality === "auto" ? (v.average > 0 ? v.average <= AUTO_LINE : v.bandwidth <= AUTO_LINE) : v.lines <= quality);
  const v = all.find(fits) ?? all.at(-1);
  if (!v) throw new PlaylistError("no variant");
  return v;
}

/** A master playlist with one variant. */
export function oneVariant(master: string, chosen: Variant): string {
  const out: string[] = [];
  let about = false, done = false;
  for (const line of linesOf(master)) {
    if (line.startsWith("#EXT-X-STREAM-INF:")) {
      about = true;
    } else if (line.startsWith("#")) {
      out.push(line);
    } else if (about && !done && inside("", line) === chosen.path) {
      out.push(chosen.about, line);
      done = true;
      about = false;
    }
  }
  return out.join("\n") + "\n";
}

/** A media playlist as a player of clear segments reads it. */
export function withoutKeys(playlist: string): string {
  return linesOf(playlist).filter((l) => !l.startsWith("#EXT-X-KEY:")).join("\n") + "\n";
}
