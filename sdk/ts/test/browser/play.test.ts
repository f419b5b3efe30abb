import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/media/bytes.js";
import { msg } from "../../src/core/msg.js";
import { MsgSend } from "../../src/gen/cosmos/bank/v1beta1/tx.js";
import { MemoryWallet } from "../../src/wallet/memory.js";
import { demoWork, home, type Network, network } from "../e2e/network.js";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

interface State {
  meter: { spent: number; spentBefore: number; seconds: number; windows: number; blamed: string[]; mode: string };
  paused: string;
  errors: string[];
  signatures: number;
  time: number;
}

describe.skipIf(home === "" || !existsSync(executablePath))("in a browser", { timeout: 180_000 }, () => {
  let net: Network, server: Server, browser: Browser, port: number;
  const asked: string[] = [];
  beforeAll(async () => {
    net = await network();
    const out = await build({
      entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))], bundle: true, splitting: true, format: "esm", target: "es2022", minify: true, write: false, outdir: "/",
      metafile: true, platform: "browser",
    });
    const files = new Map(out.outputFiles.map((f) => [f.path.split("/").at(-1)!, f.contents]));
    server = createServer((q, r) => {
      const name = q.url!.slice(1);
      asked.push(name);
      if (name === "") r.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": "default-src 'self'; connect-src *; media-src blob:" }).end("<!doctype html><video></video><script type=module src=page.js></script>");
      else if (files.has(name)) r.writeHead(200, { "Content-Type": "text/javascript" }).end(files.get(name));
      else r.writeHead(404).end();
    });
    await new Promise<void>((ok) => server.listen(0, "127.0.0.1", ok));
    port = (server.address() as AddressInfo).port;
    browser = await chromium.launch({ executablePath, headless: true, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required", "--mute-audio"] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const look = (page: Page): Promise<State> => page.evaluate(() => ({ ...(window as never as { state: State }).state, time: document.querySelector("video")!.currentTime }));
  async function until(page: Page, what: string, f: (s: State) => boolean): Promise<State> {
    for (let i = 0; i < 400; i++) {
      const s = await look(page);
      if (f(s)) return s;
      await new Promise((r) => setTimeout(r, 100));
    }
    throw new Error(`never ${what}: ${JSON.stringify(await look(page))}`);
  }

  it("plays the demo's song with hls.js, and pays by the second", async () => {
    const key = crypto.getRandomValues(new Uint8Array(32)), wallet = MemoryWallet.fromKey(key), from = net.account("op7");
    await net.client.tx(from, [msg(MsgSend, { fromAddress: from.address, toAddress: wallet.address, amount: [{ denom: "ustream", amount: "5000000" }] })]);
    const config = { rest: net.rest, rpc: net.rpc, chainId: net.chainId, work: demoWork("song"), key: toHex(key), maxSpend: "3000" };
    const context = await browser.newContext(), page = await context.newPage(), trouble: string[] = [];
    page.on("pageerror", (e) => trouble.push(String(e)));
    const begin = async (p: Page) => {
      await p.goto(`http://127.0.0.1:${port}/`);
      await p.waitForFunction(() => "start" in window);
      await p.evaluate((c) => (window as never as { start(c: unknown): Promise<void> }).start(c), config);
    };
    await begin(page);
    const first = await look(page);
    expect(first.meter.mode).toBe("metered");
    // the preview costs nothing, and what it is bought with is not loaded for it
    await until(page, "played", (s) => s.time > 1);
    // nothing is paid further ahead than a window
    const playing = await until(page, "paid", (s) => s.meter.spent > 0);
    expect(playing.signatures).toBe(1);
    // the limit of 3,000 opens no second window: what is paid plays to its end
    await until(page, "paused", (s) => s.paused === "spend-limit");
    const paused = await until(page, "played to what was paid", (s) => s.time > 11);
    expect(paused.meter.spent).toBeLessThanOrEqual(3000);
    await page.evaluate(() => (window as never as { raise(n: number): void }).raise(30_000));
    const on = await until(page, "gone on", (s) => s.time > 21);
    expect(on.meter.spent).toBeGreaterThan(paused.meter.spent);
    expect(on.meter.windows).toBe(2);
    // back to what is paid: nothing more is paid for it
    await page.evaluate(() => (document.querySelector("video")!.currentTime = 2));
    const back = await until(page, "back", (s) => s.time > 3 && s.time < 9);
    expect(back.meter.spent).toBeLessThan(500 + 4100 + 1000);
    expect([back.errors, trouble]).toEqual([[], []]);
    // a page that is closed without a word goes on where it was
    await page.close();
    const again = await context.newPage();
    again.on("pageerror", (e) => trouble.push(String(e)));
    config.maxSpend = "20000";
    await begin(again);
    await again.evaluate(() => (document.querySelector("video")!.currentTime = 22));
    const resumed = await until(again, "resumed", (s) => s.time > 23);
    expect(resumed.meter.spentBefore).toBeGreaterThanOrEqual(back.meter.spent);
    // the second window's keys were kept, the lane is still open: what is left of it is all that is paid
    expect(resumed.meter.spent).toBeLessThanOrEqual(2100);
    expect(resumed.signatures).toBe(0);
    const result = (await again.evaluate(() => (window as never as { stop(): Promise<unknown> }).stop())) as { liars: string[]; stats: { corrupt: number }[] };
    expect([result.liars, result.stats.reduce((n, s) => n + s.corrupt, 0), resumed.errors, trouble]).toEqual([[], 0, [], []]);
    await context.close();
  });
});
