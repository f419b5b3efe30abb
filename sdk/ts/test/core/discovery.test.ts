import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Discovery, DiscoveryError } from "../../src/discovery/index.js";
import { operationPaths } from "../../src/discovery/operations.js";

const base = "http://discovery.example/api/v1";
type Call = { url: string; init: RequestInit };

/** A fetch that answers by a function and keeps what was asked. */
function fake(answer: (call: Call, n: number) => Response | Promise<Response>): { fetch: typeof fetch; calls: Call[] } {
  const calls: Call[] = [];
  return { calls, fetch: async (url, init = {}) => (calls.push({ url: String(url), init }), answer(calls.at(-1)!, calls.length)) };
}
const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), { ...init, headers: { "Content-Type": "application/json", ...init.headers } });

describe("the discovery client", () => {
  it("has every operation of the document", () => {
    const yaml = readFileSync(fileURLToPath(new URL("../../../../indexer/api/openapi.yaml", import.meta.url)), "utf8");
    const ids = [...yaml.matchAll(/operationId: (\w+)/g)].map((m) => m[1]!).filter((id) => id !== "streamEvents").sort();
    expect(ids.length).toBeGreaterThan(20);
    expect(Object.keys(operationPaths).sort()).toEqual(ids);
    const client = new Discovery(base) as unknown as Record<string, unknown>;
    for (const id of ids) expect(typeof client[id], id).toBe("function");
  });

  it("writes paths, queries and bodies", async () => {
    const { fetch, calls } = fake(() => json({ items: [] }));
    const d = new Discovery(base + "/", { fetch });
    await d.listWorks({ kind: "audio", sort: "trending", limit: 5 });
    await d.getWork({ root: "a/b?c" });
    await d.getFeedItems({ feed: "stream1x/mine", seed: ["w1", "w2"] });
    await d.listWorks();
    await d.createWebhook({ body: { url: "https://x.example/hook", types: ["t"] } });
    await d.deleteWebhook({ id: "7" }, { bearer: "secret" });
    expect(calls.map((c) => [c.init.method, c.url.slice(base.length)])).toEqual([
      ["GET", "/works?kind=audio&sort=trending&limit=5"], ["GET", "/works/a%2Fb%3Fc"], ["GET", "/feeds/stream1x%2Fmine/items?seed=w1&seed=w2"], ["GET", "/works"], ["POST", "/webhooks"], ["DELETE", "/webhooks/7"],
    ]);
    expect(calls[4]!.init.body).toBe('{"url":"https://x.example/hook","types":["t"]}');
    expect((calls[5]!.init.headers as Record<string, string>)["Authorization"]).toBe("Bearer secret");
    expect(d.url("getStatement", { creator: "c", format: "csv" })).toBe(base + "/creators/c/statement?format=csv");
    await expect(d.getWork({ root: "" })).rejects.toMatchObject({ slug: "bad-request" });
  });

  it("asks again by ETag, and forgets the oldest", async () => {
    const { fetch, calls } = fake(({ init }) => ((init.headers as Record<string, string>)["If-None-Match"] === '"1"' ? new Response(null, { status: 304 }) : json({ n: 1 }, { headers: { ETag: '"1"' } })));
    const d = new Discovery(base, { fetch, cached: 2 });
    const first = await d.getStatus();
    expect(await d.getStatus()).toEqual(first);
    expect(calls.map((c) => (c.init.headers as Record<string, string>)["If-None-Match"])).toEqual([undefined, '"1"']);
    await d.getConfig();
    await d.getNetwork();
    await d.getStatus();
    expect((calls.at(-1)!.init.headers as Record<string, string>)["If-None-Match"]).toBeUndefined();
  });

  it("turns problems into errors with a slug", async () => {
    const answers = [
      () => json({ type: "about:blank", title: "Not found", status: 404, slug: "no-such-work", detail: "no work has this id" }, { status: 404 }),
      () => json({ slug: "rate-limit", title: "Too many" }, { status: 429, headers: { "Retry-After": "7" } }),
      () => new Response("<html>", { status: 502 }),
      () => new Response("<html>"),
      () => Promise.reject(new TypeError("fetch failed")),
    ];
    const { fetch } = fake((_, n) => answers[n - 1]!());
    const d = new Discovery(base, { fetch });
    const errors: DiscoveryError[] = [];
    for (let i = 0; i < answers.length; i++) await d.getStatus().catch((e: DiscoveryError) => errors.push(e));
    expect(errors.map((e) => [e instanceof DiscoveryError, e.slug, e.status, e.retryAfter])).toEqual([
      [true, "no-such-work", 404, undefined], [true, "rate-limit", 429, 7], [true, "bad-answer", 502, undefined], [true, "bad-answer", 200, undefined], [true, "unreachable", 0, undefined],
    ]);
    expect(errors[0]!.message).toBe("no work has this id");
  });
});

/** A stream of bytes in given pieces, which then ends or breaks. */
function stream(pieces: string[], breaks = false): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder(), left = [...pieces];
  return new ReadableStream({
    pull(c) {
      const next = left.shift();
      if (next !== undefined) c.enqueue(encoder.encode(next));
      else if (breaks) c.error(new TypeError("terminated"));
      else c.close();
    },
  });
}
const event = (id: string) => `id: ${id}\nevent: t\ndata: {"id":"${id}"}\n\n`;

describe("events", () => {
  it("go on after a break where they were: none is missed, none comes twice", async () => {
    const bodies = [stream([": hello\n\n", event("1.0"), event("1.1").slice(0, 12)], true), stream([event("1.1").slice(0, 7), event("1.1").slice(7), event("2.0").replace(/\n/g, "\r\n")]), stream([event("1.1"), event("2.0"), event("2.1")])];
    const { fetch, calls } = fake((_, n) => new Response(bodies[n - 1]));
    const seen: string[] = [], waits: number[] = [];
    for await (const e of new Discovery(base, { fetch }).events({ after: "0.9", type: ["a", "b"], onBreak: (_, ms) => waits.push(ms) })) {
      seen.push(e.id);
      if (e.id === "2.1") break;
    }
    expect(seen).toEqual(["1.0", "1.1", "2.0", "2.1"]);
    expect(calls.map((c) => (c.init.headers as Record<string, string>)["Last-Event-ID"])).toEqual(["0.9", "1.0", "2.0"]);
    expect(calls[0]!.url).toBe(base + "/events/stream?type=a&type=b");
    expect(calls.at(-1)!.init.signal!.aborted).toBe(true);
    expect(waits).toEqual([500, 500]);
  });

  it("end with the signal, also while waiting, and with a question that is wrong", async () => {
    const stop = new AbortController();
    const { fetch } = fake(() => Promise.reject(new TypeError("fetch failed")));
    setTimeout(() => stop.abort(), 20);
    for await (const _ of new Discovery(base, { fetch }).events({ signal: stop.signal })) expect.unreachable();
    const wrong = fake(() => json({ slug: "bad-request", title: "no" }, { status: 400 }));
    await expect(new Discovery(base, { fetch: wrong.fetch }).events().next()).rejects.toMatchObject({ slug: "bad-request" });
    expect(wrong.calls).toHaveLength(1);
  });
});
