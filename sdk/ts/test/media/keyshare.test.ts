import { describe, expect, it } from "vitest";
import {
  Answer, combine, Commitments, EncodingError, FOR_HOLDER, FOR_VIEWER, keyId, open, seal, SealedError, sealKey, Secret, Share, SUITE, TooFewError, type Window,
} from "../../src/keyshare/index.js";
import { fromHex, toHex, utf8 } from "../../src/media/bytes.js";
import { vectors } from "./vectors.js";

const v = vectors<{
  suite: string; secret: string; commitments: string[]; shares: string[];
  windows: { work: string; rendition: string; number: number; answers: string[]; aes128: string; aes256: string }[];
  sealed: { private: string; purpose: string; context: string; plain: string; sealed: string };
}>("keyshare/testdata/vectors.json");
const commitments = Commitments.parse(v.commitments.map(fromHex));
const windowOf = (w: (typeof v.windows)[0]): Window => ({ work: fromHex(w.work), rendition: w.rendition, number: w.number });

describe("keyshare", () => {
  it("reads the dealing", () => {
    expect(SUITE).toBe(v.suite);
    const secret = Secret.parse(fromHex(v.secret));
    expect(toHex(secret.c0())).toBe(toHex(commitments.c0()));
    v.shares.forEach((s, i) => expect(Share.parse(i + 1, fromHex(s)).fits(commitments)).toBe(true));
    expect(Share.parse(2, fromHex(v.shares[0]!)).fits(commitments)).toBe(false);
  });

  it.each(v.windows)("window $rendition/$number", (w) => {
    const answers = w.answers.map((a) => Answer.parse(fromHex(a)));
    const { output, liars } = combine(commitments, windowOf(w), answers);
    expect(liars).toEqual([]);
    const direct = Secret.parse(fromHex(v.secret)).output(windowOf(w));
    for (const o of [output, direct]) expect([toHex(o.aes128()), toHex(o.aes256())]).toEqual([w.aes128, w.aes256]);
    // ours are as good
    const own = v.shares.map((s, i) => Share.parse(i + 1, fromHex(s)).answer(windowOf(w)));
    expect(toHex(combine(commitments, windowOf(w), [own[1]!, own[4]!, answers[1]!]).output.aes128())).toBe(w.aes128);
  });

  it("names who lies, and goes on with the others", () => {
    const w = windowOf(v.windows[0]!), own = v.shares.map((s, i) => Share.parse(i + 1, fromHex(s)));
    const lie = Answer.parse(own[2]!.answer({ ...w, number: 8 }).bytes);
    const right = [own[0]!.answer(w), own[1]!.answer(w)];
    expect(() => combine(commitments, w, [lie, ...right])).toThrow(expect.objectContaining({ liars: [3] }));
    const done = combine(commitments, w, [lie, ...right, right[0]!, own[3]!.answer(w)]);
    expect(done.liars).toEqual([3]);
    expect(toHex(done.output.aes128())).toBe(v.windows[0]!.aes128);
    expect(() => combine(commitments, w, right)).toThrow(TooFewError);
    // a zero in a proof is a wrong proof, not a crash
    const zero = right[0]!.bytes.slice();
    zero.fill(0, 34);
    expect(Answer.parse(zero).fits(commitments, w)).toBe(false);
  });

  it("opens what Go sealed, and only that", async () => {
    const s = v.sealed, context = utf8(s.context);
    expect(new TextDecoder().decode(await open(fromHex(s.private), s.purpose, context, fromHex(s.sealed)))).toBe(s.plain);
    for (const [purpose, ctx, sealed] of [
      [FOR_VIEWER, context, fromHex(s.sealed)], [s.purpose, utf8("contexx"), fromHex(s.sealed)], [s.purpose, context, fromHex(s.sealed).subarray(0, 47)],
      [s.purpose, context, new Uint8Array(0)], [s.purpose, context, fromHex(s.sealed).map((b, i) => (i === 40 ? b ^ 1 : b))], [s.purpose, context, new Uint8Array(64)],
    ] as const) {
      await expect(open(fromHex(s.private), purpose, ctx, sealed)).rejects.toThrow(SealedError);
    }
    const k = sealKey();
    expect(await open(k.secret, FOR_HOLDER, context, await seal(k.public, FOR_HOLDER, context, utf8("x")))).toEqual(utf8("x"));
    await expect(seal(new Uint8Array(32), FOR_HOLDER, context, utf8("x"))).rejects.toThrow(SealedError);
  });

  it("deals so that any threshold opens", () => {
    const secret = Secret.draw(), { commitments: c, shares } = secret.deal(2, 3);
    const w: Window = { work: keyId(secret.c0()), rendition: "files/a.pdf", number: 0 };
    expect(toHex(c.c0())).toBe(toHex(secret.c0()));
    for (const pair of [[0, 1], [0, 2], [2, 1]]) {
      const answers = pair.map((i) => shares[i]!.answer(w));
      expect(toHex(combine(c, w, answers).output.aes256())).toBe(toHex(secret.output(w).aes256()));
    }
    expect(shares.every((s) => s.fits(c))).toBe(true);
    for (const [t, n] of [[0, 1], [2, 1], [1, 33]] as const) expect(() => secret.deal(t, n)).toThrow(RangeError);
  });

  it("refuses what is not canonical", () => {
    const order = fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for (const bad of [new Uint8Array(32), new Uint8Array(31), order, new Uint8Array(32).fill(255)]) {
      expect(() => Secret.parse(bad)).toThrow(EncodingError);
      expect(() => Commitments.parse([bad])).toThrow(EncodingError);
    }
    for (const length of [0, 97, 99]) expect(() => Answer.parse(new Uint8Array(length))).toThrow(EncodingError);
    expect(() => combine(commitments, { work: new Uint8Array(32), rendition: "", number: 0 }, [])).toThrow(EncodingError);
  });
});
