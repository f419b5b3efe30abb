import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/media/bytes.js";
import { carHeader, carPrefix, readCar } from "../../src/media/car.js";
import { CID, DAG_PB, RAW } from "../../src/media/cid.js";
import { DagError, decode } from "../../src/media/dagpb.js";
import { murmur3 } from "../../src/media/hamt.js";
import { Blocks, buildFile, buildFolder, bytesSource } from "../../src/media/unixfs.js";
import { carOf } from "../../src/publish/piece.js";
import { pattern, vectors } from "./vectors.js";

const folders = vectors<{ name: string; files: Record<string, number>; media: string; cover: string; root: string; piece: string; size: number }[]>("media/testdata/vectors.json");

describe("unixfs", () => {
  it.each(folders)("packages $name as Go does", async (v) => {
    const blocks = new Blocks();
    const media = await buildFolder(blocks, Object.entries(v.files).map(([path, size]) => ({ path, source: bytesSource(pattern(size)) })));
    expect(media.cid.text).toBe(v.media);
    const roots = [media.cid];
    if (v.cover) {
      const cover = await buildFile(blocks, bytesSource(pattern(v.files[v.cover]!)));
      expect(cover.cid.text).toBe(v.root);
      roots.push(cover.cid);
    }
    const car = await carOf(blocks, roots);
    expect([toHex(car.root), car.size]).toEqual([v.piece, v.size]);
    const whole = await car.read(0, car.size);
    expect(whole.length).toBe(v.size);
    // any part is the part of the whole
    for (const [from, to] of [[0, 1], [10, 200], [car.size - 5, car.size], [99, Math.min(car.size, 1_100_000)]] as const) {
      expect(toHex(await car.read(Math.max(from, 0), Math.min(to, car.size)))).toBe(toHex(whole.subarray(Math.max(from, 0), Math.min(to, car.size))));
    }
    for (const { cid, data, roots: r } of readCar(whole)) {
      expect(await cid.fits(data)).toBe(true);
      expect(r.map(String)).toEqual(roots.map(String));
      decode(cid, data);
    }
  });

  it("builds a tree of more than one level", async () => {
    const blocks = new Blocks(), big = pattern(3 << 20);
    const f = await buildFile(blocks, bytesSource(big));
    const n = decode(f.cid, await blocks.get(f.cid));
    expect([n.kind, n.size, n.links.map((l) => l.size)]).toEqual(["file", 3 << 20, [1 << 20, 1 << 20, 1 << 20]]);
    expect((await buildFile(new Blocks(), bytesSource(new Uint8Array(0)))).cid.text).toBe(CID.hash(RAW, new Uint8Array(0)).text);
  });

  it("notices a file that changed", async () => {
    const data = pattern(100), blocks = new Blocks();
    const { cid } = await buildFile(blocks, { size: 100, slice: (a, b) => ({ arrayBuffer: async () => data.slice(a, b).buffer }) });
    data[5] = 99;
    await expect(blocks.get(cid)).rejects.toThrow("changed");
  });

  it.each(["", "/a", "a//b", "../a", "a/.", "a/\ud800"])("refuses the path %j", async (path) => {
    await expect(buildFolder(new Blocks(), [{ path, source: bytesSource(pattern(1)) }])).rejects.toThrow(DagError);
  });

  it("refuses a folder that needs shards", async () => {
    const many = Array.from({ length: 6000 }, (_, i) => ({ path: `seg${i}`, source: bytesSource(pattern(1)) }));
    await expect(buildFolder(new Blocks(), many)).rejects.toThrow("streamd");
  });
});

describe("what strangers send", () => {
  it("hashes names as UnixFS does", () => {
    // of github.com/spaolacci/murmur3, which boxo shards by
    expect(["", "a", "seg00001.m4s", "0123456789abcdef", "Größe.pdf und noch mehr als sechzehn"].map((s) => toHex(murmur3(utf8(s))))).toEqual(MURMUR);
  });

  it("never hangs or crashes on damaged blocks", async () => {
    const blocks = new Blocks();
    const root = await buildFolder(blocks, [{ path: "a/b", source: bytesSource(pattern(10)) }, { path: "c", source: bytesSource(pattern(2_500_000)) }]);
    const c = decode(root.cid, await blocks.get(root.cid)).links.find((l) => l.name === "c")!.cid;
    for (const cid of [root.cid, c]) {
      const b = await blocks.get(cid);
      for (let i = 0; i < b.length; i++) {
        for (let bit = 0; bit < 8; bit++) {
          const bad = b.slice();
          bad[i]! ^= 1 << bit;
          tolerates(() => decode(cid, bad));
        }
        tolerates(() => decode(cid, b.slice(0, i)));
      }
    }
    let seed = 1;
    for (let i = 0; i < 3000; i++) {
      const noise = Uint8Array.from({ length: i % 97 }, () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16);
      tolerates(() => decode(CID.hash(DAG_PB, noise), noise));
      tolerates(() => [...readCar(noise)]);
    }
  });

  it("holds files to their own sums", () => {
    const leaf = pattern(5), link = CID.hash(RAW, leaf).bytes;
    const node = (sizes: number[], filesize: number) => {
      const pb = [...sizes.flatMap(() => [0x12, 38, 0x0a, 36, ...link]), 0x0a];
      const fs = [8, 2, 0x18, filesize, ...sizes.flatMap((s) => [0x20, s])];
      return Uint8Array.from([...pb, fs.length, ...fs]);
    };
    const read = (b: Uint8Array<ArrayBuffer>) => decode(CID.hash(DAG_PB, b), b);
    expect(read(node([5, 5], 10)).size).toBe(10);
    expect(() => read(node([5, 5], 11))).toThrow(DagError);
    expect(() => read(Uint8Array.from([0x12, 38, 0x0a, 36, ...link, 0x0a, 4, 8, 2, 0x18, 5]))).toThrow(DagError);
    expect(() => read(Uint8Array.from([0x0a, 2, 8, 4]))).toThrow("neither");
    expect(() => decode(CID.hash(0x71, leaf), leaf)).toThrow("codec");
  });

  it("notices every cut and flip of a CAR", async () => {
    const data = pattern(300), cid = CID.hash(RAW, data);
    const header = carHeader([cid]), prefix = carPrefix(cid, data.length);
    const car = Uint8Array.from([...header, ...prefix, ...data]);
    const read = async (b: Uint8Array<ArrayBuffer>) => {
      const out: string[] = [];
      for (const s of readCar(b)) if (await s.cid.fits(s.data)) out.push(s.cid.text);
      return out;
    };
    expect(await read(car)).toEqual([cid.text]);
    for (let i = 0; i < car.length; i++) {
      if (i !== header.length) await expect(read(car.slice(0, i))).rejects.toThrow(DagError);
      const bad = car.slice();
      bad[i]! ^= 4;
      const got = await read(bad).catch((e) => (expect(e).toBeInstanceOf(DagError), []));
      if (i >= header.length) expect(got).not.toContain(cid.text);
    }
  });

  it("reads CIDs in one spelling", () => {
    const c = CID.hash(RAW, pattern(3));
    expect(CID.parse(c.text).text).toBe(c.text);
    for (const bad of [c.text.toUpperCase(), c.text.slice(1), `${c.text}a`, "z" + c.text.slice(1), c.text.slice(0, -1) + "b", "QmRQ353oFNqt8zfZ9X1HgRUszwv9RkEEwmMZZkbkYEsybn"]) {
      expect(() => CID.parse(bad)).toThrow(RangeError);
    }
  });
});

/** f may refuse, by an error of ours only. */
function tolerates(f: () => unknown): void {
  try {
    f();
  } catch (e) {
    if (!(e instanceof DagError)) throw e;
  }
}

const MURMUR = ["0000000000000000", "85555565f6597889", "6434aea02fab74c4", "4be06d94cf4ad1a7", "f1d709add582401f"];
