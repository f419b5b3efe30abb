import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tip } from "../../src/actions/index.js";
import { ChainClient, ChainError, type Comet, decodeEvents, eventOf, feeOf, isNotFound } from "../../src/chain/index.js";
import { chainError, chainErrorIn, expectedSequence } from "../../src/chain/errors.js";
import { errorTable } from "../../src/chain/errortable.js";
import { EventTipped } from "../../src/gen/streamchain/stream/v1/events.js";
import { QueryAccountInfoResponse } from "../../src/gen/cosmos/auth/v1beta1/query.js";
import { AuthInfo, TxRaw } from "../../src/gen/cosmos/tx/v1beta1/tx.js";
import { MemoryWallet } from "../../src/wallet/index.js";

const wallet = MemoryWallet.fromKey(new Uint8Array(32).fill(1));
const pay = tip(wallet.address, { subject: "bafy", amount: 5n }).msgs;

/** A node that keeps one account's sequence as the chain does, takes 100,000 gas, and holds each transaction in the next block. */
function node(change: { sequence?: number; check?: (n: number) => { code: number; codespace: string; log: string } | undefined; run?: () => { code: number; codespace: string; log: string } } = {}) {
  let sequence = BigInt(change.sequence ?? 0), checks = 0;
  const state = { sent: [] as bigint[], simulated: 0, accounts: 0, fees: [] as { amount: string; gas: bigint; granter: string }[] };
  const held = new Set<string>();
  const seq = (tx: Uint8Array) => AuthInfo.decode(TxRaw.decode(tx).authInfoBytes);
  const mismatch = (got: bigint) => ({ code: 32, codespace: "sdk", log: `account sequence mismatch, expected ${sequence}, got ${got}: incorrect account sequence` });
  const comet: Comet = {
    status: async () => ({ nodeInfo: { network: "test-1" }, syncInfo: { latestBlockHeight: 9, latestBlockTime: { getTime: () => 1_800_000_000_500 } } }),
    async abciQuery({ path, data }) {
      if (path === "/cosmos.auth.v1beta1.Query/AccountInfo") {
        state.accounts++;
        return { value: QueryAccountInfoResponse.encode(QueryAccountInfoResponse.fromPartial({ info: { accountNumber: 4n, sequence } })).finish(), codespace: "" };
      }
      if (path !== "/cosmos.tx.v1beta1.Service/Simulate") return { value: new Uint8Array(), code: 6, codespace: "sdk", log: "unknown query path: unknown request" };
      state.simulated++;
      const draft = seq(data.subarray(data.indexOf(0x0a, 1)));
      const got = draft.signerInfos[0]!.sequence;
      if (got !== sequence) return { value: new Uint8Array(), code: 18, codespace: "sdk", log: mismatch(got).log + " with gas used: '1'" };
      return { value: Uint8Array.of(0x0a, 4, 0x10, 0xa0, 0x8d, 0x06), codespace: "" };
    },
    async broadcastTxSync({ tx }) {
      const info = seq(tx), got = info.signerInfos[0]!.sequence;
      const refused = change.check?.(++checks);
      if (refused) return refused;
      if (got !== sequence) return mismatch(got);
      sequence++;
      state.sent.push(got);
      state.fees.push({ amount: info.fee!.amount[0]!.amount, gas: info.fee!.gasLimit, granter: info.fee!.granter });
      held.add(String(got));
      return { code: 0 };
    },
    async tx() {
      if (!held.size) throw new Error("tx not found");
      return { height: 10, result: { code: 0, gasUsed: 99n, events: [], ...change.run?.() } };
    },
  };
  return { comet, state, skip: () => sequence++ };
}
const connect = (comet: Comet) => ChainClient.over(comet, { chainId: "test-1" });

describe("transactions", () => {
  it("of one account queue: each has its place, none is lost", async () => {
    const { comet, state } = node({ sequence: 7 });
    const client = await connect(comet);
    const results = await Promise.all([1, 2, 3, 4].map(() => client.tx(wallet, pay)));
    expect(state.sent).toEqual([7n, 8n, 9n, 10n]);
    expect([state.accounts, state.simulated, new Set(results.map((r) => r.hash)).size]).toEqual([1, 4, 4]);
    // 100,000 gas and a half more and 20,000, at 0.001
    expect(state.fees[0]).toEqual({ amount: "170", gas: 170_000n, granter: "" });
    expect(results[0]!.fee).toEqual([{ denom: "ustream", amount: "170" }]);
  });

  it("try once more when another program took the place, and no more than once", async () => {
    const { comet, state, skip } = node();
    const client = await connect(comet);
    await client.tx(wallet, pay);
    skip();
    await client.tx(wallet, pay, { granter: wallet.address });
    expect(state.sent).toEqual([0n, 2n]);
    expect(state.fees[1]!.granter).toBe(wallet.address);
    const stubborn = node({ check: () => ({ code: 32, codespace: "sdk", log: "account sequence mismatch, expected 0, got 0: incorrect account sequence" }) });
    await expect((await connect(stubborn.comet)).tx(wallet, pay)).rejects.toMatchObject({ slug: "sdk/WrongSequence" });
    expect(stubborn.state.simulated).toBe(2);
  });

  it("that are refused say why, and hold nobody up", async () => {
    const { comet } = node({ check: (n) => (n === 1 ? { code: 20, codespace: "subscription", log: "bafy asks 9ustream: the price is above the most that you allow; read it again and raise max_price" } : undefined) });
    const client = await connect(comet);
    const [first, second] = await Promise.allSettled([client.tx(wallet, pay), client.tx(wallet, pay)]);
    expect(first).toMatchObject({ status: "rejected", reason: { slug: "subscription/PriceAboveMax", message: "the price is above the most that you allow; read it again and raise max_price (bafy asks 9ustream)" } });
    expect(second.status).toBe("fulfilled");
    const failing = node({ run: () => ({ code: 5, codespace: "sdk", log: "failed to execute message; message index: 0: spendable balance 0ustream is smaller than 5ustream: insufficient funds" }) });
    await expect((await connect(failing.comet)).tx(wallet, pay)).rejects.toMatchObject({ slug: "sdk/InsufficientFunds", message: expect.stringMatching(/not enough coins.*\(spendable balance 0ustream is smaller than 5ustream\)/) });
  });

  it("are not signed beyond the fee that was allowed, or for another chain", async () => {
    const { comet, state } = node();
    const client = await connect(comet);
    await expect(client.tx(wallet, pay, { maxFee: 169n })).rejects.toMatchObject({ slug: "fee-too-high" });
    expect(state.sent).toEqual([]);
    await client.tx(wallet, pay, { maxFee: 170n });
    await expect(ChainClient.over(comet, { chainId: "other" })).rejects.toMatchObject({ slug: "wrong-chain" });
  });

  it("that no block holds may still come, and the account is read anew", async () => {
    const { comet, state } = node();
    const lost = { ...comet, tx: () => Promise.reject(new Error("not found")) };
    const client = await connect(lost);
    await expect(client.tx(wallet, pay, { wait: 30 })).rejects.toMatchObject({ slug: "unconfirmed", hash: expect.stringMatching(/^[0-9A-F]{64}$/) });
    await expect(client.tx(wallet, pay, { wait: 30 })).rejects.toMatchObject({ slug: "unconfirmed" });
    expect([state.accounts, state.sent]).toEqual([2, [0n, 1n]]);
  });

  it("cost what gas costs, rounded up, at any price", () => {
    expect([feeOf(1n, "0.001ustream"), feeOf(1000n, "0.001ustream"), feeOf(1001n, "0.001ustream"), feeOf(3n, "2uother")].map((c) => c.amount + c.denom)).toEqual(["1ustream", "1ustream", "2ustream", "6uother"]);
    expect(() => feeOf(1n, "0,001ustream")).toThrow(/gas price/);
  });
});

describe("errors", () => {
  it("are those that the modules register", () => {
    const x = fileURLToPath(new URL("../../../../x/", import.meta.url));
    let counted = 0;
    for (const module of readdirSync(x)) {
      for (const f of readdirSync(`${x}${module}/types`).filter((f) => f.endsWith(".go") && !f.endsWith("_test.go"))) {
        for (const [, name, code] of readFileSync(`${x}${module}/types/${f}`, "utf8").matchAll(/\bErr(\w+)\s*= errorsmod\.Register\w*\(ModuleName, (\d+)/g)) {
          expect(errorTable[module]?.[Number(code)]?.[0], `${module}/${name}`).toBe(name);
          counted++;
        }
      }
    }
    expect(counted).toBeGreaterThan(250);
  });

  it("are found in texts that have lost their code", async () => {
    const e = await chainErrorIn("rpc error: code = Unknown desc = failed to execute message; message index: 0: cosmos: no such plan [/x/y.go:12] with gas used: '123'", "sdk", 18);
    expect([e.slug, e.message]).toEqual(["subscription/PlanNotFound", "no such plan (cosmos)"]);
    expect(isNotFound(e)).toBe(true);
    expect(isNotFound(await chainErrorIn("insufficient funds", "sdk", 18))).toBe(false);
    const seq = await chainErrorIn("account sequence mismatch, expected 12, got 3: incorrect account sequence", "sdk", 18);
    expect([seq.slug, expectedSequence(seq)]).toEqual(["sdk/WrongSequence", 12n]);
    const odd = await chainError("new", 99, "something else");
    expect([odd.slug, odd.message, odd instanceof ChainError]).toEqual(["new/99", "refused by the chain: something else", true]);
  });
});

describe("events", () => {
  it("have their types, and keep what is not known as texts", async () => {
    const events = await decodeEvents([
      { type: "streamchain.stream.v1.EventTipped", attributes: [{ key: "amount", value: '{"denom":"ustream","amount":"5"}' }, { key: "payer", value: '"stream1x"' }, { key: "msg_index", value: "0" }] },
      { type: "streamchain.stream.v9.EventNew", attributes: [{ key: "a", value: "1" }, { key: "mode", value: "EndBlock" }] },
      { type: "streamchain.stream.v1.EventTipped", attributes: [{ key: "amount", value: "{broken" }] },
    ]);
    expect(eventOf(events, EventTipped)).toMatchObject({ payer: "stream1x", amount: { denom: "ustream", amount: "5" } });
    expect(events[1]).toEqual({ type: "streamchain.stream.v9.EventNew", data: { a: "1" } });
    expect(events[2]!.data).toEqual({ amount: "{broken" });
  });
});
