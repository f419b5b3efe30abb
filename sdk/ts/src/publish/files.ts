import { sha256 as sha256Hash } from "@noble/hashes/sha2.js";
import { concat, toHex, u32, utf8 } from "../media/bytes.js";
import { encryptedSource } from "../media/record.js";
import { type Entry, type Source, bytesSource } from "../media/unixfs.js";
import { keyId, type Secret } from "../keyshare/index.js";
import { PublishError } from "./errors.js";

// A work that does not play: `files/<name>` and `index.json` (docs/spec/packaging.md).

const MAX_NAME = 100, MAX_KEY_NAME = 64, READ = 1 << 20;

/** Shortens a text to n bytes of whole characters. */
function cut(s: string, n: number): string {
  let out = "", length = 0;
  for (const c of s) {
    length += utf8(c).length;
    if (length > n) break;
    out += c;
  }
  return out;
}

/** A file's name as it stands in a work: it needs no escape in an address and cannot hide, lead elsewhere or look like an option. */
export function storedName(name: string): string {
  const clean = (s: string) => s.replace(/\p{Surrogate}/gu, "_").normalize("NFC").replace(/[^\p{L}\p{Nd}\p{M}.-]/gu, "_");
  const base = name.split(/[/\\]/).at(-1)!;
  const at = base.lastIndexOf(".");
  let ext = at > 0 ? cut(clean(base.slice(at)), 16) : "";
  if (ext === ".") ext = "";
  const stem = clean(at > 0 ? base.slice(0, at) : base).replace(/^[._-]+/, "") || "file";
  return cut(stem, MAX_NAME - utf8(ext).length) + ext;
}

/** Puts a suffix before the extension, and shortens the name to what a window's may have. */
function withSuffix(path: string, suffix: string): string {
  const at = path.lastIndexOf("/") + 1, dir = path.slice(0, at), base = path.slice(at);
  const dot = base.lastIndexOf("."), ext = dot > 0 ? base.slice(dot) : "", stem = dot > 0 ? base.slice(0, dot) : base;
  return dir + cut(stem, MAX_KEY_NAME - dir.length - suffix.length - utf8(ext).length) + suffix + ext;
}

/** SHA-256 of a file, read in parts. */
export async function digestOf(source: Source, progress?: (bytes: number) => void, signal?: AbortSignal): Promise<Uint8Array> {
  const h = sha256Hash.create();
  for (let from = 0; from < source.size; from += READ) {
    signal?.throwIfAborted();
    const to = Math.min(from + READ, source.size);
    h.update(new Uint8Array(await source.slice(from, to).arrayBuffer()));
    progress?.(to);
  }
  return h.digest();
}

/** Says in four bytes what a file holds, so that a key never serves for other bytes. */
export const suffixOf = (digest: Uint8Array): string =>
  `-${toHex(sha256Hash(concat(utf8("streamchain/rendition/v1"), u32(0), digest)).subarray(0, 4))}`;

const TYPES: Record<string, string> = {
  pdf: "application/pdf", epub: "application/epub+zip", txt: "text/plain", md: "text/markdown", csv: "text/csv", json: "application/json", html: "text/html", jpg: "image/jpeg",
  jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", svg: "image/svg+xml", avif: "image/avif", zip: "application/zip", gz: "application/gzip", xz: "application/x-xz",
  tar: "application/x-tar", apk: "application/vnd.android.package-archive", tif: "image/tiff", tiff: "image/tiff",
};

const ending = (name: string) => /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** What a file that does not play is as a work; "" where it must be packaged first, by the helper or streamd. */
export function kindOfFile(name: string, type = ""): "document" | "image" | "software" | "other" | "" {
  const t = type || TYPES[ending(name)] || "";
  if (/^(video|audio)\//.test(t) || /^(mp4|mkv|webm|mov|avi|mp3|flac|wav|m4a|ogg|opus|aac|ts|m4v)$/.test(ending(name))) return "";
  if (t.startsWith("image/")) return "image";
  if (/pdf|epub|text\/|document|officedocument/.test(t)) return "document";
  return /^(zip|gz|xz|tar|apk|exe|dmg|deb|rpm|appimage|iso)$/.test(ending(name)) ? "software" : "other";
}

/** The folder of a plain file: encrypted where a secret is given. */
export async function plainFolder(
  file: { name: string; source: Source; type?: string }, secret: Secret | undefined, progress?: (bytes: number) => void, signal?: AbortSignal,
): Promise<Entry[]> {
  if (kindOfFile(file.name, file.type) === "") throw new PublishError("not-a-file", "audio and video are packaged first: use the packager on this machine, or streamd publish");
  let path = `files/${storedName(file.name)}`, { source } = file;
  if (secret) {
    path = withSuffix(path, suffixOf(await digestOf(source, progress, signal)));
    const work = keyId(secret.c0()), name = path;
    source = encryptedSource(source, async (number) => secret.output({ work, rendition: name, number }).aes256());
  }
  const type = file.type?.split(";")[0] || TYPES[ending(file.name)] || "application/octet-stream";
  const index = { version: 1, files: [{ path, size: file.source.size, type }] };
  return [{ path, source }, { path: "index.json", source: bytesSource(utf8(JSON.stringify(index, null, 2) + "\n")) }];
}
