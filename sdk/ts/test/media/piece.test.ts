import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/media/bytes.js";
import { Hasher, outboard, ProofError, proofSize, prove, root, verify } from "../../src/piece/index.js";
import { pattern, vectors } from "./vectors.js";

const v = vectors<{
  roots: { size: number; root: string; outboard: string }[];
  proofs: { name: string; root: string; size: number; offset: number; proof: string }[];
  bad: { name: string; root: string; size: number; offset: number; proof: string }[];
}>("piece/testdata/vectors.json");

describe("piece", () => {
  it.each(v.roots)("root and outboard of $size bytes", ({ size, root: want, outboard: tree }) => {
    expect(toHex(root(pattern(size)))).toBe(want);
    expect(toHex(outboard(pattern(size)))).toBe(tree);
    const h = new Hasher();
    for (let at = 0, p = pattern(size); at < size; at += 777) h.update(p.subarray(at, at + 777));
    expect([toHex(h.root()), h.size]).toEqual([want, size]);
  });

  it.each(v.proofs)("proof of $offset of $size", (p) => {
    expect(proofSize(p.size, p.offset)).toBe(p.proof.length / 2);
    expect(toHex(prove(pattern(p.size), p.offset))).toBe(p.proof);
    const leaf = verify(fromHex(p.root), p.size, p.offset, fromHex(p.proof));
    expect(leaf[p.offset % 1024]).toBe(p.offset % 251);
  });

  it.each(v.bad)("refuses $name", (b) => {
    expect(() => verify(fromHex(b.root), b.size, b.offset, fromHex(b.proof))).toThrow(ProofError);
  });

  it("proves every leaf of what has an odd shape", () => {
    const b = pattern(70_001), r = root(b);
    for (let at = 0; at < b.length; at += 1024) expect(toHex(verify(r, b.length, at, prove(b, at)))).toBe(toHex(b.subarray(at, at + 1024)));
  });
});
