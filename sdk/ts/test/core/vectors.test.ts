import { describe, expect, it } from "vitest";
import * as act from "../../src/actions/index.js";
import { authInfoBytes, bodyBytes, feeOf, txBytes, txHash } from "../../src/chain/index.js";
import { creatorId, formatAmount, moduleAddress, msg, parseAmount } from "../../src/index.js";
import { MsgSetAttester } from "../../src/gen/streamchain/content/v1/attestation_tx.js";
import { fromHex, toHex } from "../../src/media/bytes.js";
import { arbitraryBytes, MemoryWallet, signDocBytes, verify } from "../../src/wallet/index.js";
import { vectors } from "../media/vectors.js";

interface File {
  mnemonic: string; address: string; pubkey: string; creator: string; modules: Record<string, string>;
  amounts: { text: string; denom: string; amount: string; shown: string }[];
  messages: { name: string; type: string; bytes: string }[];
  tx: { chain_id: string; account_number: string; sequence: string; gas: string; fee: string; granter: string; memo: string; timeout_height: string; body: string; auth_info: string; sign_bytes: string; signature: string; bytes: string; hash: string };
  arbitrary: { text: string; sign_bytes: string; signature: string };
  votes: { chain_id: string; dispute: string; round: number; choice: "uphold" | "dismiss"; salt_bytes: string; salt: string; hash: string }[];
}
const go = vectors<File>("sdk/vectors/vectors.json");
const wallet = await MemoryWallet.fromMnemonic(go.mnemonic);
const me = wallet.address, work = "bafyreihyrpefhacm6kkp4ql6j6udakdit7g3dmkzfriqfykhjw6cad7lrm";

describe("as the chain's own code", () => {
  it("derives keys, addresses and ids", () => {
    expect([me, toHex(wallet.pubkey), creatorId(me)]).toEqual([go.address, go.pubkey, go.creator]);
    for (const [name, address] of Object.entries(go.modules)) expect(moduleAddress(name)).toBe(address);
  });

  it.each(go.amounts)("reads and writes $text", ({ text, denom, amount, shown }) => {
    expect(parseAmount(text)).toEqual({ denom, amount });
    expect(formatAmount({ denom, amount })).toBe(shown);
  });

  it("builds and encodes messages", () => {
    const attester = msg(MsgSetAttester, { authority: moduleAddress("governance"), attester: me, levels: [1, 2], active: true });
    const built: Record<string, act.Action> = {
      buy: act.buy(me, { work, maxPrice: "1.5stream", pay: "1.5stream", recipient: me }),
      rent: act.rent(me, { work, seconds: 172_800, maxPrice: "1.5stream" }),
      subscribe: act.subscribe(me, { plan: "p/1", maxPrice: 1_500_000n, periods: 2, renewals: act.UNTIL_CANCELLED }),
      endRenewal: act.setRenewal(me, { plan: "p/1", renewals: 0 }),
      tip: act.tip(me, { subject: work, amount: "1.5stream", memo: "schön" }),
      grantSessionKey: act.grantSessionKey(me, { pubkey: new Uint8Array(32).fill(7), limit: "1.5stream", expires: 1_800_000_000 }),
      createFlow: act.createFlow(me, { recipient: me, deposit: "1.5stream", amount: 5n, seconds: 60 }),
      setOffers: act.setOffers(me, { work, offers: [
        { kind: "free" }, { kind: "purchase", price: "1.5stream" }, { kind: "metered", pricePerTick: 100n, tickSeconds: 2, previewSeconds: 10 }, { kind: "plan", plans: ["p/1"] },
        { kind: "rental", price: "1.5stream", seconds: 172_800 }, { kind: "tier", tier: "silver" }, { kind: "token", minimum: "5uother" }, { kind: "pay-what-you-want", minimum: 1n },
        { kind: "template", template: me + "/1", args: { steps: [1, -2], open: true, days: 30 } },
      ] }),
      proposeSplit: act.proposeSplit(me, { subject: work, shares: [{ recipient: me, bps: 2500 }, { recipient: me, bps: 7500 }] }),
      endPayout: act.setPayout(me, { threshold: 0n }),
      openDispute: act.openDispute(me, { kind: "infringement", subject: work, evidence: work, bond: "10stream", interim: true }),
      delegateVote: act.delegateVote(me, { delegate: me, track: "treasury" }),
      propose: act.propose(me, { title: "An attester", summary: "because", messages: [attester], deposit: "1.5stream" }),
    };
    expect(Object.keys(built).sort()).toEqual(go.messages.map((m) => m.name));
    for (const { name, type, bytes } of go.messages) {
      expect([name, built[name]!.msgs.map((m) => m.typeUrl), toHex(built[name]!.msgs[0]!.value)]).toEqual([name, [type], bytes]);
    }
  });

  it("lays out and signs transactions", async () => {
    const t = go.tx;
    const body = bodyBytes(act.tip(me, { subject: work, amount: 5n }).msgs, t.memo, BigInt(t.timeout_height));
    const fee = feeOf(BigInt(t.gas), "0.001ustream");
    expect(fee.amount + fee.denom).toBe(t.fee);
    const info = authInfoBytes(wallet.pubkey, BigInt(t.sequence), { amount: [fee], gas: BigInt(t.gas), granter: t.granter });
    expect([toHex(body), toHex(info)]).toEqual([t.body, t.auth_info]);
    const doc = { bodyBytes: body, authInfoBytes: info, chainId: t.chain_id, accountNumber: BigInt(t.account_number) };
    expect(toHex(signDocBytes(doc))).toBe(t.sign_bytes);
    const { signature } = await wallet.signDirect(doc);
    expect(toHex(signature)).toBe(t.signature);
    const raw = txBytes(body, info, signature);
    expect([toHex(raw), txHash(raw)]).toEqual([t.bytes, t.hash]);
  });

  it("signs texts", async () => {
    expect(toHex(arbitraryBytes(me, go.arbitrary.text))).toBe(go.arbitrary.sign_bytes);
    const signature = await wallet.signArbitrary(go.arbitrary.text);
    expect(toHex(signature)).toBe(go.arbitrary.signature);
    expect(verify(wallet.pubkey, fromHex(go.arbitrary.sign_bytes), signature)).toBe(true);
    expect(verify(wallet.pubkey, fromHex(go.arbitrary.sign_bytes).subarray(1), signature)).toBe(false);
  });

  it.each(go.votes)("seals the vote $choice in dispute $dispute, round $round", async (v) => {
    const seat = { chainId: v.chain_id, dispute: BigInt(v.dispute), round: v.round, juror: me };
    expect(toHex(act.saltBytes(seat))).toBe(v.salt_bytes);
    const salt = await act.voteSalt(wallet, v.chain_id, seat.dispute, v.round);
    expect([toHex(salt), toHex(act.voteHash(seat, v.choice, salt))]).toEqual([v.salt, v.hash]);
    // what was sealed is found again from the commit on the chain alone
    const shown = await act.revealVote(wallet, { ...seat, commit: fromHex(v.hash) });
    expect(shown.msgs[0]!.typeUrl).toBe("/streamchain.dispute.v1.MsgRevealVote");
    await expect(act.revealVote(wallet, { ...seat, round: v.round + 1, commit: fromHex(v.hash) })).rejects.toMatchObject({ slug: "other-salt" });
    await expect(act.revealVote(wallet, { ...seat, commit: new Uint8Array() })).rejects.toMatchObject({ slug: "not-sealed" });
  });
});
