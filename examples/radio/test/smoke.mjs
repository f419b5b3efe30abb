// Plays the built radio in Chromium against a network (scripts/examples.sh starts one): free first, then by the second under a cap.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const { API, FEED, STREAMD, KEYS, CHROMIUM = "/usr/bin/chromium" } = process.env;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json" };
const server = createServer((q, r) => {
  const name = new URL(q.url, "http://x").pathname.slice(1) || "index.html";
  try {
    if (!/^[\w.-]+$/.test(name)) throw new Error("no such file");
    const file = readFileSync(join(dist, name));
    r.writeHead(200, { "Content-Type": types[extname(name)] ?? "application/octet-stream" }).end(file);
  } catch {
    r.writeHead(404).end();
  }
});
await new Promise((ok) => server.listen(0, "127.0.0.1", ok));
const address = `http://127.0.0.1:${server.address().port}/?api=${encodeURIComponent(API)}&feed=${encodeURIComponent(FEED)}`;
const browser = await chromium.launch({
  executablePath: CHROMIUM, headless: true,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
});
const trouble = [];
try {
  const page = await browser.newPage();
  page.on("pageerror", (e) => trouble.push(String(e)));
  // a chain or a node that answers "not there" is part of the protocol; what the page itself gets wrong is not
  page.on("console", (m) => m.type() === "error" && !m.text().startsWith("Failed to load resource") && trouble.push(m.text()));
  const text = (id) => page.locator(`#${id}`).innerText();
  const time = () => page.evaluate(() => document.getElementById("audio").currentTime);
  const until = async (what, f, seconds = 60) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 100))) if (await f()) return;
    throw new Error(`never ${what}: on air ${await text("title")}, at ${await time()}, paid ${await text("spent")}, says ${await text("status")}; ${trouble}`);
  };
  const skipTo = async (title) => {
    for (let i = 0; i < 4 && (await text("title")) !== title; i++) {
      const was = await text("title");
      await page.click("#next");
      await until("another song", async () => (await text("title")) !== was || (await time()) < 0.5);
      await new Promise((r) => setTimeout(r, 500));
    }
    assert.equal(await text("title"), title);
  };

  await page.goto(address);
  await until("the queue", async () => (await page.locator("#queue li").count()) > 0);
  assert.match(await text("queue"), /Morning tram/);
  assert.doesNotMatch(await text("queue"), /Not yours/);
  await page.click("#play");
  await until("on air", async () => (await time()) > 1);
  await skipTo("Morning tram");
  assert.match(await text("reason"), /the first work of its creator/, "the feed's reason is shown");
  await until("playing what is free", async () => (await time()) > 2);
  assert.equal(await text("spent"), "0");

  // one after the other: near its end the next one is opened, and follows by itself
  await page.evaluate(() => (document.getElementById("audio").currentTime = 21));
  await until("the next song", async () => (await text("title")) === "Night tram" && (await time()) > 0.5);
  assert.match(await text("status"), /preview/i, "without a wallet there is the preview alone");
  assert.equal(await text("spent"), "0");

  // a wallet on this device, with coins, and a cap
  await page.fill("#cap", "0.006");
  await page.fill("#password", "correct horse");
  await page.click("#open");
  await until("a wallet", async () => /^stream1/.test(await text("address")));
  assert.match(await text("words"), /( \w+){11}/);
  const keys = ["--home", KEYS, "--keyring-backend", "test"];
  execFileSync(STREAMD, ["tx", "bank", "send", "viewer", await text("address"), "5000000ustream", ...keys, "--gas-prices", "0.001ustream", "--gas", "200000", "-y"], { stdio: "pipe" });
  await new Promise((r) => setTimeout(r, 4000));
  await page.click("#next");
  await until("on air", async () => (await time()) > 0.5);
  await skipTo("Night tram");
  await until("paying by the second", async () => Number(await text("spent")) > 0, 90);
  await until("stopped by the cap", async () => /limit is reached/.test(await text("status")), 90);
  const spent = Number(await text("spent"));
  assert.ok(spent > 0 && spent <= 0.006, `paid ${spent}`);
  const stopped = await time();
  await page.fill("#cap", "0.1");
  await page.locator("#cap").blur();
  await until("going on", async () => (await time()) > stopped + 2, 90);
  assert.ok(Number(await text("spent")) > spent);

  // the wallet is there again, under its password
  await page.reload();
  await until("the wallet of this device", async () => /Open/.test(await text("open")));
  await page.fill("#password", "wrong password");
  await page.click("#open");
  await until("refusing", async () => /password/i.test(await text("wallet")));
  assert.deepEqual(trouble, []);
  console.log(`radio: free and paid songs played, ${spent} STREAM under a cap of 0.006, then on under another`);
} finally {
  await browser.close();
  server.close();
}
