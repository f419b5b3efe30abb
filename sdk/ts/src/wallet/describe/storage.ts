import { MsgAcceptDeal, MsgAcceptShare, MsgAddBond, MsgClaimStorage, MsgDealKeys, MsgDrawKeySet, MsgEndDeal, MsgFundServing, MsgFundWork, MsgLeave, MsgOfferKeys, MsgProve, MsgRefuseWork, MsgRegisterProvider, MsgRepairWork, MsgReportLoss, MsgRequestDeals, MsgReshare, MsgSetBeacon, MsgUpdateParams, MsgUpdateProvider, MsgWithdrawBond } from "../../gen/streamchain/storage/v1/tx.js";
import { amt, count, it, quote, replaced, size, tell, type Tellers, ustr, who } from "./words.js";

export const tellers: Tellers = {
  ...tell(MsgRegisterProvider, (m) => ({ text: `You offer ${size(m.capacityBytes)} as a storage node at ${quote(m.endpoints[0] ?? "")}, for ${ustr(m.pricePerGibDay)} a GiB and day, and lock ${ustr(m.bond)}.`, warn: "A node that loses what it promised to keep loses a part of the bond." })),
  ...tell(MsgUpdateProvider, (m) => ({ text: `Your storage node offers ${size(m.capacityBytes)} at ${quote(m.endpoints[0] ?? "")}, for ${ustr(m.pricePerGibDay)} a GiB and day.`, ...(m.agent ? { warn: `${who(m.agent)} acts for it.` } : {}) })),
  ...tell(MsgAddBond, (m) => `You add ${ustr(m.amount)} to your storage node's bond.`),
  ...tell(MsgLeave, () => ({ text: "Your storage node takes no more works; its bond is free after a wait.", warn: "This cannot be taken back." })),
  ...tell(MsgWithdrawBond, () => "You take your storage node's whole bond back."),
  ...tell(MsgRequestDeals, (m) => ({ text: `You ask ${count(m.providers.length, "storage node")} to keep ${it(m.work)}, for at most ${ustr(m.maxPricePerGibDay)} a GiB and day, and pay ${amt(m.prepayment)} ahead.`, warn: "What is paid ahead does not come back." })),
  ...tell(MsgFundWork, (m) => `You pay ${amt(m.amount)} for keeping ${it(m.work)}. It does not come back.`),
  ...tell(MsgFundServing, (m) => `You pay ${amt(m.amount)} for serving ${it(m.work)} to those who do not pay by the second. It does not come back.`),
  ...tell(MsgAcceptDeal, (m) => `Your storage node promises to keep ${it(m.work)}, of which it has a copy.`),
  ...tell(MsgEndDeal, (m) => `The promise of ${who(m.operator)} to keep ${it(m.work)} ends.`),
  ...tell(MsgClaimStorage, (m) => ({ text: `You claim what your storage node has earned, paid to ${who(m.to, "this account")}.`, ...(m.to && m.to !== m.operator ? { warn: `The coins go to ${who(m.to)}, not to this account.` } : {}) })),
  ...tell(MsgSetBeacon, () => "Your storage node fixes the secret numbers that it will show with its proofs."),
  ...tell(MsgProve, (m) => `Your storage node proves that it keeps what it promised, in period ${m.period}.`),
  ...tell(MsgReportLoss, (m) => `Your storage node has lost ${count(m.works.length, "work")} and says so.`),
  ...tell(MsgRefuseWork, (m) => `Your storage node refuses ${it(m.work)}, which the list ${quote(m.denylist)} names.`),
  ...tell(MsgRepairWork, (m) => `Your storage node takes over the copy of ${it(m.work)} that ${who(m.operator)} had.`),
  ...tell(MsgOfferKeys, (m) => (m.sealKey.length ? "Your storage node can be drawn to hold keys of encrypted works." : "Your storage node is drawn no more to hold keys of encrypted works.")),
  ...tell(MsgDrawKeySet, (m) => `Storage nodes are drawn to hold the keys of ${it(m.work)}.`),
  ...tell(MsgDealKeys, (m) => `You hand the keys of ${it(m.root)} out in ${count(m.sealed.length, "sealed part")}, none of which opens it alone.`),
  ...tell(MsgReshare, (m) => `Your storage node hands its part of the keys of ${it(m.root)} over to those who were drawn next.`),
  ...tell(MsgAcceptShare, (m) => `Your storage node has checked its part of the keys of ${it(m.root)}.`),
  ...replaced(MsgUpdateParams, "storage"),
};
