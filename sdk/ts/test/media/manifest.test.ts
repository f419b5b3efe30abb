import { describe, expect, it } from "vitest";
import { commitment, decode, encode, FieldError, type Manifest, MalformedError, parseWorkId, validate, workId } from "../../src/manifest/index.js";
import { fromHex, toHex } from "../../src/media/bytes.js";
import { vectors } from "./vectors.js";

interface Fields {
  version: number; creator: string; kind: string; title: string; language: string; description: string; tags: string[]; duration: number; media: string;
  cover?: string; piece: { root: string; size: string }; licence: string; parents: { work: string; bps: number }[]; previous?: string;
  keys?: { suite: string; c0: string; window: number };
}
const v = vectors<{
  valid: { name: string; fields: Fields; encoding: string; work_id: string; digest: string }[];
  invalid: { name: string; encoding: string; field?: string }[];
  commitments: { creator: string; media: string; salt: string; hash: string }[];
  bad_work_ids: string[];
}>("manifest/testdata/vectors.json");

function manifestOf(f: Fields): Manifest {
  return {
    ...f, creator: fromHex(f.creator), piece: { root: fromHex(f.piece.root), size: Number(f.piece.size) }, keys: f.keys && { ...f.keys, c0: fromHex(f.keys.c0) },
  } as Manifest;
}

const strip = (m: Manifest) => JSON.parse(JSON.stringify(m, (_, x) => (x instanceof Uint8Array ? toHex(x) : x)));

describe("manifest", () => {
  it.each(v.valid)("both ways: $name", ({ fields, encoding, work_id, digest }) => {
    const m = manifestOf(fields);
    expect(toHex(encode(m))).toBe(encoding);
    expect(workId(m)).toBe(work_id);
    expect(toHex(parseWorkId(work_id))).toBe(digest);
    expect(strip(decode(fromHex(encoding)))).toEqual(strip(m));
  });

  it.each(v.invalid)("refuses $name", ({ encoding, field }) => {
    let caught: unknown;
    try {
      decode(fromHex(encoding));
    } catch (e) {
      caught = e;
    }
    if (field === undefined) expect(caught).toBeInstanceOf(MalformedError);
    else {
      expect(caught).toBeInstanceOf(FieldError);
      expect((caught as FieldError).field).toBe(field);
    }
  });

  it.each(v.commitments)("commitment", (c) => {
    expect(toHex(commitment(fromHex(c.creator), c.media, fromHex(c.salt)))).toBe(c.hash);
  });

  it.each(v.bad_work_ids)("no work id: %j", (id) => {
    expect(() => parseWorkId(id)).toThrow(RangeError);
  });

  const small = manifestOf(v.valid[0]!.fields);
  it.each<[string, Partial<Manifest>]>([
    ["title", { title: "e\u0301" }], ["title", { title: "a\u202eb" }], ["title", { title: "\ud800" }], ["title", { title: "x".repeat(141) }], ["title", { title: "\u{1e5d0}" }],
    ["description", { description: "a\u0085" }], ["tags[1]", { tags: ["a", "a"] }], ["tags", { tags: Array.from({ length: 11 }, (_, i) => `${i}`) }], ["language", { language: "de_DE" }],
    ["licence", { licence: "MIT;" }], ["piece.size", { piece: { root: small.piece.root, size: 0 } }], ["piece.size", { piece: { root: small.piece.root, size: 2 ** 53 } }],
    ["media", { media: v.valid[0]!.work_id }], ["cover", { cover: "" }], ["parents", { parents: [{ work: v.valid[0]!.work_id, bps: 3000 }, { work: v.valid[1]!.work_id, bps: 1 }] }],
    ["parents[1].work", { parents: [{ work: v.valid[0]!.work_id, bps: 0 }, { work: v.valid[0]!.work_id, bps: 1 }] }], ["keys.window", { keys: { suite: "a", c0: new Uint8Array(1), window: 0 } }],
    ["duration", { duration: -1 }], ["duration", { duration: 1.5 }], ["version", { version: 2 }], ["creator", { creator: new Uint8Array(19) }], ["kind", { kind: "song" }],
  ])("says what is wrong: %s", (field, change) => {
    expect(() => validate({ ...small, ...change })).toThrow(expect.objectContaining({ field }));
  });

  it("refuses every damage of an encoding", () => {
    const b = encode(manifestOf(v.valid[1]!.fields)), before = toHex(b);
    for (let i = 0; i < b.length; i++) {
      expect(() => decode(b.subarray(0, i))).toThrow();
      for (const bit of [0, 5, 7]) {
        const bad = b.slice();
        bad[i]! ^= 1 << bit;
        let m: Manifest | undefined;
        try {
          m = decode(bad);
        } catch (e) {
          expect(e instanceof FieldError || e instanceof MalformedError).toBe(true);
        }
        if (m) expect(toHex(encode(m))).not.toBe(before);
      }
    }
  });
});
