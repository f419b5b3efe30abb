import { afterEach, describe, expect, it } from "vitest";
import { addressBytes, fromHex, toHex } from "../../src/media/bytes.js";
import { type CID } from "../../src/media/cid.js";
import { DagError } from "../../src/media/dagpb.js";
import { Blocks, buildFolder, bytesSource } from "../../src/media/unixfs.js";
import {
  authSignBytes, type Blame, CorruptError, Fetcher, FinalError, keysNonce, NodeClient, NodePool, NodeProblem, NoNodeError, NoSuchFileError, parsePayHeader, payHeader, seek,
  StalledError, TooLargeError, UnreachableError, uploadHeader, uploadSignBytes,
} from "../../src/node/index.js";
import { FakeNode, type Fault, freePort } from "./fakenode.js";
import { pattern, vectors } from "./vectors.js";

const w = vectors<Record<string, string>>("storagenode/wire/testdata/vectors.json");

describe("signed headers", () => {
  const [, owner, pubkey, work, expires, nonce] = w["auth_header"]!.split(".");
  const bytes = (s: string) => new Uint8Array(Buffer.from(s, "base64url"));

  it("signs as Go does", () => {
    expect(toHex(bytes(owner!))).toBe(w["owner"]);
    expect(bytes(pubkey!)).toHaveLength(32);
    expect(toHex(authSignBytes({ owner: bytes(owner!), work: bytes(work!), expires: Number(expires), nonce: bytes(nonce!) }, w["chain_id"]!, fromHex(w["operator"]!), "GET"))).toBe(w["auth_sign_bytes"]);
    const [, piece, size, until, key, signature] = w["upload_header"]!.split(".");
    const u = { piece: bytes(piece!), size: Number(size), expires: Number(until) };
    expect(toHex(uploadSignBytes(u, w["chain_id"]!, fromHex(w["operator"]!)))).toBe(w["upload_sign_bytes"]);
    expect(uploadHeader({ ...u, pubkey: bytes(key!), signature: bytes(signature!) })).toBe(w["upload_header"]);
  });

  it("pays as Go does", () => {
    const p = parsePayHeader(w["pay_header"]!);
    expect(payHeader(fromHex(p.session), p.n, p.word)).toBe(w["pay_header"]);
    for (const bad of ["", "a:1:b", w["pay_header"]!.replace(":17:", ":017:"), w["pay_header"]!.toUpperCase(), `${w["pay_header"]}A`]) expect(() => parsePayHeader(bad)).toThrow(RangeError);
  });

  it("ties a request for keys to its windows and its payment", () => {
    const key = pattern(32), windows = [{ rendition: "audio", number: 1 }];
    const seen = new Set([
      keysNonce(key, windows), keysNonce(key, windows, { signature: pattern(64), n: 1 }), keysNonce(key, windows, { signature: pattern(64), n: 2 }), keysNonce(key, [{ rendition: "audio", number: 2 }]),
      keysNonce(key.map((b) => b ^ 1), windows),
    ].map(toHex));
    expect(seen.size).toBe(5);
    // Go: wire.KeysRequest{ReplyKey: 0 … 31, Windows: {{"audio", 1}}}.Nonce()
    expect(toHex(keysNonce(key, windows))).toBe(NONCE);
  });

  it("reads addresses", () => {
    expect(addressBytes("stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd")).toHaveLength(20);
    for (const bad of ["stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxe", "stream1", "", "x".repeat(200)]) expect(() => addressBytes(bad)).toThrow(RangeError);
  });
});

const running: FakeNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((n) => n.stop()));
});

async function network(...faults: Fault[]): Promise<{ nodes: FakeNode[]; fetcher: Fetcher; pool: NodePool; root: CID; blames: Blame[] }> {
  const blocks = new Blocks(), blames: Blame[] = [];
  const root = await buildFolder(blocks, [{ path: "a/b", source: bytesSource(pattern(10)) }, { path: "c", source: bytesSource(pattern(5 << 20)) }]);
  const pool = new NodePool({}, (b) => blames.push(b)), nodes: FakeNode[] = [];
  for (const [i, fault] of faults.entries()) {
    const n = await FakeNode.start(`op${i}`, blocks, fault);
    running.push(n);
    nodes.push(n);
    // the first is the nearest: it is asked first
    pool.add({ client: new NodeClient(n.endpoint), operator: n.operator, roundTrip: i * 20 });
  }
  return { nodes, fetcher: new Fetcher(pool), pool, root: root.cid, blames };
}

const whole = pattern(5 << 20);
const read = async (f: Fetcher, root: CID, range?: { from: number; to: number }) => (await f.read(await f.find(root, ["c"]), 1 << 30, {}, range)).data;

describe("pool", () => {
  it("reads files, ranges and folders", async () => {
    const { fetcher, root, pool } = await network("none", "none");
    expect(Buffer.compare(await read(fetcher, root), whole)).toBe(0);
    for (const [from, to] of [[0, 1], [1048575, 1048577], [5242879, 5242880], [100, 100], [3_000_000, 4_500_000]] as const) {
      expect(Buffer.compare(await read(fetcher, root, { from, to }), whole.subarray(from, to))).toBe(0);
    }
    expect((await fetcher.list(root)).map((l) => l.name)).toEqual(["a", "c"]);
    await expect(fetcher.find(root, ["a", "x"])).rejects.toThrow(NoSuchFileError);
    await expect(fetcher.find(root, ["a", "b", "x"])).rejects.toThrow(NoSuchFileError);
    await expect(fetcher.read(await fetcher.find(root, ["c"]), 100)).rejects.toThrow(TooLargeError);
    await expect(fetcher.read(root, 100)).rejects.toThrow(DagError);
    expect(pool.blamed).toEqual([]);
  });

  it("fetches from elsewhere what a node flips, blames it, and never asks it again", async () => {
    const { nodes, fetcher, root, pool, blames } = await network("flips", "none");
    expect(Buffer.compare(await read(fetcher, root), whole)).toBe(0);
    expect(pool.blamed).toEqual(["op0"]);
    expect(blames[0]).toMatchObject({ operator: "op0", reason: "corrupt" });
    expect(blames[0]!.error).toBeInstanceOf(CorruptError);
    expect(pool.stats.find((s) => s.operator === "op0")).toMatchObject({ blocks: 0, corrupt: 1 });
    const asked = nodes[0]!.asked;
    await read(fetcher, root);
    expect(nodes[0]!.asked).toBe(asked);
  });

  it.each<Fault>(["silent", "halfway"])("does not wait for a node that is %s", async (fault) => {
    const { fetcher, root, pool } = await network(fault, "none");
    const started = performance.now();
    expect(Buffer.compare(await read(fetcher, root), whole)).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(pool.blamed).toEqual(["op0"]);
  });

  it("goes on when a node falls silent later", async () => {
    const { nodes, fetcher, root } = await network("none", "none");
    const c = await fetcher.find(root, ["c"]);
    nodes[0]!.fault = "silent";
    expect(Buffer.compare((await fetcher.read(c, 1 << 30)).data, whole)).toBe(0);
  });

  it("says what each node said where none is left", async () => {
    const { fetcher, root } = await network("refuses", "flips");
    const e = await read(fetcher, root).then(() => undefined, (x: unknown) => x);
    expect(e).toBeInstanceOf(NoNodeError);
    const { causes } = e as NoNodeError;
    expect(causes.get("op0")).toBeInstanceOf(NodeProblem);
    expect(causes.get("op0")).toMatchObject({ slug: "payment-required", terms: { due: 3 } });
  });

  it("asks nobody else about what is final", async () => {
    const { nodes, pool, root } = await network("none", "none");
    const why = new Error("limit");
    await expect(pool.block(root, { admit: async () => { throw new FinalError(why); } })).rejects.toBe(why);
    expect(nodes[1]!.asked).toBe(0);
  });

  it("stops when nobody wants it any more", async () => {
    const { pool, root } = await network("silent");
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 50);
    await expect(pool.block(root, { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("does not take another's node", async () => {
    const { nodes } = await network("another", "none");
    const found: string[] = [];
    await seek([...nodes, { operator: "op2", endpoint: `http://127.0.0.1:${await freePort()}` }, { operator: "op3", endpoint: "ftp://x" }], "c", 2000, (n) => found.push(n.operator));
    expect(found).toEqual(["op1"]);
  });

  it("gives a single node up when it is silent for five seconds", async () => {
    const { nodes, root } = await network("silent");
    await expect(new NodeClient(nodes[0]!.endpoint).block(root)).rejects.toThrow(StalledError);
    await expect(new NodeClient(`http://127.0.0.1:${await freePort()}`).block(root)).rejects.toThrow(UnreachableError);
  });
});

const NONCE = "080905e58ca58a01e5828916a0d99716";
