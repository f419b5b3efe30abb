import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/media/bytes.js";
import {
  amount, Chain, denomId, escrowId, forward, type LaneIntent, laneSignBytes, MAX_GAP, Meter, providerId, publicKey, salt, type Session, sessionSignBytes, sign,
  verify, viewerId,
} from "../../src/voucher/index.js";
import { vectors } from "./vectors.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the file's shape is read field by field
const v = vectors<any>("voucher/testdata/vectors.json");
const owner = fromHex(v.owner), operator = fromHex(v.operator), key = fromHex(v.public_key), seed = fromHex(v.seed);
const lane: LaneIntent = {
  chainId: v.lane.chain_id, escrow: fromHex(v.escrow_id), provider: fromHex(v.provider_id), generation: BigInt(v.lane.generation), cap: BigInt(v.lane.cap),
  submitBy: v.lane.submit_by, expires: v.lane.expires,
};
const session: Session = {
  chainId: v.session.chain_id, escrow: fromHex(v.escrow_id), provider: fromHex(v.provider_id), generation: BigInt(v.session.generation), session: BigInt(v.session.session),
  work: fromHex(v.session.work), denom: fromHex(v.denom_id), pricePerTick: BigInt(v.session.price_per_tick), tickSeconds: v.session.tick_seconds, maxTicks: v.session.max_ticks,
  root: fromHex(v.session.root), expires: v.session.expires,
};

describe("voucher", () => {
  it("ids", () => {
    expect(toHex(escrowId(owner, v.denom))).toBe(v.escrow_id);
    expect(toHex(providerId(operator))).toBe(v.provider_id);
    expect(toHex(denomId(v.denom))).toBe(v.denom_id);
  });

  it("lane", () => {
    expect(toHex(laneSignBytes(lane))).toBe(v.lane_sign_bytes);
    expect(verify(laneSignBytes(lane), fromHex(v.lane_signature), key)).toBe(true);
  });

  it("session", () => {
    expect(toHex(sessionSignBytes(session))).toBe(v.session_sign_bytes);
    expect(toHex(salt(session))).toBe(v.session_salt);
    expect(verify(sessionSignBytes(session), fromHex(v.session_signature), key)).toBe(true);
  });

  it.each(v.bad_session_signatures as { name: string; public_key: string; sign_bytes: string; signature: string }[])("refuses a signature $name", (b) => {
    expect(verify(fromHex(b.sign_bytes), fromHex(b.signature), fromHex(b.public_key))).toBe(false);
  });

  it("signs what it verifies", () => {
    const secret = new Uint8Array(32).fill(7);
    const s = sign(laneSignBytes(lane), secret);
    expect(verify(laneSignBytes(lane), s, publicKey(secret))).toBe(true);
    expect(verify(laneSignBytes({ ...lane, cap: lane.cap + 1n }), s, publicKey(secret))).toBe(false);
  });

  it("words", () => {
    const made = Chain.create(session, seed);
    expect(toHex(made.session.root)).toBe(v.session.root);
    for (const [n, w] of Object.entries(v.words as Record<string, string>)) expect(toHex(made.chain.word(Number(n)))).toBe(w);
    expect(toHex(made.chain.word(9999))).toBe(v.words["300"]);
  });

  it.each([1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 100, 1023])("a chain of %d words is one", (maxTicks) => {
    const { chain, session: s } = Chain.create({ ...session, maxTicks }, seed);
    for (let n = 0; n <= maxTicks; n++) expect(toHex(forward(chain.salt, chain.word(n), n))).toBe(toHex(s.root));
    // in any order
    for (const n of [maxTicks, 0, maxTicks >> 1, 1]) expect(toHex(forward(chain.salt, chain.word(n), n))).toBe(toHex(s.root));
  });

  it("meter", () => {
    const m = new Meter(session);
    expect(v.meter.map((x: { n: number; word: string }) => m.accept(x.n, fromHex(x.word)))).toEqual(v.meter.map((x: { want: string }) => x.want));
    const { chain } = Chain.create(session, seed), again = new Meter(session);
    expect(again.accept(MAX_GAP + 1, chain.word(MAX_GAP + 1))).toBe("gap");
    expect(again.restore(200, chain.word(201))).toBe(false);
    expect(again.restore(200, chain.word(200))).toBe(true);
    expect(again.accept(264, chain.word(264))).toBe("ok");
  });

  it("session of price zero", () => {
    const z = v.session_of_price_zero;
    expect(toHex(viewerId(owner, z.subscription))).toBe(z.viewer_id);
    expect(toHex(viewerId(owner, ""))).toBe(z.viewer_id_without_subscription);
    expect(toHex(denomId(""))).toBe(z.denom_id);
    const made = Chain.create({ ...session, escrow: viewerId(owner, z.subscription), generation: 0n, pricePerTick: 0n, denom: denomId("") }, seed);
    expect(toHex(made.chain.salt)).toBe(z.salt);
    expect(toHex(made.session.root)).toBe(z.root);
    expect(toHex(sessionSignBytes(made.session))).toBe(z.sign_bytes);
    expect(verify(sessionSignBytes(made.session), fromHex(z.signature), key)).toBe(true);
  });

  it("amounts", () => {
    expect(amount(300, 100n)).toBe(30000n);
    expect(() => amount(2, 1n << 63n)).toThrow(RangeError);
    expect(() => laneSignBytes({ ...lane, escrow: utf8("short") })).toThrow(RangeError);
  });
});
