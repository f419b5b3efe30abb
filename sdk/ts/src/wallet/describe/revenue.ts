import { MsgAcceptDerivation, MsgAcceptSplit, MsgClaim, MsgClaimRebate, MsgRefund, MsgSetDerivationTerms, MsgSetPayout, MsgSetSplit, MsgUpdateParams } from "../../gen/streamchain/revenue/v1/tx.js";
import { formatBps } from "../../core/amounts.js";
import { amt, it, replaced, tell, type Tellers, who } from "./words.js";

const whose = (recipient: string): string => (recipient ? `${it(recipient)} has` : "you have");

/** Coins that go elsewhere than to the signer. */
const elsewhere = (to: string, signer: string): { warn: string } | undefined => (to && to !== signer ? { warn: `The coins go to ${who(to)}, not to this account.` } : undefined);

export const tellers: Tellers = {
  ...tell(MsgClaim, (m) => ({ text: `You claim what ${whose(m.recipient)} earned${m.denoms.length ? ` in ${m.denoms.join(", ")}` : ""}, paid out to ${who(m.to, "this account")}.`, ...elsewhere(m.to, m.claimant) })),
  ...tell(MsgSetSplit, (m) => ({
    text: `You propose who shares the income of ${it(m.subject)}. Whoever gets less than before must agree.`,
    more: m.shares.map((s) => `${formatBps(s.bps)} to ${who(s.recipient)}`),
  })),
  ...tell(MsgAcceptSplit, (m) => ({ text: `You agree to sheet ${m.version} of who shares the income of ${it(m.subject)}.`, warn: "Your share becomes smaller." })),
  ...tell(MsgRefund, (m) => `You give payment ${it(m.holdId)} back, whole. The access that it bought ends.`),
  ...tell(MsgSetPayout, (m) => BigInt(m.threshold?.amount || 0) === 0n
    ? `What ${whose(m.recipient)} earned is not paid out by itself any more.`
    : { text: `What ${whose(m.recipient)} earned is paid out to ${who(m.to, "this account")} whenever it reaches ${amt(m.threshold)}.`, ...elsewhere(m.to, m.claimant) }),
  ...tell(MsgClaimRebate, () => "You claim what the network gives back of your spending in the last closed period."),
  ...tell(MsgSetDerivationTerms, (m) => m.open
    ? `Anybody may derive works from ${it(m.work)} who gives it at least ${formatBps(m.minBps)} of what they earn.`
    : `Whoever derives works from ${it(m.work)} must ask you first.`),
  ...tell(MsgAcceptDerivation, (m) => `You agree that ${it(m.work)} derives from your ${it(m.parent)} as it is.`),
  ...replaced(MsgUpdateParams, "who gets what of a payment"),
};
