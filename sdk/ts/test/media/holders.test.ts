import { describe, expect, it } from "vitest";
import { answerContext, FOR_VIEWER, keyId, seal, Secret } from "../../src/keyshare/index.js";
import { fromBase64, toBase64, toHex } from "../../src/media/bytes.js";
import { type KeysRequest } from "../../src/node/wire.js";
import { LiarError, NoKeySetError, NotEntitledError, PayMoreError, TooFewHoldersError } from "../../src/play/index.js";
import { Holders } from "../../src/play/holders.js";
import { windowTicks } from "../../src/play/keyterms.js";
import { type KeyPay } from "../../src/play/payer.js";
import { type PlayChain } from "../../src/play/types.js";

type Behaviour = "right" | "false" | "dead" | "denies" | { due: number };
const ROOT = "bafyreia34ltm3fg2u3tgu6t3mxjkwm3jt4rz3rmfa6xvniwrawmbrlm3mm";
const WINDOW = { rendition: "audio", number: 3 };

/** Holders of a secret, which answer as they are told. */
function world(...how: Behaviour[]) {
  const secret = Secret.draw(), threshold = (how.length + 1) / 2, { commitments, shares } = secret.deal(threshold, how.length), id = keyId(secret.c0());
  const asked: { holder: number; request: KeysRequest }[] = [];
  const operators = how.map((_, i) => `op${i}`);
  const chain = {
    chainId: "c",
    keySet: async () => ({ version: 4n, threshold, commitments: commitments.bytes(), holders: operators.map((operator, i) => ({ operator, index: i + 1 })) }),
    endpoints: async (o: string) => [`http://h${o.slice(2)}.test`],
  } as unknown as PlayChain;
  const reply = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const fetcher = (async (url: string, init: RequestInit) => {
    const i = Number(/h(\d+)\.test/.exec(url)![1]), request = JSON.parse(init.body as string) as KeysRequest, b = how[i]!;
    asked.push({ holder: i, request });
    if (b === "dead") return new Promise((_, no) => init.signal!.addEventListener("abort", () => no(init.signal!.reason as Error)));
    if (b === "denies") return reply(402, { slug: "payment-required", detail: "no" });
    if (typeof b === "object" && (request.pay?.n ?? 0) < b.due) return reply(402, { slug: "payment-required", detail: "more", terms: { due: b.due } });
    const sealed = await Promise.all(request.windows.map(async (w) => {
      const about = { work: id, ...w, number: b === "false" ? w.number + 1 : w.number };
      return toBase64(await seal(fromBase64(request.reply_key), FOR_VIEWER, answerContext(id, w.rendition, w.number, 4n), shares[i]!.answer(about).bytes));
    }));
    return reply(200, { set_version: "4", index: i + 1, sealed });
  }) as unknown as typeof fetch;
  const key = toHex(secret.output({ work: id, ...WINDOW }).aes128());
  const make = (pay?: (due: number) => KeyPay) => new Holders({ chain, root: ROOT, c0: secret.c0(), fetch: fetcher, now: () => 0, ...(pay ? { pay: async (_: unknown, due: number) => pay(due) } : {}) });
  return { make, key, asked, secret };
}

const got = async (h: Holders) => toHex((await h.windows([WINDOW])).get("audio/3")!.aes128());

describe("holders of keys", () => {
  it("give a window's key, and each window once", async () => {
    const w = world("right", "right", "right"), h = w.make();
    expect(await got(h)).toBe(w.key);
    const n = w.asked.length;
    expect(await got(h)).toBe(w.key);
    expect(w.asked.length).toBe(n);
    expect([h.threshold, h.count, h.liars.size, [...h.used.values()]]).toEqual([2, 3, 0, [1, 1]]);
    // each is asked with a reply key of its own
    expect(new Set(w.asked.map((a) => a.request.reply_key)).size).toBe(n);
  });

  it("are named where they lie, and others are asked", async () => {
    const w = world("false", "right", "right", "false", "right"), h = w.make();
    expect(await got(h)).toBe(w.key);
    for (const l of h.liars) expect(["op0", "op3"]).toContain(l);
    const all = world("false", "false", "right"), e = await got(all.make()).catch((x: unknown) => x);
    expect(e).toBeInstanceOf(TooFewHoldersError);
    expect([...(e as TooFewHoldersError).holders.values()].filter((x) => x instanceof LiarError)).toHaveLength(2);
  });

  it("that are silent are not waited for", async () => {
    const w = world("dead", "right", "right"), started = performance.now();
    expect(await got(w.make())).toBe(w.key);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it("refuse who has no right", async () => {
    await expect(got(world("denies", "denies", "right").make())).rejects.toThrow(NotEntitledError);
  });

  const word = (n: number): KeyPay => ({ session: {} as never, signature: new Uint8Array(64), n, word: new Uint8Array(32) });

  it("are paid what enough of them ask for, and one that asks for more is passed over", async () => {
    const w = world({ due: 20 }, { due: 20 }, { due: 9999 }), dues: number[] = [], h = w.make((due) => (dues.push(due), word(Math.max(due, 5))));
    expect(await got(h)).toBe(w.key);
    expect(dues[0]).toBe(0);
    expect(Math.max(...dues)).toBe(20);
    // who pays nothing is told what it takes
    await expect(got(world({ due: 20 }, { due: 20 }, { due: 20 }).make())).rejects.toMatchObject({ due: 20 });
    // and who does not pay so much opens nothing
    await expect(got(world({ due: 20 }, { due: 20 }, { due: 20 }).make(() => word(19)))).rejects.toThrow(PayMoreError);
  });

  it("of another secret are none", async () => {
    const a = world("right"), b = world("right");
    const h = new Holders({ ...b.make().config, c0: a.secret.c0() });
    await expect(got(h)).rejects.toThrow(NoKeySetError);
  });
});

describe("what windows cost", () => {
  const t = { window: 20, duration: 104, metered: { pricePerTick: 1n, tickSeconds: 1, previewSeconds: 10 } };
  it.each([[{ rendition: "a", number: 0 }, 0], [{ rendition: "a", number: 1 }, 20], [{ rendition: "a", number: 5 }, 4], [{ rendition: "a", number: 6 }, 20], [{ rendition: "files/a", number: 0 }, 20]] as const)("%j", (w, ticks) => {
    expect(windowTicks(t, w)).toBe(ticks);
    expect(windowTicks({ window: 20, duration: 104 }, w)).toBe(0);
  });
});
