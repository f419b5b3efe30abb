import type { Offer } from "../../gen/streamchain/subscription/v1/offer.js";
import { Tier } from "../../gen/streamchain/stream/v1/tier.js";
import { MsgCancelPass, MsgCreatePass, MsgJoinPass, MsgLeavePass, MsgSubscribePass, MsgUpdatePass } from "../../gen/streamchain/subscription/v1/pass.js";
import { MsgCancel, MsgCreatePlan, MsgPublishTemplate, MsgPurchase, MsgPurchaseByTemplate, MsgRefundByTemplate, MsgRemoveTemplate, MsgRent, MsgSetOffers, MsgSetRenewal, MsgSubscribe, MsgUpdateParams, MsgUpdatePlan } from "../../gen/streamchain/subscription/v1/tx.js";
import { formatBps } from "../../core/amounts.js";
import { amt, count, it, plan, quote, replaced, span, tell, type Tellers, to, ustr } from "./words.js";

const gift = (recipient: string): string => (recipient ? `, as a gift${to(recipient)}` : "");

/** So many renewals that nobody lives to see them end. */
const FOREVER = 0xffffffff;

function renewing(renewals: number, most: string): { warn: string } | undefined {
  if (!renewals) return undefined;
  return { warn: renewals === FOREVER ? `It renews itself for at most ${most} each time, until you end it.` : `It renews itself ${count(renewals, "time")} for at most ${most} each.` };
}

export function offerWords(o: Offer): string {
  if (o.free) return "free for everybody";
  if (o.purchase) return `for sale at ${amt(o.purchase.price)}`;
  if (o.metered) return `${ustr(o.metered.pricePerTick)} for every ${span(o.metered.tickSeconds)} watched${o.metered.previewSeconds ? `, the first ${span(o.metered.previewSeconds)} free` : ""}`;
  if (o.plan) return `in ${count(o.plan.planIds.length, "plan")}`;
  if (o.rental) return `for rent: ${span(o.rental.durationSeconds)} for ${amt(o.rental.price)}`;
  if (o.tier) return `free for who stakes for the tier ${(Tier[o.tier.tier] ?? "").replace("TIER_", "").toLowerCase()}`;
  if (o.token) return `free for who holds ${amt(o.token.minimum)}`;
  if (o.payWhatYouWant) return `for what the buyer wants to pay, at least ${amt(o.payWhatYouWant.minimum)}`;
  if (o.template) return `by the template ${it(o.template.terms?.template ?? "")}`;
  return "in a way that this app does not know";
}

export const tellers: Tellers = {
  ...tell(MsgSetOffers, (m) => ({ text: m.offers.length ? `From now on ${it(m.work)} is offered:` : `From now on ${it(m.work)} is not offered. What was bought stays.`, more: m.offers.map(offerWords) })),
  ...tell(MsgCreatePlan, (m) => `You open the plan ${quote(m.title)}: ${amt(m.price)} for ${span(m.periodSeconds)}, over ${m.works.length ? count(m.works.length, "work") : "all your works"}${m.trialSeconds ? `, with ${span(m.trialSeconds)} to try it` : ""}.`),
  ...tell(MsgUpdatePlan, (m) => `Your ${plan(m.plan)} is called ${quote(m.title)} and costs ${amt(m.price)} a period${m.closed ? "; it sells no more periods" : ""}.`),
  ...tell(MsgPurchase, (m) => `You buy ${it(m.work)} ${m.pay ? `for ${amt(m.pay)}, which you chose` : `for at most ${amt(m.maxPrice)}`}${gift(m.recipient)}. Access lasts.`),
  ...tell(MsgRent, (m) => `You rent ${it(m.work)} for ${span(m.durationSeconds)} from now, for at most ${amt(m.maxPrice)}${gift(m.recipient)}.`),
  ...tell(MsgSubscribe, (m) => ({ text: `You buy ${count(m.periods, "period")} of ${plan(m.plan)} for at most ${amt(m.maxPrice)} each${gift(m.recipient)}.`, ...renewing(m.renewals, amt(m.maxPrice)) })),
  ...tell(MsgSetRenewal, (m) => m.renewals
    ? { text: `You let ${plan(m.plan)} renew itself.`, ...renewing(m.renewals, amt(m.maxPrice)) }
    : `Nothing more is charged for ${plan(m.plan)}. What is paid runs to its end.`),
  ...tell(MsgCancel, (m) => `You end your subscription of ${plan(m.plan)} now. What is unused comes back.`),
  ...tell(MsgPublishTemplate, (m) => ({
    text: `You publish the monetization template ${quote(m.title)}, of whose payments you get ${formatBps(m.royaltyBps)}. A deposit is held for it.`,
    more: [`Access: ${quote(m.access, 200)}`, `Price: ${quote(m.price, 200)}`, `Refund: ${quote(m.refund, 200)}`],
    warn: "Once somebody has used it, it stays as it is for ever.",
  })),
  ...tell(MsgRemoveTemplate, (m) => `You take the template ${it(m.template)} back, and its deposit.`),
  ...tell(MsgPurchaseByTemplate, (m) => `You buy ${it(m.work)} at the price that its template asks of you now, by version ${m.offersVersion} of its offers: at most ${amt(m.maxPrice)}${m.pay ? `, of which you choose ${amt(m.pay)}` : ""}${gift(m.recipient)}.`),
  ...tell(MsgRefundByTemplate, (m) => `You ask for your last purchase of ${it(m.work)} back, as far as its template allows${m.recipient ? ` (it was a gift${to(m.recipient)})` : ""}.`),
  ...tell(MsgCreatePass, (m) => `You make the pass ${quote(m.title)}: ${amt(m.price)} for ${span(m.periodSeconds)}, over ${count(m.creators.length, "creator")}, who have to accept.`),
  ...tell(MsgUpdatePass, (m) => `Your pass ${it(m.pass)} is called ${quote(m.title)} and costs ${amt(m.price)} a period${m.add.length ? `; ${count(m.add.length, "creator")} more are listed` : ""}${m.remove.length ? `; ${count(m.remove.length, "creator")} go` : ""}${m.closed ? "; it sells no more periods" : ""}.`),
  ...tell(MsgJoinPass, (m) => `You accept that the pass ${it(m.pass)} sells all your works; you are paid by what its subscribers watch of them.`),
  ...tell(MsgLeavePass, (m) => `You leave the pass ${it(m.pass)}. Periods that have begun cover you to their end.`),
  ...tell(MsgSubscribePass, (m) => ({ text: `You buy ${count(m.periods, "period")} of the pass ${it(m.pass)} for at most ${amt(m.maxPrice)} each${gift(m.recipient)}. The fee goes only to what ${m.recipient ? "is watched with it" : "you watch"}.`, ...renewing(m.renewals, amt(m.maxPrice)) })),
  ...tell(MsgCancelPass, (m) => `You end the pass ${it(m.pass)}: nothing more is charged, periods that have not begun go back to who paid them, and the running one goes on to its end.`),
  ...replaced(MsgUpdateParams, "offers and plans"),
};
