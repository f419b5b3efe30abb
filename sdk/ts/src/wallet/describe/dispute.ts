import { Choice } from "../../gen/streamchain/dispute/v1/dispute.js";
import { Kind } from "../../gen/streamchain/dispute/v1/params.js";
import { MsgAddEvidence, MsgAppeal, MsgClaimOwed, MsgCommitVote, MsgContestHold, MsgOpenDispute, MsgRespond, MsgRevealVote, MsgStakeJuror, MsgUnstakeJuror, MsgUpdateParams } from "../../gen/streamchain/dispute/v1/tx.js";
import { formatBps } from "../../core/amounts.js";
import { it, replaced, tell, type Tellers, ustr, who } from "./words.js";

const about: Partial<Record<Kind, string>> = {
  [Kind.KIND_INFRINGEMENT]: "copies another's work", [Kind.KIND_IMPERSONATION]: "passes for somebody else", [Kind.KIND_REFUND]: "should be paid back",
  [Kind.KIND_SPLIT]: "shares its income wrongly", [Kind.KIND_ILLEGAL_CONTENT]: "must not be shown by law", [Kind.KIND_PROVIDER_FAULT]: "failed as a storage node",
};

export const tellers: Tellers = {
  ...tell(MsgOpenDispute, (m) => ({
    text: `You claim that ${it(m.subject)} ${about[m.kind] ?? "is in dispute"}, and put up ${ustr(m.bond)}.${m.interim ? " You also ask to restrict it at once, for another bond." : ""}`,
    more: m.shares.map((s) => `${formatBps(s.bps)} to ${who(s.recipient)}`),
    warn: "You lose the bond if a jury dismisses the claim. What you write is public for ever.",
  })),
  ...tell(MsgRespond, (m) => ({ text: `You answer dispute ${m.dispute}, and put up as much as the claimant.`, warn: "You lose the bond if a jury upholds the claim." })),
  ...tell(MsgAddEvidence, (m) => `You add the document ${it(m.evidence)} to dispute ${m.dispute}, for everybody to see.`),
  ...tell(MsgContestHold, (m) => `Payment ${it(m.holdId)} waits for the ruling on dispute ${m.dispute}, and you add ${ustr(m.addBond)} to your bond.`),
  ...tell(MsgAppeal, (m) => ({ text: `You ask for a larger jury in dispute ${m.dispute}, and put up at most ${ustr(m.maxBond)}.`, warn: "The bond comes back only if the ruling changes." })),
  ...tell(MsgCommitVote, (m) => `You seal your vote in dispute ${m.dispute}, round ${m.round}. Nobody sees it until you show it: come back to do so, or you lose a part of your stake.`),
  ...tell(MsgRevealVote, (m) => `You show your vote in dispute ${m.dispute}, round ${m.round}: ${m.choice === Choice.CHOICE_UPHOLD ? "for the claimant" : "against the claim"}.`),
  ...tell(MsgStakeJuror, (m) => ({ text: `You put ${ustr(m.amount)} at stake as a juror: you can be drawn.`, warn: "A juror who does not vote, or votes against the others, loses a part of it." })),
  ...tell(MsgUnstakeJuror, (m) => `You take ${ustr(m.amount)} of your juror's stake back, after a wait.`),
  ...tell(MsgClaimOwed, () => "You collect bonds that returned, rewards, and stake whose wait is over."),
  ...replaced(MsgUpdateParams, "disputes"),
};
