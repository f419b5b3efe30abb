import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BusyError, memoryStore, type PlayChain, Player, restChain, walletViewer } from "../../src/play/index.js";
import { demoWork, home, network } from "./network.js";

/** Stands in front of a real node, and dies when it is told. */
class Front {
  dead = false;
  paid = 0;
  private constructor(readonly server: Server, readonly operator: string, readonly endpoint: string) {}

  static async start(operator: string, real: string): Promise<Front> {
    const server = createServer((q, r) => void (async () => {
      if (f.dead) return; // not a word
      const parts: Buffer[] = [];
      for await (const p of q) parts.push(p as Buffer);
      const headers = Object.fromEntries(Object.entries(q.headers).filter(([n]) => !["host", "connection", "content-length", "transfer-encoding"].includes(n))) as Record<string, string>;
      const answer = await fetch(real + q.url, { method: q.method!, headers, ...(parts.length > 0 ? { body: Buffer.concat(parts) } : {}) });
      const data = Buffer.from(await answer.arrayBuffer());
      if (f.dead) return;
      if (answer.headers.get("Stream-Paid")) f.paid++;
      const out: Record<string, string> = {};
      answer.headers.forEach((v, n) => !["connection", "content-length", "transfer-encoding", "content-encoding"].includes(n) && (out[n] = v));
      r.writeHead(answer.status, out).end(data);
    })().catch(() => r.destroy()));
    await new Promise<void>((ok, no) => server.once("error", no).listen(0, "127.0.0.1", ok));
    const f: Front = new Front(server, operator, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return f;
  }
}

const fronts: Front[] = [];
afterEach(() => {
  for (const f of fronts.splice(0)) {
    f.server.closeAllConnections();
    f.server.close();
  }
});

async function segmentsOf(p: Player): Promise<string[]> {
  const text = (b: Uint8Array) => new TextDecoder().decode(b);
  const index = text((await p.load("master.m3u8")).data).split("\n").find((l) => l.endsWith(".m3u8") && !l.startsWith("#"))!;
  const folder = index.split("/")[0]!;
  return text((await p.load(index)).data).split("\n").filter((l) => l.endsWith(".m4s")).map((l) => `${folder}/${l}`);
}

describe.skipIf(home === "")("when something is lost", { timeout: 120_000 }, () => {
  it("goes on at another node within five seconds when the one that is paid falls silent, and pays nothing twice but what it left unfinished", async () => {
    const net = await network(), song = demoWork("song");
    for (const h of await net.play.holders(song)) fronts.push(await Front.start(h.operator, h.endpoint));
    const chain: PlayChain = Object.assign(Object.create(net.play) as PlayChain, { holders: async () => fronts.map(({ operator, endpoint }) => ({ operator, endpoint })) });
    const wallet = await net.funded(5), nodes: string[] = [];
    let signatures = 0;
    const p = await Player.open({ chain, viewer: walletViewer(wallet, async () => (signatures++, net.client)), work: song, maxSpend: 60_000n });
    p.on("node", (e) => nodes.push(e.operator));
    const segments = await segmentsOf(p);
    await p.load(segments[3]!);
    const before = p.meter.spent, paid = fronts.find((f) => f.paid > 0)!;
    expect(fronts.filter((f) => f.paid > 0)).toHaveLength(1);
    paid.dead = true;
    const started = performance.now();
    expect((await p.load(segments[4]!)).data.length).toBeGreaterThan(1000);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(p.meter.blamed).toEqual([paid.operator]);
    // the other's lane and the segment's ticks, and at most the segment's at the first again
    expect(p.meter.spent - before <= 700n + 2n * 700n).toBe(true);
    // the next ones come from there, at once
    const next = performance.now();
    await p.load(segments[5]!);
    expect(performance.now() - next).toBeLessThan(3000);
    expect(signatures).toBe(1);
    expect(nodes.at(-1)).not.toBe(paid.operator);
    const r = await p.close();
    expect(r.stats.find((s) => s.operator === paid.operator)!.stalls).toBeGreaterThan(0);
  });

  it("plays on without the chain while a session is open, and waits for it where it must", async () => {
    const net = await network(), song = demoWork("song"), wallet = await net.funded(5);
    let gone = false;
    const chain = restChain(net.rest, net.chainId, (i, o) => (gone ? Promise.reject(new TypeError("network")) : fetch(i, o)));
    const p = await Player.open({ chain, viewer: walletViewer(wallet, async () => net.client), work: song, maxSpend: 60_000n });
    const segments = await segmentsOf(p), waited: string[] = [];
    p.on("waiting", (e) => waited.push(e.error.name));
    gone = true;
    // a lane must be opened: that takes the chain
    const held = p.load(segments[3]!);
    await new Promise((r) => setTimeout(r, 5000));
    expect(waited).toContain("ChainError");
    gone = false;
    await held;
    gone = true;
    // holders and node know the session: nobody asks the chain
    for (const s of segments.slice(4, 8)) await p.load(s);
    await p.close();
  });

  it("lets one page of an account pay at a time", async () => {
    const net = await network(), wallet = await net.funded(2), store = memoryStore();
    const open = () => Player.open({ chain: net.play, viewer: walletViewer(wallet, async () => net.client), store, work: demoWork("song"), maxSpend: 60_000n });
    const first = await open();
    await expect(open()).rejects.toThrow(BusyError);
    await first.close();
    await (await open()).close();
  });
});
