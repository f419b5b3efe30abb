import { beforeAll, describe, expect, it } from "vitest";
import { Blocks, buildFolder, bytesSource } from "../../src/media/unixfs.js";
import { memoryStore, PaymentRequiredError, Player, type PlayerEvents, SpendLimitError, TimeLimitError, walletViewer } from "../../src/play/index.js";
import { FakeNode } from "../media/fakenode.js";
import { demoWork, home, type Network, network } from "./network.js";

const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));

/** The names of the boxes of an MP4. */
function boxes(b: Uint8Array): string[] {
  const out: string[] = [], v = new DataView(b.buffer, b.byteOffset, b.length);
  for (let at = 0; at + 8 <= b.length; at += Math.max(v.getUint32(at), 8)) out.push(String.fromCharCode(...b.subarray(at + 4, at + 8)));
  return out;
}

/** The paths of a rendition's segments, after the playlists were loaded as a player does. */
async function segmentsOf(p: Player): Promise<string[]> {
  const text = (b: Uint8Array) => new TextDecoder().decode(b);
  const master = text((await p.load("master.m3u8")).data);
  const index = master.split("\n").find((l) => l.endsWith(".m3u8") && !l.startsWith("#"))!;
  const list = text((await p.load(index)).data), folder = index.split("/")[0]!;
  expect(list).not.toContain("EXT-X-KEY");
  expect(boxes((await p.load(`${folder}/init.mp4`)).data)).toContain("moov");
  let clock = 0;
  ends = [...list.matchAll(/#EXTINF:([0-9.]+)/g)].map((m) => (clock += Math.round(Number(m[1]) * 1000)));
  return list.split("\n").filter((l) => l.endsWith(".m4s")).map((l) => `${folder}/${l}`);
}

/** When each segment of the playlist that was read last ends, in ms. */
let ends: number[] = [];

/** What the ticks of a second cost that the segments touch, each once, at 100. */
function cost(...segments: number[]): bigint {
  const ticks = new Set<number>();
  for (const i of segments) for (let t = Math.floor((ends[i - 1] ?? 0) / 1000); t * 1000 < ends[i]!; t++) ticks.add(t);
  return BigInt(ticks.size) * 100n;
}

describe.skipIf(home === "")("playing", { timeout: 120_000 }, () => {
  let net: Network, song: string;
  beforeAll(async () => {
    net = await network();
    song = demoWork("song");
  });

  it("pays the demo's song by the second, a window at a time, and never twice", async () => {
    const wallet = await net.funded(5), store = memoryStore();
    let signatures = 0;
    const viewer = walletViewer(wallet, async () => (signatures++, net.client));
    const open = () => Player.open({ chain: net.play, viewer, store, work: song, maxSpend: 50_000n });
    let p = await open();
    expect(p.meter).toMatchObject({ mode: "metered", spent: 0n });
    const segments = await segmentsOf(p);
    expect(p.meter.spent).toBe(0n);
    // 10 s are a preview: 0-4, 4-8, 8-12 begin in it, and the first window is free
    for (const s of segments.slice(0, 3)) expect(boxes((await p.load(s)).data)).toContain("moof");
    expect([p.meter.spent, signatures]).toEqual([0n, 0]);
    await p.load(segments[3]!);
    const fee = 700n;
    expect(p.meter.spent).toBe(fee + cost(3));
    await p.load(segments[3]!);
    expect(p.meter.spent).toBe(fee + cost(3));
    await p.load(segments[4]!);
    expect(p.meter.spent).toBe(fee + cost(3, 4));
    // the next window of 20 s is paid whole: what it opens and what holders count, whichever is more
    await p.load(segments[5]!);
    const paid = p.meter.spent;
    expect(paid >= fee + 2000n && paid <= fee + cost(3, 4, 5, 6, 7, 8, 9)).toBe(true);
    await p.load(segments[6]!);
    expect(p.meter.spent).toBe(paid);
    expect(p.meter).toMatchObject({ windows: 2, threshold: 2, holders: 3, blamed: [], grantedBy: "metered" });
    expect(signatures).toBe(1);
    // as if the page was closed: another player of the same device goes on in the same session, and pays for no window again
    const stopped = await p.close();
    expect(stopped.stats.reduce((n, s) => n + s.corrupt, 0)).toBe(0);
    p = await open();
    await segmentsOf(p);
    await p.load(segments[7]!);
    const more = p.meter.spent;
    expect(more <= fee + 2100n).toBe(true);
    expect([p.meter.spentBefore, p.meter.windows, signatures]).toEqual([paid, 1, 1]);
    await p.close();
    // nodes settle what they were paid: the viewer's escrow holds that much less
    const deposit = 100_000n; // the least that may be deposited
    for (let i = 0; ; i++) {
      const { escrow } = await net.client.query.stream.escrow({ owner: wallet.address, denom: "ustream" });
      if (BigInt(escrow!.balance) < deposit - 700n && BigInt(escrow!.reserved) === 0n) {
        expect(BigInt(escrow!.balance) >= deposit - paid - more).toBe(true);
        break;
      }
      expect(i).toBeLessThan(60);
      await wait(500);
    }
  });

  it("resumes a session that it did not close", async () => {
    const wallet = await net.funded(5), store = memoryStore();
    let signatures = 0;
    const viewer = walletViewer(wallet, async () => (signatures++, net.client));
    // as much as the least deposit: all that is in escrow is what the viewer allowed
    const options = { chain: net.play, viewer, work: song, maxSpend: 100_000n };
    const killed = await Player.open({ ...options, store: { ...store, lock: async () => () => undefined } });
    await killed.prepare();
    const segments = await segmentsOf(killed);
    await killed.load(segments[3]!);
    const p = await Player.open({ ...options, store });
    // the lane that is open holds some of it, which need not be put aside again
    await p.prepare();
    expect(signatures).toBe(1);
    await segmentsOf(p);
    await p.load(segments[4]!);
    // no new lane; what the killed one paid is not paid again
    expect(p.meter.spentBefore).toBe(700n + cost(3));
    expect(p.meter.spent <= cost(4) + 100n).toBe(true);
    await p.close();
  });

  it("pauses at the limits, and goes on when they are raised", async () => {
    const wallet = await net.funded(5);
    const p = await Player.open({ chain: net.play, viewer: walletViewer(wallet, async () => net.client), work: song, maxSpend: 1200n, maxSeconds: 40 });
    const segments = await segmentsOf(p), paused: PlayerEvents["paused"][] = [];
    p.on("paused", (e) => paused.push(e));
    await p.load(segments[3]!);
    const stop = new AbortController();
    const refused = p.load(segments[4]!, stop.signal).catch((e: unknown) => e);
    await wait(1500);
    expect(paused.map((x) => x.reason)).toEqual(["spend-limit"]);
    expect(paused[0]!.error).toBeInstanceOf(SpendLimitError);
    expect(p.meter.spent <= 1200n).toBe(true);
    stop.abort(new Error("sought"));
    expect(String(await refused)).toContain("sought");
    expect(p.paused).toBeUndefined();
    const held = p.load(segments[4]!);
    await wait(300);
    expect(p.paused?.reason).toBe("spend-limit");
    // what is free or paid already is not held up
    for (const i of [0, 3]) await p.load(segments[i]!);
    expect(p.paused?.reason).toBe("spend-limit");
    p.raise({ maxSpend: 40_000n });
    expect(boxes((await held).data)).toContain("moof");
    expect(p.paused).toBeUndefined();
    p.raise({ maxSeconds: 9 });
    const late = p.load(segments[5]!);
    await wait(300);
    expect(p.paused?.error).toBeInstanceOf(TimeLimitError);
    p.raise({ maxSeconds: 100 });
    await late;
    await p.close();
    await expect(p.load(segments[6]!)).rejects.toThrow("closed");
  });

  it("shows the preview to who pays nothing, and says what it takes", async () => {
    const p = await Player.open({ chain: net.play, work: song });
    expect(p.meter.mode).toBe("preview");
    const segments = await segmentsOf(p);
    expect(boxes((await p.load(segments[0]!)).data)).toContain("moof");
    const held = p.load(segments[5]!).catch((e: unknown) => e);
    await wait(300);
    expect(p.paused).toMatchObject({ reason: "payment" });
    expect(p.paused!.error).toBeInstanceOf(PaymentRequiredError);
    expect((p.paused!.error as PaymentRequiredError).offers.map((o) => o.kind)).toContain("metered");
    await p.close();
    await held;
  });

  it("plays what was bought, with a proof, and lets the budget pay the nodes", async () => {
    const p = await Player.open({ chain: net.play, viewer: walletViewer(net.account("viewer"), async () => net.client), work: demoWork("film") });
    expect(p.meter).toMatchObject({ mode: "granted", grantedBy: "purchase" });
    const segments = await segmentsOf(p);
    for (const s of segments.slice(0, 3)) expect(boxes((await p.load(s)).data)).toContain("moof");
    expect((await p.fetchFile("poster.jpg")).type).toBe("image/jpeg");
    const r = await p.close();
    expect(r.spent).toBe(0n);
    expect(r.proved).toBeGreaterThan(4);
  });

  it("takes nothing false: a node that flips bits stands next to the real ones", async () => {
    const blocks = new Blocks();
    await buildFolder(blocks, [{ path: "x", source: bytesSource(new Uint8Array(9)) }]);
    // it serves whatever it is asked for, with a bit changed
    const liar = await FakeNode.proxy("stream14lfja6s8lt432l365m3yyd2mzna27rl0cxxden", net.chainId, (await net.play.holders(song))[0]!.endpoint);
    try {
      // the others are remembered as far away: it is asked first
      const store = memoryStore(), far = { latency: 900, rate: 0, faults: 0, seen: Date.now() };
      await store.set("nodes", JSON.stringify(Object.fromEntries((await net.play.holders(song)).map((h) => [h.operator, far]))));
      const p = await Player.open({ chain: net.play, viewer: walletViewer(await net.funded(2), async () => net.client), store, work: song, maxSpend: 50_000n, holders: [{ operator: liar.operator, endpoint: liar.endpoint }] });
      const segments = await segmentsOf(p);
      for (const s of segments.slice(0, 4)) expect(boxes((await p.load(s)).data)).toContain("moof");
      const r = await p.close();
      expect(liar.asked).toBeGreaterThan(0);
      expect(r.blamed).toContain(liar.operator);
      expect(r.stats.find((s) => s.operator === liar.operator)).toMatchObject({ corrupt: 1, blocks: 0 });
    } finally {
      await liar.stop();
    }
  });
});
