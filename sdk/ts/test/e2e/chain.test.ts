import { ed25519 } from "@noble/curves/ed25519.js";
import { beforeAll, describe, expect, it } from "vitest";
import * as act from "../../src/actions/index.js";
import { access, payable, reasonText } from "../../src/access/index.js";
import { ChainClient, eventOf, isNotFound } from "../../src/chain/index.js";
import { creatorId, isCreatorId } from "../../src/index.js";
import { EventCreatorRegistered } from "../../src/gen/streamchain/content/v1/events.js";
import { MsgPurchaseResponse } from "../../src/gen/streamchain/subscription/v1/tx.js";
import { allowances, granterFor, Sponsor } from "../../src/sponsor/index.js";
import { describe as words, MemoryWallet, OfflineSigner, signOffline } from "../../src/wallet/index.js";
import { home, type Network, network } from "./network.js";

const random = (n: number) => crypto.getRandomValues(new Uint8Array(n));

describe.skipIf(home === "")("the chain", { timeout: 120_000 }, () => {
  let net: Network;
  beforeAll(async () => {
    net = await network();
  });

  it("answers the queries of every module", async () => {
    const { query } = net.client;
    const me = net.account("viewer").address;
    const [content, storage, revenue, stream, subscription, governance, dispute, clock, pool, gov, grants, rewards] = await Promise.all([
      query.content.params(), query.storage.params(), query.revenue.params(), query.stream.params(), query.subscription.params(), query.governance.params(), query.dispute.params(), query.clock.now(),
      query.staking.pool(), query.gov.params({ paramsType: "voting" }), query.feegrant.allowances({ grantee: me }), query.distribution.delegationTotalRewards({ delegatorAddress: me }),
    ]);
    for (const p of [content, storage, revenue, stream, subscription, governance, dispute]) expect(p.params).toBeTruthy();
    expect(clock.liveSeconds).toBeGreaterThan(0n);
    expect(BigInt(pool.pool!.bondedTokens)).toBeGreaterThan(0n);
    expect([gov.params !== undefined, Array.isArray(grants.allowances), Array.isArray(rewards.total)]).toEqual([true, true, true]);
    const e = await query.content.creator({ creator: creatorId(MemoryWallet.fromKey(random(32)).address) }).catch((e: unknown) => e);
    expect(isNotFound(e), String(e)).toBe(true);
    const { height } = await net.client.head();
    await query.bank.supplyOf({ denom: "ustream" }, { height: height - 1 });
  });

  it("is not another one", async () => {
    await expect(ChainClient.connect({ rpc: net.rpc, chainId: "streamchain-9" })).rejects.toMatchObject({ slug: "wrong-chain" });
    await expect(ChainClient.connect({ rpc: "http://127.0.0.1:1" })).rejects.toMatchObject({ slug: "unreachable" });
  });

  it("takes a creator's way from handle to sale, and a viewer's to access and back", async () => {
    const [alice, bob] = await Promise.all([net.funded(50), net.funded(20)]);
    const handle = "e2e_" + Date.now().toString(36);
    const made = await act.registerCreator(alice.address, { handle }).send(net.client, alice, { memo: "from a test" });
    expect(made.response!.creator).toBe(creatorId(alice.address));
    expect(isCreatorId(made.response!.creator)).toBe(true);
    expect(eventOf(made.events, EventCreatorRegistered)).toMatchObject({ creator: creatorId(alice.address), controller: alice.address });
    // a record of bytes that nobody keeps: enough for rights and money
    const media = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
    const published = await act.publishWork(alice.address, { kind: "document", title: `A page ${handle}`, media, pieceRoot: random(32), pieceSize: 1000n, licence: "CC0-1.0", language: "en", tags: ["test"] }).send(net.client, alice);
    const work = published.response!.root;
    const sold = await act.setOffers(alice.address, { work, offers: [{ kind: "purchase", price: "1.5stream" }, { kind: "rental", price: "0.5stream", seconds: 86_400 }] }).send(net.client, alice);
    expect(sold.response!.version).toBe(1n);

    let decision = await access(net.client, bob.address, work);
    expect([decision.granted, payable(decision).map((o) => o.price!.amount)]).toEqual([false, ["500000", "1500000"]]);
    await expect(act.buy(bob.address, { work, maxPrice: "1stream" }).send(net.client, bob)).rejects.toMatchObject({ slug: "subscription/PriceAboveMax" });
    const buying = act.buy(bob.address, { work, maxPrice: "1.5stream" });
    expect((await words(buying.msgs))[0]!.text).toMatch(/^You buy bafyre…\w+ for at most 1.5 STREAM\. Access lasts\.$/);
    const before = await net.client.balance(bob.address);
    const bought = await buying.send(net.client, bob);
    expect(ChainClient.response(bought, MsgPurchaseResponse)).toEqual(bought.response);
    expect(before - await net.client.balance(bob.address)).toBe(1_500_000n + BigInt(bought.fee[0]!.amount));
    decision = await access(net.client, bob.address, work);
    expect([decision.granted, reasonText(decision)]).toEqual([true, "You bought it."]);
    await act.refund(alice.address, { holdId: bought.response!.holdId }).send(net.client, alice);
    expect((await access(net.client, bob.address, work)).granted).toBe(false);
  });

  it("takes transactions of one account side by side, and after another program's", async () => {
    const wallet = await net.funded(5), to = net.account("viewer").address;
    const results = await Promise.all([1n, 2n, 3n, 4n].map((amount) => act.send(wallet.address, { to, amount }).send(net.client, wallet)));
    expect(new Set(results.map((r) => r.hash)).size).toBe(4);
    const other = await ChainClient.connect({ rpc: net.rpc });
    const fifth = await act.send(wallet.address, { to, amount: 5n }).send(other, wallet);
    const sixth = await act.send(wallet.address, { to, amount: 6n }).send(net.client, wallet);
    expect((await net.client.query.auth.accountInfo({ address: wallet.address })).info!.sequence).toBe(6n);
    const fees = results.reduce((n, r) => n + BigInt(r.fee[0]!.amount), 0n) + BigInt(fifth.fee[0]!.amount) + BigInt(sixth.fee[0]!.amount);
    expect(await net.client.balance(wallet.address)).toBe(5_000_000n - 21n - fees);
  });

  it("keeps deposits, session keys, tips and flows", async () => {
    const wallet = await net.funded(20), creator = creatorId(net.account("alice").address);
    const me = wallet.address, pubkey = ed25519.getPublicKey(random(32));
    const { liveSeconds } = await net.client.query.clock.now();
    const setup = await act.deposit(me, { amount: "3stream" }).and(act.grantSessionKey(me, { pubkey, limit: "1stream", expires: liveSeconds + 3600n }), act.tip(me, { subject: creator, amount: "0.25stream", memo: "danke" })).send(net.client, wallet);
    expect(setup.responses.map((r) => r.typeUrl)).toEqual(["MsgDeposit", "MsgGrantSessionKey", "MsgTip"].map((n) => `/streamchain.stream.v1.${n}Response`));
    await act.revokeSessionKey(me, { pubkey }).and(act.withdraw(me, { amount: "3stream" })).send(net.client, wallet);
    const flow = await act.createFlow(me, { recipient: net.account("bob").address, deposit: "1stream", amount: 100n, seconds: 1 }).send(net.client, wallet);
    await act.cancelFlow(me, { flow: flow.response!.flow }).send(net.client, wallet);
    await expect(act.revokeSessionKey(me, { pubkey: random(32) }).send(net.client, wallet)).rejects.toMatchObject({ slug: expect.stringMatching(/^stream\//) });
  });

  it("is governed, and judged", async () => {
    const wallet = await net.funded(2000), me = wallet.address;
    const { validators } = await net.client.query.staking.validators();
    const validator = validators[0]!.operatorAddress;
    await act.stake(me, { validator, amount: "10stream" }).send(net.client, wallet);
    const { minDeposit } = (await net.client.query.gov.params({ paramsType: "deposit" })).params!;
    const proposed = await act.propose(me, { title: "An opinion", summary: "nothing is done", messages: [], deposit: minDeposit[0]! }).send(net.client, wallet);
    await act.vote(me, { proposal: proposed.response!.proposalId, option: "yes" }).send(net.client, wallet);
    expect((await net.client.query.gov.vote({ proposalId: proposed.response!.proposalId, voter: me })).vote!.options[0]!.option).toBe(1);
    await act.delegateVote(me, { delegate: net.account("alice").address, track: "treasury" }).send(net.client, wallet);
    await act.undelegateVote(me, { track: "treasury" }).send(net.client, wallet);
    const { params } = await net.client.query.dispute.params();
    expect(params).toBeTruthy();
    await act.stakeJuror(me, { amount: "500stream" }).send(net.client, wallet);
    const sealing = await act.commitVote(wallet, { chainId: net.chainId, dispute: 999_999, round: 0, choice: "uphold" });
    await expect(sealing.send(net.client, wallet)).rejects.toMatchObject({ slug: "dispute/DisputeNotFound" });
  });

  it("takes what was signed on another machine", async () => {
    const key = await net.funded(3);
    const here = new OfflineSigner(key.pubkey, async (file) => JSON.parse(JSON.stringify(await signOffline(file, key))));
    await act.send(here.address, { to: key.address, amount: 1n }).send(net.client, here);
    const nobody = MemoryWallet.fromKey(random(32));
    await expect(act.send(nobody.address, { to: key.address, amount: 1n }).send(net.client, nobody)).rejects.toMatchObject({ slug: "sdk/UnknownAddress" });
  });

  it("lets a sponsor pay a newcomer's fees", async () => {
    const newcomer = MemoryWallet.fromKey(random(32));
    const url = process.env["STREAMCHAIN_SPONSOR"] ?? `http://127.0.0.1:${8190 + Number(new URL(net.rpc).port) - 26657}`;
    const sponsor = new Sponsor(url, { chainId: net.chainId });
    const info = await sponsor.info();
    expect(info.chain_id).toBe(net.chainId);
    const grant = await sponsor.ask(newcomer).catch((e: { slug: string }) => e);
    // a local network's sponsor gives a bounded number in an hour: others may have had them
    if (!("granter" in grant)) return expect(["budget-spent", "network-limit", "rate-limit"]).toContain(grant.slug);
    const list = await allowances(net.client, newcomer.address);
    const action = act.grantSessionKey(newcomer.address, { pubkey: ed25519.getPublicKey(random(32)), limit: "0ustream", expires: (await net.client.query.clock.now()).liveSeconds + 60n, scope: "access" });
    const { fee } = await net.client.estimate(newcomer, action.msgs);
    const granter = granterFor(list, action.msgs, BigInt(fee.amount));
    expect(granter).toBe(grant.granter);
    const had = await net.client.balance(newcomer.address);
    await action.send(net.client, newcomer, { granter: granter! });
    expect(await net.client.balance(newcomer.address)).toBe(had);
  });
});
