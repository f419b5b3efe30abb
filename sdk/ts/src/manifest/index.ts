/**
 * Manifests: what a work's id commits to (docs/spec/manifest.md). `encode` checks the fields, `decode` also that its input is the one encoding of them.
 * @module
 */
import { concat, equal, utf8, withLength } from "../media/bytes.js";
import { CID, CID_LENGTH, DAG_CBOR, DAG_PB, RAW } from "../media/cid.js";
import { sha256 } from "../media/sha256.js";
import { checkText, consistsOf } from "./text.js";
import { FieldError, MalformedError } from "./errors.js";
import { Reader, bytes, head, LIST, link, MAP, text, UINT } from "./cbor.js";

export { FieldError, MalformedError };

/** What a work can be. */
export const KINDS = ["video", "audio", "podcast", "course", "document", "image", "software", "other"] as const;
export type Kind = (typeof KINDS)[number];

/** Limits of the fields; lengths are in bytes. */
export const LIMITS = {
  size: 16 << 10, creator: 20, title: 140, language: 35, description: 4096, tags: 10, tag: 32, licence: 64, parents: 4, parentBps: 3000,
  suite: 32, c0: 64, integer: Number.MAX_SAFE_INTEGER,
} as const;

/** One version of a work. CIDs are their texts. */
export interface Manifest {
  version: number;
  /** the creator's id, 20 bytes */
  creator: Uint8Array;
  kind: string;
  title: string;
  /** BCP 47; may be empty */
  language: string;
  description: string;
  tags: string[];
  /** seconds of playing time; 0 where there is none */
  duration: number;
  media: string;
  cover?: string;
  piece: { root: Uint8Array; size: number };
  /** SPDX expression, or LicenseRef- and a name */
  licence: string;
  parents: { work: string; bps: number }[];
  /** the version that this one replaces */
  previous?: string;
  /** of encrypted media */
  keys?: { suite: string; c0: Uint8Array; window: number };
}

/** What a person writes of a manifest. */
export type Texts = Pick<Manifest, "title" | "language" | "description" | "licence" | "tags">;

/** Checks what a person writes, before the work that the rest of a manifest takes. FieldError. */
export function validateTexts(m: Texts): void {
  if (m.title === "") throw new FieldError("title", "empty, every work has one");
  checkText("title", m.title, LIMITS.title, false);
  if (m.language.length > LIMITS.language || !consistsOf(m.language, "-")) throw new FieldError("language", "use a BCP 47 tag such as en or pt-BR");
  checkText("description", m.description, LIMITS.description, true);
  if (m.licence === "" || m.licence.length > LIMITS.licence || !consistsOf(m.licence, " .+-:()")) {
    throw new FieldError("licence", `use an SPDX expression such as CC-BY-4.0, or LicenseRef- and a name, of at most ${LIMITS.licence} bytes`);
  }
  if (m.tags.length > LIMITS.tags) throw new FieldError("tags", `${m.tags.length}, the limit is ${LIMITS.tags}`);
  m.tags.forEach((tag, i) => {
    const field = `tags[${i}]`;
    if (tag === "") throw new FieldError(field, "empty, leave it out");
    checkText(field, tag, LIMITS.tag, false);
    if (m.tags.indexOf(tag) < i) throw new FieldError(field, "is there twice");
  });
}

/** Checks every rule of every field. FieldError. */
export function validate(m: Manifest): void {
  if (m.version !== 1) throw new FieldError("version", `${m.version}, only 1 is known`);
  if (m.creator.length !== LIMITS.creator) throw new FieldError("creator", `${m.creator.length} bytes, a creator id has ${LIMITS.creator}`);
  if (!(KINDS as readonly string[]).includes(m.kind)) throw new FieldError("kind", `use one of ${KINDS.join(", ")}`);
  validateTexts(m);
  integer("duration", m.duration, 0);
  checkLink("media", m.media, DAG_PB, RAW);
  if (m.cover !== undefined) checkLink("cover", m.cover, DAG_PB, RAW);
  if (m.piece.root.length !== 32) throw new FieldError("piece.root", `${m.piece.root.length} bytes, it has 32`);
  integer("piece.size", m.piece.size, 1);
  if (m.parents.length > LIMITS.parents) throw new FieldError("parents", `${m.parents.length}, the limit is ${LIMITS.parents}`);
  let sum = 0;
  m.parents.forEach((p, i) => {
    checkLink(`parents[${i}].work`, p.work, DAG_CBOR);
    if (m.parents.findIndex((o) => o.work === p.work) < i) throw new FieldError(`parents[${i}].work`, "is there twice");
    integer(`parents[${i}].bps`, p.bps, 0);
    sum += p.bps;
    if (p.bps > LIMITS.parentBps) throw new FieldError(`parents[${i}].bps`, `${p.bps}, the limit is ${LIMITS.parentBps}`);
  });
  if (sum > LIMITS.parentBps) throw new FieldError("parents", `${sum} basis points in all, the limit is ${LIMITS.parentBps}`);
  if (m.previous !== undefined) checkLink("previous", m.previous, DAG_CBOR);
  if (!m.keys) return;
  const { suite, c0, window } = m.keys;
  if (suite === "" || suite.length > LIMITS.suite || !consistsOf(suite, "-./_")) throw new FieldError("keys.suite", `use 1 to ${LIMITS.suite} letters, digits and -./_`);
  if (c0.length < 1 || c0.length > LIMITS.c0) throw new FieldError("keys.c0", `${c0.length} bytes, it has 1 to ${LIMITS.c0}`);
  integer("keys.window", window, 1);
}

function integer(field: string, n: number, least: number): void {
  if (!Number.isSafeInteger(n) || n < least) throw new FieldError(field, `${n}, it lies between ${least} and ${LIMITS.integer}`);
}

function checkLink(field: string, s: string, ...codecs: number[]): void {
  const names: Record<number, string> = { [DAG_CBOR]: "dag-cbor", [DAG_PB]: "dag-pb", [RAW]: "raw" };
  let codec = -1;
  try {
    codec = CID.parse(s).codec;
  } catch {
    // said below
  }
  if (!codecs.includes(codec)) throw new FieldError(field, `use a CIDv1 of sha2-256 with codec ${codecs.map((c) => names[c]).join(" or ")}, in lower-case base32`);
}

/** The canonical DAG-CBOR of a valid manifest. FieldError. */
export function encode(m: Manifest): Uint8Array<ArrayBuffer> {
  validate(m);
  const b = encodeFields(m);
  if (b.length > LIMITS.size) throw new FieldError("manifest", `${b.length} bytes, the limit is ${LIMITS.size}`);
  return b;
}

function encodeFields(m: Manifest): Uint8Array<ArrayBuffer> {
  const optional = [m.keys, m.cover, m.previous].filter((x) => x !== undefined).length;
  const cid = (s: string) => link(CID.parse(s).bytes);
  return concat(
    head(MAP, 12 + optional),
    ...(m.keys ? [text("keys"), head(MAP, 3), text("c0"), bytes(m.keys.c0), text("suite"), text(m.keys.suite), text("window"), head(UINT, m.keys.window)] : []),
    text("kind"), text(m.kind),
    text("tags"), head(LIST, m.tags.length), ...m.tags.map(text),
    ...(m.cover !== undefined ? [text("cover"), cid(m.cover)] : []),
    text("media"), cid(m.media),
    text("piece"), head(MAP, 2), text("root"), bytes(m.piece.root), text("size"), head(UINT, m.piece.size),
    text("title"), text(m.title),
    text("creator"), bytes(m.creator),
    text("licence"), text(m.licence),
    text("parents"), head(LIST, m.parents.length),
    ...m.parents.flatMap((p) => [head(MAP, 2), text("bps"), head(UINT, p.bps), text("work"), cid(p.work)]),
    text("version"), head(UINT, m.version),
    text("duration"), head(UINT, m.duration),
    text("language"), text(m.language),
    ...(m.previous !== undefined ? [text("previous"), cid(m.previous)] : []),
    text("description"), text(m.description),
  );
}

/** Reads an encoding and checks it whole: what it returns is valid and encodes to the same bytes. MalformedError, FieldError. */
export function decode(b: Uint8Array): Manifest {
  if (b.length > LIMITS.size) throw new FieldError("manifest", `${b.length} bytes, the limit is ${LIMITS.size}`);
  const r = new Reader(b);
  r.head(MAP);
  const keys = r.has("keys") ? readKeys(r) : undefined;
  const kind = r.named("kind").text("kind");
  const tags = r.named("tags").list(LIMITS.tags, (i) => r.text(`tags[${i}]`));
  const cover = r.has("cover") ? r.link() : undefined;
  const media = r.named("media").link();
  r.named("piece").head(MAP);
  const root = r.named("root").bytes();
  if (root.length !== 32) throw new MalformedError(`a piece root of ${root.length} bytes`);
  const size = r.named("size").uint();
  const title = r.named("title").text("title");
  const creator = r.named("creator").bytes();
  const licence = r.named("licence").text("licence");
  const parents = r.named("parents").list(LIMITS.parents, () => {
    r.head(MAP);
    const bps = r.named("bps").uint();
    return { work: r.named("work").link(), bps };
  });
  const version = r.named("version").uint();
  const duration = r.named("duration").uint();
  const language = r.named("language").text("language");
  const previous = r.has("previous") ? r.link() : undefined;
  const description = r.named("description").text("description");
  r.end();
  const m: Manifest = {
    version, creator, kind, title, language, description, tags, duration, media, piece: { root, size }, licence, parents,
    ...(cover !== undefined ? { cover } : {}), ...(previous !== undefined ? { previous } : {}), ...(keys ? { keys } : {}),
  };
  validate(m);
  // one comparison stands for every rule of canonical form: counts, shortest heads
  if (!equal(encodeFields(m), b)) throw new MalformedError("another encoding of the same fields is the canonical one");
  return m;
}

function readKeys(r: Reader): { suite: string; c0: Uint8Array; window: number } {
  r.head(MAP);
  const c0 = r.named("c0").bytes();
  const suite = r.named("suite").text("keys.suite");
  return { c0, suite, window: r.named("window").uint() };
}

/** The id of the work that a valid manifest describes. FieldError. */
export const workId = (m: Manifest): string => CID.of(DAG_CBOR, sha256(encode(m))).text;

/** The 32-byte digest in a work's id, which has one text. RangeError. */
export function parseWorkId(id: string): Uint8Array<ArrayBuffer> {
  const cid = CID.parse(id);
  if (cid.codec !== DAG_CBOR) throw new RangeError("no id of a work: it begins with bafyrei and has 59 characters");
  return cid.digest;
}

/** The hash that dates a media CID before it is published; the salt is 16 to 64 random bytes. */
export function commitment(creator: Uint8Array, media: string, salt: Uint8Array): Uint8Array<ArrayBuffer> {
  if (salt.length < 16 || salt.length > 64) throw new RangeError("a salt has 16 to 64 bytes");
  const id = CID.parse(media).bytes;
  if (id.length !== CID_LENGTH) throw new RangeError("no CID of media");
  return sha256(concat(utf8("streamchain/commit/v1"), withLength(creator), withLength(id), withLength(salt)));
}
