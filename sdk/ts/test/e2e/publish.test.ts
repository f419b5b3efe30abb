import { beforeAll, describe, expect, it } from "vitest";
import { buy } from "../../src/actions/viewer.js";
import { bytesSource, PublishError, publishFile, publishPackaged, type PublishOptions, type PublishState } from "../../src/publish/index.js";
import { MeteredFileError, PaymentRequiredError, Player, SeveralFilesError, walletViewer } from "../../src/play/index.js";
import { pattern } from "../media/vectors.js";
import { home, type Network, network } from "./network.js";

const text = (b: Uint8Array) => new TextDecoder().decode(b);

describe.skipIf(home === "")("publishing", { timeout: 180_000 }, () => {
  let net: Network, options: Omit<PublishOptions, "terms">;
  beforeAll(async () => {
    net = await network();
    options = { client: net.client, wallet: await net.funded(30) };
  });

  it("a free document, that everybody reads", async () => {
    const stages = new Set<string>(), data = pattern(3_300_000);
    const file = { name: "Grüße aus Ulm.pdf", source: bytesSource(data) };
    const done = await publishFile(file, {
      ...options, cover: bytesSource(pattern(5000)), terms: { title: "Grüße", licence: "CC-BY-4.0", offers: [{ kind: "free" }] },
      progress: (p) => stages.add(p.stage), confirm: (q) => (expect(q).toMatchObject({ kind: "document", encrypted: false }), q.storage > 0n && q.copies.length === 3),
    });
    expect(done.copies.filter((c) => c.status === "accepted").length).toBeGreaterThan(0);
    expect([...stages]).toEqual(expect.arrayContaining(["reading", "packing", "asking", "signing", "upload", "nodes accept", "done"]));
    const p = await Player.open({ chain: net.play, work: done.work });
    expect([p.playable, p.meter.mode, p.kind]).toEqual([false, "free", "document"]);
    expect(await p.files()).toEqual(["files/Grüße_aus_Ulm.pdf", "index.json"]);
    const got = await p.fetchFile();
    expect([got.path, got.type, got.size, Buffer.compare(got.data, data)]).toEqual(["files/Grüße_aus_Ulm.pdf", "application/pdf", data.length, 0]);
    expect(Buffer.compare((await p.fetchFile(got.path, { from: 1_048_570, to: 1_048_590 })).data, data.subarray(1_048_570, 1_048_590))).toBe(0);
    expect(JSON.parse(text((await p.fetchFile("index.json")).data))).toEqual({ version: 1, files: [{ path: got.path, size: data.length, type: "application/pdf" }] });
    await p.close();
  });

  it("a document that is sold, which opens for who has bought it, with the holders' keys", async () => {
    const data = pattern(2_200_000), states: PublishState[] = [];
    const file = { name: "book.pdf", source: bytesSource(data) };
    const terms = { title: "Book", licence: "LicenseRef-All-Rights-Reserved", offers: [{ kind: "purchase" as const, price: "1stream" }], copies: 2 };
    await expect(publishFile(file, { ...options, terms: { ...terms, offers: [{ kind: "purchase", price: "much" }] } })).rejects.toMatchObject({ slug: "invalid" });
    // a run that stops as soon as the work is registered, and is taken up again with what it left
    const stop = new AbortController();
    const save = async (s: PublishState) => {
      states.push(s);
      if (s.tx) stop.abort(new Error("closed"));
    };
    await expect(publishFile(file, { ...options, terms, save, signal: stop.signal })).rejects.toThrow("closed");
    const state = states.at(-1)!;
    expect(state.secret).toMatch(/^[0-9a-f]{64}$/);
    await expect(publishFile({ ...file, source: bytesSource(pattern(2_200_000).map((b) => b ^ 1)) }, { ...options, terms, state })).rejects.toThrow(PublishError);
    const kept: PublishState[] = [];
    const done = await publishFile(file, { ...options, terms, state, save: async (s) => void kept.push(s) });
    expect([done.encrypted, done.work, done.tx]).toEqual([true, state.work, state.tx]);
    expect(kept.at(-1)).not.toHaveProperty("secret");
    // the other way round: no stranger reads it, not even in a node's own words
    const stranger = await Player.open({ chain: net.play, work: done.work });
    await expect(stranger.fetchFile()).rejects.toThrow(PaymentRequiredError);
    const [path] = (await stranger.files()).filter((f) => f !== "index.json");
    expect(path).toMatch(/^files\/book-[0-9a-f]{8}\.pdf$/);
    await stranger.close();
    const reader = await net.funded(3);
    await buy(reader.address, { work: done.work, maxPrice: "1stream" }).send(net.client, reader);
    const p = await Player.open({ chain: net.play, work: done.work, viewer: walletViewer(reader, async () => net.client) });
    expect(p.meter.grantedBy).toBe("purchase");
    expect(Buffer.compare((await p.fetchFile()).data, data)).toBe(0);
    expect(Buffer.compare((await p.fetchFile(path!, { from: 1_500_000, to: 1_500_003 })).data, data.subarray(1_500_000, 1_500_003))).toBe(0);
    const parts: Uint8Array[] = [];
    for await (const part of p.streamFile()) parts.push(part);
    expect(Buffer.compare(Buffer.concat(parts), data)).toBe(0);
    expect(p.meter).toMatchObject({ threshold: 2, holders: 3, spent: 0n });
    await p.close();
  });

  it("a folder that was packaged already", async () => {
    const entry = (path: string, n: number) => ({ path, source: bytesSource(pattern(n)) });
    const done = await publishPackaged([entry("files/a.bin", 10), entry("files/b.bin", 20)], { ...options, terms: { title: "Two", licence: "MIT", kind: "software", offers: [{ kind: "free" }], copies: 1, days: 1 } });
    const p = await Player.open({ chain: net.play, work: done.work });
    await expect(p.fetchFile()).rejects.toThrow(SeveralFilesError);
    expect((await p.fetchFile("files/b.bin")).data).toEqual(pattern(20));
    await p.close();
    await expect(publishFile({ name: "film.mp4", source: bytesSource(pattern(9)) }, { ...options, terms: { title: "x", licence: "MIT", offers: [] } })).rejects.toMatchObject({ slug: "not-a-file" });
    expect(MeteredFileError).toBeDefined();
  });
});
