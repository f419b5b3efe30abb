import type { Queries } from "../chain/queries.js";
import { type Coin, formatAmount } from "../core/amounts.js";
import { AccessBy, type AccessDecision, type OfferCost, OfferKind } from "../gen/streamchain/subscription/v1/access.js";

export { AccessBy, type AccessDecision, type OfferCost, OfferKind };

/** The chain's decision whether a viewer may have a work's bytes, and how to get them if not. `work` is the CID of any version. */
export async function access(chain: { readonly query: Queries }, viewer: string, work: string): Promise<AccessDecision> {
  const { decision } = await chain.query.subscription.access({ viewer, work });
  // the chain always decides; an answer without a decision is none that grants
  return decision ?? { granted: false, by: AccessBy.ACCESS_BY_UNSPECIFIED, until: 0n, reason: "payment-required", work, offers: [], metered: undefined, offersVersion: 0n, collection: "", plan: "", pass: "" };
}

const reasons: Readonly<Record<string, string>> = {
  creator: "It is your own work.",
  free: "It is free.",
  purchased: "You bought it.",
  tier: "You stake enough for it.",
  token: "You hold what opens it.",
  subscribed: "You subscribe to a plan that it is in.",
  rented: "You have rented it.",
  pass: "You subscribe to a pass that it is in.",
  template: "Its creator's terms open it to you.",
  "payment-required": "It has to be paid for.",
  "not-offered": "Its creator does not offer it.",
  "work-retired": "Its creator has withdrawn it.",
  "work-restricted": "A ruling has restricted it.",
};

/** A decision's reason for people, in English; other languages have their own by `reason`. */
export const reasonText = (decision: Pick<AccessDecision, "reason">): string => reasons[decision.reason] ?? decision.reason;

/** The ways to buy access by one payment now, cheapest first: buying, renting, a period of a plan or pass. */
export function payable(decision: AccessDecision): OfferCost[] {
  const kinds = [OfferKind.OFFER_KIND_PURCHASE, OfferKind.OFFER_KIND_RENTAL, OfferKind.OFFER_KIND_PLAN, OfferKind.OFFER_KIND_PASS, OfferKind.OFFER_KIND_PAY_WHAT_YOU_WANT, OfferKind.OFFER_KIND_TEMPLATE];
  const of = (o: OfferCost): bigint => BigInt(o.price?.amount || 0);
  return decision.offers.filter((o) => kinds.includes(o.kind)).sort((a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0));
}

/** What an offer costs, in words. */
export function priceText(o: Pick<OfferCost, "price" | "seconds">): string {
  const price = o.price as Coin | undefined;
  const amount = !price || price.amount === "0" ? "free" : formatAmount(price);
  return o.seconds > 0n ? `${amount} for ${lengthText(o.seconds)}` : amount;
}

function lengthText(seconds: bigint): string {
  for (const [unit, name] of [[86_400n, "day"], [3_600n, "hour"], [60n, "minute"]] as const) {
    if (seconds % unit === 0n) return seconds === unit ? `a${name === "hour" ? "n" : ""} ${name}` : `${seconds / unit} ${name}s`;
  }
  return seconds === 1n ? "a second" : `${seconds} seconds`;
}
