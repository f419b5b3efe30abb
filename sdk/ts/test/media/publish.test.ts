import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/media/bytes.js";
import { decode } from "../../src/media/dagpb.js";
import { Blocks, bytesSource, buildFolder } from "../../src/media/unixfs.js";
import { Secret } from "../../src/keyshare/index.js";
import { answerAsk, grantText, kindOfFile, Packager, PackagerError, storedName, UploadProof, viaPackager } from "../../src/publish/index.js";
import { plainFolder, suffixOf } from "../../src/publish/files.js";
import { grantedSignBytes } from "../../src/publish/upload.js";
import { verify } from "../../src/voucher/index.js";
import { MemoryWallet } from "../../src/wallet/memory.js";
import { arbitraryBytes, verify as verifyAccount } from "../../src/wallet/sign.js";
import { pattern, vectors } from "./vectors.js";

const w = vectors<Record<string, string>>("storagenode/wire/testdata/vectors.json");
const bytes = (s: string) => new Uint8Array(Buffer.from(s, "base64url"));

describe("upload grants", () => {
  it("are those of Go", () => {
    const [, piece, size, expires, pubkey, signature, key, until] = w["granted_header"]!.split(".");
    const u = { piece: bytes(piece!), size: Number(size), expires: Number(expires), pubkey: bytes(pubkey!) };
    expect(grantText({ chainId: w["chain_id"]!, account: "stream1account", piece: u.piece, size: u.size, key: bytes(key!), until: Number(until) })).toBe(w["grant_text"]);
    expect(verify(grantedSignBytes(u, w["chain_id"]!, fromHex(w["operator"]!)), bytes(signature!), bytes(key!))).toBe(true);
  });

  it("ask a wallet that signs text once for all nodes", async () => {
    const memory = MemoryWallet.fromKey(pattern(32).map((b) => b + 1)), asked: string[] = [];
    const wallet = { ...memory, kind: "keplr" as const, name: "x", address: memory.address, algo: memory.algo, pubkey: memory.pubkey, signDirect: memory.signDirect.bind(memory), signArbitrary: (t: string) => (asked.push(t), memory.signArbitrary(t)) };
    const proof = new UploadProof({ ...wallet, signBytes: undefined } as never, "c", pattern(32), 9);
    const a = await proof.header("stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd"), b = await proof.header("stream1xhngw3qgan92kgcvvc9qtwu6vgew7wcejl24pr");
    expect(asked).toHaveLength(1);
    expect(a.split(".").slice(-3)).toEqual(b.split(".").slice(-3));
    expect(verifyAccount(memory.pubkey, arbitraryBytes(memory.address, asked[0]!), bytes(a.split(".").at(-1)!))).toBe(true);
  });
});

describe("plain files", () => {
  it("have safe names", () => {
    expect(["Grüße aus Ulm.pdf", "../../etc/passwd", ".hidden", "-rf.tar.gz", "a/b\\c.txt", "…", "x".repeat(200) + ".pdf", "a\u202e.exe", "e\u0301.txt", "\ud800.pdf", "noext"].map(storedName)).toEqual([
      "Grüße_aus_Ulm.pdf", "passwd", "hidden", "rf.tar.gz", "c.txt", "file", "x".repeat(96) + ".pdf", "a_.exe", "é.txt", "file.pdf", "noext",
    ]);
  });
  it("are told from what must be packaged", () => {
    expect([kindOfFile("a.pdf"), kindOfFile("a.png"), kindOfFile("a.zip"), kindOfFile("a"), kindOfFile("a.mp4"), kindOfFile("a.bin", "audio/mpeg")]).toEqual(["document", "image", "software", "other", "", ""]);
  });
  it("get a suffix that says what they hold, and another ciphertext for another file", async () => {
    // Go: media.suffix(0, sha256 of nothing)
    expect(suffixOf(fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))).toBe(SUFFIX);
    const secret = Secret.draw();
    const folder = async (n: number) => plainFolder({ name: `${"lang".repeat(30)}.pdf`, source: bytesSource(pattern(n)) }, secret);
    const [a, b] = [await folder(1000), await folder(1001)];
    expect(a[0]!.path).toMatch(/^files\/[a-z]+-[0-9a-f]{8}\.pdf$/);
    expect(utf8(a[0]!.path).length).toBe(64);
    expect(a[0]!.path).not.toBe(b[0]!.path);
    expect(a[0]!.source.size).toBe(1016);
    const blocks = new Blocks(), again = new Blocks(), root = await buildFolder(blocks, a);
    expect((await buildFolder(again, await folder(1000))).cid.text).toBe(root.cid.text);
    expect(decode(root.cid, await blocks.get(root.cid)).links.map((l) => l.name)).toEqual(["files", "index.json"]);
  });
});

let server: Server | undefined;
afterEach(() => void server?.close());

const body = async (q: IncomingMessage) => {
  const parts: Buffer[] = [];
  for await (const p of q) parts.push(p as Buffer);
  return Buffer.concat(parts);
};

describe("the packager", () => {
  it("is talked through a job, and the wallet signs what it asks for", async () => {
    const wallet = MemoryWallet.fromKey(pattern(32).map((b) => b + 1)), got: { path: string; body: string }[] = [];
    const job = { id: "j1", name: "film.mp4", size: 20 << 20, received: 0, state: "receiving", queued: false, revision: "1", cover: "none", captions: [], progress: [] } as Record<string, unknown>;
    const asks = [
      { id: "a1", kind: "sign", purpose: "upload", account: wallet.address, text: `StreamChain upload\nx\naccount: ${wallet.address}\ny` },
      { id: "a2", kind: "send", purpose: "register", account: wallet.address, messages: [{ type_url: "/x", value: "AQI=", json: {} }] },
    ];
    let lost = true;
    server = createServer((q, r) => void (async () => {
      const data = await body(q), path = q.url!;
      const send = (v: unknown, status = 200) => r.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(v));
      if (path !== "/v1/pair" && q.headers.authorization !== "Bearer t") return send({ slug: "not-paired", detail: "pair first" }, 401);
      if (path === "/v1/pair") return send({ token: "t" });
      if (path === "/v1/jobs") return send(job, 201);
      job["revision"] = String(Number(job["revision"]) + 1);
      if (path.endsWith("/file")) {
        const [, from, to] = /bytes (\d+)-(\d+)/.exec(q.headers["content-range"]!)!;
        if (Number(from) !== job["received"]) return send({ slug: "offset", detail: "x", offset: job["received"] }, 409);
        job["received"] = Number(to) + 1;
        if (job["received"] === job["size"]) job["state"] = "received";
        if (lost && Number(from) > 0) {
          lost = false; // it was taken, but the page is not told so
          return r.destroy();
        }
        return send(job);
      }
      got.push({ path, body: data.toString() });
      if (path.endsWith("/package")) job["state"] = "packaged";
      if (path.endsWith("/prepare")) Object.assign(job, { state: "prepared", quote: { work: "w", copies: [] } });
      if (path.endsWith("/publish")) Object.assign(job, { state: "publishing", ask: asks[0] });
      if (path.endsWith("/answer")) Object.assign(job, JSON.parse(data.toString()).ask === "a1" ? { ask: asks[1] } : { ask: undefined, state: "done", result: { work: "w" } });
      send(job);
    })());
    await new Promise<void>((ok) => server!.listen(0, "127.0.0.1", ok));
    const p = new Packager(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(p.jobs()).rejects.toMatchObject({ slug: "not-paired", status: 401 });
    await p.pair("12345678");
    const sent: string[] = [];
    const options = {
      packager: p, wallet, client: async () => ({ tx: async (_: unknown, msgs: { typeUrl: string; value: Uint8Array }[]) => (sent.push(msgs[0]!.typeUrl + toHex(msgs[0]!.value)), { hash: "AB" }) }) as never,
      terms: { title: "Film", licence: "MIT", offers: [{ kind: "metered" as const, pricePerTick: 100n, tickSeconds: 1 }, { kind: "rental" as const, price: "1stream", seconds: 3600n }] },
    };
    const file = { name: "film.mp4", source: bytesSource(new Uint8Array(20 << 20)) };
    let id = "";
    await expect(viaPackager(file, { ...options, began: (x) => (id = x) })).rejects.toMatchObject({ slug: "no-helper" });
    // the same job is gone on with
    expect(await viaPackager(file, { ...options, job: id })).toEqual({ work: "w" });
    expect(sent).toEqual(["/x0102"]);
    const prepared = JSON.parse(got.find((g) => g.path.endsWith("/prepare"))!.body) as Record<string, unknown>;
    expect(prepared).toMatchObject({ account: wallet.address, title: "Film", encrypt: true, copies: 3, days: 30, offers: [{ metered: { pricePerTick: "100", tickSeconds: 1 } }, { rental: { durationSeconds: "3600" } }] });
    const signed = JSON.parse(got.find((g) => g.path.endsWith("/answer"))!.body) as { pubkey: string; signature: string };
    expect(verifyAccount(wallet.pubkey, arbitraryBytes(wallet.address, asks[0]!.text!), new Uint8Array(Buffer.from(signed.signature, "base64")))).toBe(true);
  });

  it("is asked for nothing it should not", async () => {
    const wallet = MemoryWallet.fromKey(pattern(32).map((b) => b + 1)), client = async () => { throw new Error("not asked"); };
    expect(() => new Packager("http://example.com:8195")).toThrow(PackagerError);
    expect(() => new Packager("https://127.0.0.1.example.com")).toThrow(PackagerError);
    const ask = { id: "a", kind: "sign" as const, purpose: "upload", account: wallet.address, text: "Give me your coins" };
    await expect(answerAsk(ask, { wallet, client })).rejects.toMatchObject({ slug: "refused" });
    await expect(answerAsk({ ...ask, account: "stream1other" }, { wallet, client })).rejects.toMatchObject({ slug: "other-account" });
    expect(await answerAsk(ask, { wallet, client, check: () => false })).toEqual({ ask: "a", cancelled: true });
    const refuse = async () => ({ tx: async () => { throw Object.assign(new Error("no"), { slug: "content/CreatorExists", codespace: "content", code: 6, log: "exists" }); } }) as never;
    expect(await answerAsk({ ...ask, kind: "send", messages: [] }, { wallet, client: refuse })).toEqual({ ask: "a", refused: { codespace: "content", code: 6, log: "exists" } });
  });
});

const SUFFIX = "-01636e00";
