import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/media/bytes.js";
import { CiphertextError, PlaylistError } from "../../src/media/errors.js";
import { inside, keyURI, oneVariant, parseKeyTag, parseKeyURI, parseRendition, pickVariant, ticksOf, windowOf, withoutKeys } from "../../src/media/playlist.js";
import { cipherRange, cipherSize, decryptRange, encryptedSource, plainSize } from "../../src/media/record.js";
import { decryptSegment, encryptSegment, segmentIV } from "../../src/media/segment.js";
import { bytesSource } from "../../src/media/unixfs.js";
import { pattern, vectors } from "./vectors.js";

const v = vectors<{
  segments: { key: string; iv: string; size: number; encrypted: number; sha256: string }[];
  files: { key: string; size: number; encrypted: number; sha256: string }[];
}>("media/testdata/ciphertexts.json");
const sha256 = (b: Uint8Array) => createHash("sha256").update(b).digest("hex");

/** toEqual looks at megabytes for minutes. */
const same = (a: Uint8Array, b: Uint8Array) => expect(Buffer.compare(a, b)).toBe(0);

describe("segments", () => {
  it.each(v.segments)("$size bytes", async ({ key, iv, size, encrypted, sha256: want }) => {
    const sealed = await encryptSegment(pattern(size), fromHex(key), fromHex(iv));
    expect([sealed.length, sha256(sealed)]).toEqual([encrypted, want]);
    same(await decryptSegment(sealed, fromHex(key), fromHex(iv)), pattern(size));
  });
  it("refuses what is none", async () => {
    for (const n of [0, 15, 17]) await expect(decryptSegment(new Uint8Array(n), new Uint8Array(16), segmentIV(0))).rejects.toThrow(CiphertextError);
    expect(toHex(segmentIV(258))).toBe("00000000000000000000000000000102");
  });
});

describe("records", () => {
  // each window of a vector has another key
  const keyOf = (base: string) => async (window: number) => {
    const k = fromHex(base), view = new DataView(k.buffer);
    view.setUint32(28, view.getUint32(28) ^ window);
    return k;
  };
  it.each(v.files)("$size bytes", async ({ key, size, encrypted, sha256: want }) => {
    const k = keyOf(key), s = encryptedSource(bytesSource(pattern(size)), k);
    expect([s.size, cipherSize(size), plainSize(encrypted)]).toEqual([encrypted, encrypted, size]);
    const sealed = new Uint8Array(await s.slice(0, s.size).arrayBuffer());
    expect(sha256(sealed)).toBe(want);
    same(await decryptRange(size, 0, size, sealed, k), pattern(size));
    for (const [from, to] of [[0, 1], [size - 1, size], [65_535, 65_537], [70_000, 70_001]].filter(([a, b]) => a! >= 0 && b! <= size) as [number, number][]) {
      const [a, b] = cipherRange(size, from, to);
      same(await decryptRange(size, from, to, sealed.slice(a, b), k), pattern(size).slice(from, to));
      same(new Uint8Array(await s.slice(a, b).arrayBuffer()), sealed.slice(a, b));
    }
  });
  it("notices what is moved, cut or of another file", async () => {
    const k = async () => new Uint8Array(32), size = 140_000, s = encryptedSource(bytesSource(pattern(size)), k);
    const sealed = new Uint8Array(await s.slice(0, s.size).arrayBuffer());
    const swapped = sealed.slice();
    swapped.set(sealed.subarray(65_552, 2 * 65_552), 0);
    for (const bad of [swapped, sealed.slice(0, -1), Uint8Array.from([...sealed, 0]), sealed.map((x, i) => (i === 70_000 ? x ^ 1 : x))]) {
      await expect(decryptRange(size, 0, size, bad, k)).rejects.toThrow(CiphertextError);
    }
    await expect(decryptRange(size - 1, 0, size - 1, sealed.slice(0, -1), k)).rejects.toThrow(CiphertextError);
    for (const n of [0, 15, 65_552 + 15]) expect(() => plainSize(n)).toThrow(CiphertextError);
  });
});

const list = (...lines: string[]) => ["#EXTM3U", ...lines].join("\n");

describe("playlists", () => {
  it("reads what the packager writes", () => {
    const r = parseRendition("v0-aa/index.m3u8", list(
      "#EXT-X-VERSION:7", "#EXT-X-MEDIA-SEQUENCE:0", '#EXT-X-MAP:URI="init.mp4"', '#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0-aa/0"', "#EXTINF:4.000000,", "seg00000.m4s",
      "#EXTINF:3.9996,", "seg00001.m4s", "#EXTINF:13.5,", "seg00002.m4s", '#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0-aa/1"', "#EXTINF:1,", "seg00003.m4s", "#EXT-X-ENDLIST",
    ), 20);
    expect(r.init).toBe("v0-aa/init.mp4");
    expect(r.segments.map((s) => [s.path, s.start, s.end, s.sequence, s.key?.window])).toEqual([
      ["v0-aa/seg00000.m4s", 0, 4000, 0, 0], ["v0-aa/seg00001.m4s", 4000, 8000, 1, 0], ["v0-aa/seg00002.m4s", 8000, 21500, 2, 0], ["v0-aa/seg00003.m4s", 21500, 22500, 3, 1],
    ]);
    expect(r.segments.map((s) => ticksOf(s, 5))).toEqual([[0, 1], [0, 2], [1, 5], [4, 5]]);
    expect([windowOf(r, 1), windowOf(r, 3)]).toEqual([[0, 3], [3, 4]]);
  });

  it.each([
    ["no playlist", "EXTM3U"], ["no segment", list("#EXT-X-ENDLIST")], ["no duration", list("seg.m4s")], ["a URL", list("#EXTINF:1,", "https://example.com/seg.m4s")], ["absolute", list("#EXTINF:1,", "/seg.m4s")],
    ["out of the work", list("#EXTINF:1,", "../../seg.m4s")], ["NaN", list("#EXTINF:x,", "seg.m4s")], ["endless", list("#EXTINF:3601,", "seg.m4s")], ["negative", list("#EXTINF:-1,", "seg.m4s")], ["zero", list("#EXTINF:0,", "seg.m4s")],
    ["a part", list("#EXT-X-BYTERANGE:5@0", "#EXTINF:1,", "seg.m4s")], ["an encrypted init", list('#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0/0"', '#EXT-X-MAP:URI="init.mp4"', "#EXTINF:1,", "seg.m4s")],
    ["another window", list('#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0/7"', "#EXTINF:1,", "seg.m4s")], ["another rendition", list('#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v1/0"', "#EXTINF:1,", "seg.m4s")],
    ["another method", list('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="streamchain-key:v0/0"', "#EXTINF:1,", "seg.m4s")], ["a key elsewhere", list('#EXT-X-KEY:METHOD=AES-128,URI="https://x/k"', "#EXTINF:1,", "seg.m4s")],
    ["a key beside", list('#EXT-X-SESSION-KEY:METHOD=AES-128,URI="streamchain-key:v0/0"', "#EXTINF:1,", "seg.m4s")], ["a late sequence", list("#EXTINF:1,", "a.m4s", "#EXT-X-MEDIA-SEQUENCE:9", "#EXTINF:1,", "b.m4s")],
  ])("refuses %s", (_, playlist) => {
    expect(() => parseRendition("v0/index.m3u8", playlist, 20)).toThrow(PlaylistError);
  });

  it("keys", () => {
    expect(parseKeyURI(keyURI("v0-aa", 4294967295))).toEqual({ rendition: "v0-aa", window: 4294967295 });
    for (const bad of ["streamchain-key:v0/00", "streamchain-key:/0", "streamchain-key:v.0/0", "streamchain-key:v0/4294967296", "streamchain-key:v0", "x"]) expect(() => parseKeyURI(bad)).toThrow(PlaylistError);
    expect(parseKeyTag("#EXT-X-KEY:METHOD=NONE")).toBeUndefined();
    const k = parseKeyTag('#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:a/1",IV=0x000102030405060708090a0b0c0d0e0f,KEYFORMAT="identity",KEYFORMATVERSIONS="1"');
    expect([k?.rendition, k?.window, toHex(k!.iv!)]).toEqual(["a", 1, "000102030405060708090a0b0c0d0e0f"]);
    for (const bad of ["METHOD=AES-128", 'METHOD=AES-128,URI="streamchain-key:a/1",URI="streamchain-key:a/2"', 'METHOD=AES-128,URI="streamchain-key:a/1",IV=0x00', 'METHOD=AES-128,URI="streamchain-key:a/1",X=1', 'METHOD=NONE,URI="streamchain-key:a/1"']) {
      expect(() => parseKeyTag(`#EXT-X-KEY:${bad}`)).toThrow(PlaylistError);
    }
  });

  it("qualities", () => {
    const master = list(
      "#EXT-X-STREAM-INF:BANDWIDTH=9000000,AVERAGE-BANDWIDTH=8000000,RESOLUTION=1920x1080", "v0/index.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,RESOLUTION=1280x720", "v1/index.m3u8",
      "#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360", "v2/index.m3u8",
    );
    expect((["best", "auto", 720, 100] as const).map((q) => pickVariant(master, q).path)).toEqual(["v0/index.m3u8", "v1/index.m3u8", "v1/index.m3u8", "v2/index.m3u8"]);
    const one = oneVariant(master, pickVariant(master, 720));
    expect(one.match(/index/g)).toHaveLength(1);
    expect(pickVariant(one, "best").path).toBe("v1/index.m3u8");
    expect(withoutKeys(list('#EXT-X-KEY:METHOD=AES-128,URI="streamchain-key:v0/0"', "#EXTINF:1,", "a"))).toBe("#EXTM3U\n#EXTINF:1,\na\n");
    expect(() => pickVariant(list(), "best")).toThrow(PlaylistError);
  });

  it("stays inside", () => {
    expect([inside("v0", "a"), inside("v0", "../v1/a"), inside("", "./a"), inside("a/b", "c//d")]).toEqual(["v0/a", "v1/a", "a", "a/b/c/d"]);
    for (const bad of ["", ".", "..", "../..", "a?b", "a#b", "a%2f", "c:\\x", "\0"]) expect(() => inside("v0".slice(0, bad === ".." ? 2 : 0), bad)).toThrow(PlaylistError);
  });

  it("never hangs on noise", () => {
    const words = ["#EXTM3U", "\n", "#EXTINF:", "1,", '#EXT-X-KEY:METHOD=AES-128,URI="', "streamchain-key:a/0", '"', "seg", "../", "\0", "9".repeat(400), "#EXT-X-MAP:URI=", "é"];
    let seed = 7;
    for (let i = 0; i < 4000; i++) {
      let s = i % 3 ? "#EXTM3U\n" : "";
      for (let j = 0; j < i % 23; j++) s += words[(seed = (seed * 1103515245 + 12345) & 0x7fffffff) % words.length];
      for (const f of [() => parseRendition("a/i.m3u8", s, 20), () => pickVariant(s, "auto")]) {
        try {
          f();
        } catch (e) {
          expect(e).toBeInstanceOf(PlaylistError);
        }
      }
    }
  });
});
