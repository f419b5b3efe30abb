// Drives Chromium against a player: node browser.mjs TASK JSON. It prints what it saw as JSON.
import { chromium } from "playwright-core";

const [task, raw] = process.argv.slice(2);
const args = JSON.parse(raw);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// open shows the page, and waits until it can be clicked.
async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on("pageerror", (e) => trouble.push(String(e)));
  page.on("console", (m) => { if (m.type() === "error" && !/40[24]/.test(m.text())) trouble.push(m.text()); });
  await page.addInitScript(() => {
    addEventListener("pointerdown", () => {
      const video = document.querySelector("video");
      window.clicked = performance.now();
      video.requestVideoFrameCallback(() => { window.shown = performance.now(); });
    }, { capture: true, once: true });
  });
  page.on("response", (r) => { if (r.status() >= 400 && r.status() !== 402 && !/poster.jpg$/.test(r.url())) trouble.push(r.status() + " " + r.url()); });
  await page.goto(url);
  await page.waitForFunction(() => window.player && window.player.ready, null, { timeout: 30000 });
  return { context, page, trouble };
}

const click = (page) => page.getByRole("button", { name: "Play" }).click();
const until = async (page, f, arg) => {
  try {
    return await page.waitForFunction(f, arg, { timeout: 60000, polling: 50 });
  } catch (e) {
    throw new Error(`${e.message} at ${f}: ${JSON.stringify(await look(page))}`);
  }
};
const look = (page) => page.evaluate(() => {
  const v = document.querySelector("video");
  return {
    time: v.currentTime, ready: v.readyState, paused: v.paused, width: v.videoWidth, error: v.error && v.error.message, paid: document.getElementById("paid").textContent,
    notice: document.getElementById("notice").hidden ? "" : document.getElementById("notice").textContent, errors: window.player.errors,
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
});

const tasks = {
  // plays more than three seconds, and after a jump goes on there
  async plays() {
    const { page, trouble } = await open(args.url);
    const before = await look(page);
    await click(page);
    await until(page, () => document.querySelector("video").currentTime > 3.2);
    const played = await look(page);
    await page.evaluate((to) => { document.querySelector("video").currentTime = to; }, args.seek);
    await until(page, (to) => { const v = document.querySelector("video"); return !v.seeking && v.currentTime > to + 1 && v.readyState >= 3; }, args.seek);
    const sought = await look(page);
    await page.evaluate(() => { document.querySelector("video").currentTime = 1; });
    await until(page, () => { const v = document.querySelector("video"); return !v.seeking && v.currentTime > 1.5 && v.currentTime < 10; });
    return { before, played, sought, back: await look(page), trouble };
  },
  // plays to the limit
  async limit() {
    const { page, trouble } = await open(args.url);
    await click(page);
    await until(page, () => !document.getElementById("notice").hidden);
    const reached = await look(page);
    await until(page, (end) => document.querySelector("video").currentTime > end, args.end);
    if (args.shots) await page.screenshot({ path: args.shots + "/limit.png" });
    return { reached, ended: await look(page), trouble };
  },
  // from the click to the first frame, in milliseconds
  async start() {
    const { page, context } = await open(args.url);
    await click(page);
    await until(page, () => window.shown);
    const took = await page.evaluate(() => window.shown - window.clicked);
    await context.close();
    return took;
  },
  async shots() {
    const seen = [];
    for (const [name, viewport] of [["desktop", { width: 1280, height: 800 }], ["phone", { width: 390, height: 844 }]]) {
      for (const colorScheme of ["light", "dark"]) {
        const { page, context } = await open(args.url, { viewport, colorScheme, deviceScaleFactor: name === "phone" ? 2 : 1 });
        await page.screenshot({ path: `${args.shots}/${name}-${colorScheme}-begin.png` });
        await click(page);
        await until(page, () => document.querySelector("video").currentTime > 0.5);
        if (args.notice) await page.evaluate((text) => { const n = document.getElementById("notice"); n.textContent = text; n.hidden = false; }, args.notice);
        await page.screenshot({ path: `${args.shots}/${name}-${colorScheme}.png` });
        seen.push(await look(page));
        await context.close();
      }
    }
    return seen;
  },
};

try {
  console.log(JSON.stringify(await tasks[task]()));
} finally {
  await browser.close();
}
