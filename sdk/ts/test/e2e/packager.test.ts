import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesSource, type Job, Packager, publishFile, viaPackager } from "../../src/publish/index.js";
import { Player, walletViewer } from "../../src/play/index.js";
import { type Wallet } from "../../src/wallet/wallet.js";
import { MemoryWallet } from "../../src/wallet/memory.js";
import { freePort } from "../media/fakenode.js";
import { pattern } from "../media/vectors.js";
import { home, type Network, network } from "./network.js";

const streamd = process.env["STREAMD"] ?? fileURLToPath(new URL("../../../../build/streamd", import.meta.url));
let port = 0;
const able = home !== "" && process.env["STREAMCHAIN_PACKAGER"] !== "off" && has();

/** Whether this streamd has the helper, and ffmpeg is there. */
function has(): boolean {
  try {
    execFileSync("ffmpeg", ["-version"], { stdio: "ignore" });
    return execFileSync(streamd, ["packager", "--help"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).includes("unpair");
  } catch {
    return false;
  }
}

/** A wallet as an extension is: it signs transactions and text, and no bytes. */
function extension(w: MemoryWallet): Wallet {
  return { kind: "keplr", name: "extension", address: w.address, algo: "secp256k1", pubkey: w.pubkey, signDirect: (d) => w.signDirect(d), signArbitrary: (t) => w.signArbitrary(t) };
}

describe.skipIf(!able)("by the packager on this machine", { timeout: 240_000 }, () => {
  let net: Network, helper: ChildProcess, folder: string;
  beforeAll(async () => {
    net = await network();
    port = await freePort();
    folder = mkdtempSync(`${tmpdir()}/packager-`);
    const { base_port: base } = JSON.parse(readFileSync(`${home}/net.json`, "utf8")) as { base_port: number };
    helper = spawn(streamd, ["packager", "start", "--home", folder, "--listen", `127.0.0.1:${port}`, "--chain-grpc", `127.0.0.1:${9090 + base}`, "--chain-rpc", `http://127.0.0.1:${26657 + base}`], { stdio: "ignore" });
    for (let i = 0; i < 100; i++) {
      if (await new Packager(`http://127.0.0.1:${port}`).info().then(() => true, () => false)) return;
      await new Promise((r) => setTimeout(r, 200));
    }
    throw new Error("the packager did not start");
  }, 60_000);
  afterAll(() => {
    helper?.kill();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("a song that is paid by the second is packaged, encrypted, published and played", async () => {
    execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:duration=31", "-c:a", "flac", `${folder}/tone.flac`]);
    const file = readFileSync(`${folder}/tone.flac`), creator = extension(await net.funded(30));
    const packager = new Packager(`http://127.0.0.1:${port}`);
    expect(await packager.info()).toMatchObject({ chain_id: net.chainId, paired: false, ffmpeg: { ok: true } });
    const shown = execFileSync(streamd, ["packager", "code", "--home", folder], { encoding: "utf8" });
    await packager.pair(/[A-Z0-9]{4}-?[A-Z0-9]{4}/i.exec(shown)![0]);
    expect((await packager.info()).paired).toBe(true);
    const states = new Set<Job["state"]>(), asked: string[] = [];
    const done = await viaPackager({ name: "tone.flac", source: bytesSource(file) }, {
      packager, wallet: creator, client: async () => net.client,
      terms: { title: "Tone", licence: "CC0-1.0", offers: [{ kind: "metered", pricePerTick: 50n, tickSeconds: 1, previewSeconds: 4 }], copies: 3, days: 1 },
      progress: (j) => states.add(j.state), check: (a) => asked.push(a.purpose) > 0, confirm: (q) => (expect(q).toMatchObject({ kind: "audio", encrypted: true }), true),
    });
    expect([...states]).toEqual(expect.arrayContaining(["packaging", "prepared", "publishing", "done"]));
    expect(asked).toEqual(expect.arrayContaining(["upload", "register", "deal-keys", "sell"]));
    expect(done.encrypted).toBe(true);
    const p = await Player.open({ chain: net.play, work: done.work, viewer: walletViewer(await net.funded(3), async () => net.client), maxSpend: 30_000n });
    const text = (b: Uint8Array) => new TextDecoder().decode(b);
    const index = text((await p.load("master.m3u8")).data).split("\n").find((l) => l.endsWith(".m3u8") && !l.startsWith("#"))!, dir = index.split("/")[0]!;
    const segments = text((await p.load(index)).data).split("\n").filter((l) => l.endsWith(".m4s"));
    for (const s of segments) expect(text((await p.load(`${dir}/${s}`)).data.subarray(0, 4096))).toContain("moof");
    expect(p.meter.windows).toBe(2);
    expect(p.meter.spent).toBeGreaterThan(500n);
    await p.close();
  });

  it("a plain file by a wallet that signs no bytes: a key is granted the upload", async () => {
    const done = await publishFile({ name: "a.txt", source: bytesSource(pattern(40_000)) }, { client: net.client, wallet: extension(await net.funded(10)), terms: { title: "A", licence: "MIT", offers: [{ kind: "free" }], days: 1 } });
    const p = await Player.open({ chain: net.play, work: done.work });
    expect(Buffer.compare((await p.fetchFile()).data, pattern(40_000))).toBe(0);
    await p.close();
  });
});
