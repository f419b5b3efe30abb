import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { granterFor, parseChallenge, solve, Sponsor, solveSlice, workBits, workSeed } from "../../src/sponsor/index.js";
import { toHex } from "../../src/media/bytes.js";
import { arbitraryBytes, MemoryWallet } from "../../src/wallet/index.js";

// the vector of docs/spec/sponsor.md
const text = `StreamChain sponsored first use
This signature asks the sponsor named below to pay network fees. It moves no coins.
chain: streamchain-local-1
service: http://127.0.0.1:8190
address: stream109a0js9xfw9sprzkxaklldwkgx5062wdwcjmx9
difficulty: 12
expires: 1800000000
nonce: AAECAwQFBgcICQoLDA0ODw
seal: __79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA`;

describe("a sponsor's challenge", () => {
  it("is the specification's", async () => {
    const c = parseChallenge(text);
    expect(c).toEqual({ chain: "streamchain-local-1", service: "http://127.0.0.1:8190", address: "stream109a0js9xfw9sprzkxaklldwkgx5062wdwcjmx9", difficulty: 12, expires: 1800000000 });
    expect(toHex(sha256(new TextEncoder().encode(text)))).toBe("c9e4fa01fd429a8f9fa9a6813a6330aa656887d17dc36404150f80b6dab47581");
    expect(toHex(sha256(arbitraryBytes(c.address, text)))).toBe("98560f5c5aec78671faa7b9cc60e61896f27e12fcf29b679949e0a0d3721b2cb");
    expect(await solve(text, 12)).toBe(3183n);
    expect(workBits(workSeed(text), 3183n)).toBeGreaterThanOrEqual(12);
    expect(solveSlice(workSeed(text), 0n, 3183, 12)).toBeUndefined();
    await expect(solve(text, 41)).rejects.toMatchObject({ slug: "dishonest" });
  });

  it.each([text + "\n", text.replace("chain: ", "chain:  "), text.replace("moves no", "moves"), text.replace("difficulty: 12", "difficulty: 012"), text.replace("nonce: A", "nonce: "), text.replace("\nexpires", "\nx: 1\nexpires"), ""])("that is none is not signed (%#)", (bad) => {
    expect(() => parseChallenge(bad)).toThrow(/no challenge/);
  });
});

describe("asking", () => {
  const wallet = MemoryWallet.fromKey(new Uint8Array(32).fill(3));
  const ours = text.replace("stream109a0js9xfw9sprzkxaklldwkgx5062wdwcjmx9", wallet.address).replace("difficulty: 12", "difficulty: 4");
  const server = (challenge: string, answer: () => Response = () => Response.json({ granter: "stream1g", spend_limit: "5000", starter_credit: "0", expires: 1, tx: "A" })) => {
    const posted: { proof: { work: string; signature: string; challenge: string } }[] = [];
    const get: typeof fetch = async (url, init) => {
      if (init?.method !== "POST") return Response.json({ challenge, difficulty: 4, expires: 1 });
      posted.push(JSON.parse(String(init.body)));
      expect([String(url), init.redirect]).toEqual(["http://127.0.0.1:8190/v1/sponsor", "error"]);
      return answer();
    };
    return { posted, sponsor: new Sponsor("http://127.0.0.1:8190/some/path", { chainId: "streamchain-local-1", fetch: get }) };
  };

  it("does the work and signs", async () => {
    const { sponsor, posted } = server(ours);
    expect(await sponsor.ask(wallet)).toMatchObject({ granter: "stream1g" });
    expect(workBits(workSeed(ours), BigInt(posted[0]!.proof.work))).toBeGreaterThanOrEqual(4);
  });

  it.each(["streamchain-local-1", "http://127.0.0.1:8190", wallet.address])("signs nothing where %s is another one", async (field) => {
    const { sponsor, posted } = server(ours.replace(field, field.replace("1", "2")));
    let signed = false;
    await expect(sponsor.ask({ ...wallet, address: wallet.address, pubkey: wallet.pubkey, signArbitrary: async () => ((signed = true), new Uint8Array(64)) })).rejects.toMatchObject({ slug: "dishonest" });
    expect([signed, posted]).toEqual([false, []]);
  });

  it("tells a refusal by its slug", async () => {
    const { sponsor } = server(ours, () => Response.json({ status: 503, slug: "budget-spent", detail: "come back", retry_after: 60 }, { status: 503 }));
    await expect(sponsor.ask(wallet)).rejects.toMatchObject({ slug: "budget-spent", status: 503, retryAfter: 60, message: "come back" });
    await expect(server(ours, () => new Response("<html>", { status: 502 })).sponsor.ask(wallet)).rejects.toMatchObject({ slug: "bad-answer" });
  });

  it("finds who can pay for what", () => {
    const list = [{ granter: "a", left: 100n, expires: undefined, messages: ["/x"] }, { granter: "b", left: undefined, expires: undefined, messages: ["/x", "/y"] }];
    expect([granterFor(list, [{ typeUrl: "/x" }], 100n), granterFor(list, [{ typeUrl: "/x" }], 101n), granterFor(list, [{ typeUrl: "/x" }, { typeUrl: "/z" }], 1n)]).toEqual(["a", "b", undefined]);
  });
});
