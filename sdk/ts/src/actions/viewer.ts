import { type Amount, parseAmount, ustream } from "../core/amounts.js";
import { InvalidError } from "../core/errors.js";
import { msg } from "../core/msg.js";
import { MsgRefund, MsgRefundResponse, MsgClaimRebate, MsgClaimRebateResponse } from "../gen/streamchain/revenue/v1/tx.js";
import { SessionKeyScope } from "../gen/streamchain/stream/v1/key.js";
import { MsgDeposit, MsgDepositResponse, MsgGrantSessionKey, MsgGrantSessionKeyResponse, MsgRevokeSessionKey, MsgRevokeSessionKeyResponse, MsgTip, MsgTipResponse, MsgWithdraw, MsgWithdrawResponse } from "../gen/streamchain/stream/v1/tx.js";
import { MsgCancelPass, MsgCancelPassResponse, MsgSubscribePass, MsgSubscribePassResponse } from "../gen/streamchain/subscription/v1/pass.js";
import { MsgCancel, MsgCancelResponse, MsgPurchase, MsgPurchaseByTemplate, MsgPurchaseByTemplateResponse, MsgPurchaseResponse, MsgRefundByTemplate, MsgRefundByTemplateResponse, MsgRent, MsgRentResponse, MsgSetRenewal, MsgSetRenewalResponse, MsgSubscribe, MsgSubscribeResponse } from "../gen/streamchain/subscription/v1/tx.js";
import { Action } from "./action.js";

/** So many renewals that nobody lives to see them end: until it is cancelled. */
export const UNTIL_CANCELLED = 0xffffffff;

/** Buys a work or a collection for good. With `pay` it costs what the buyer chooses, where that is offered; with `recipient` it is a gift. */
export const buy = (buyer: string, p: { work: string; maxPrice?: Amount; pay?: Amount; recipient?: string }): Action<MsgPurchaseResponse> => {
  const most = p.maxPrice ?? p.pay;
  if (most === undefined) throw new InvalidError("maxPrice", "say the most that you pay: a price can change while you look at it");
  return new Action([msg(MsgPurchase, { buyer, work: p.work, maxPrice: parseAmount(most), recipient: p.recipient ?? "", ...(p.pay === undefined ? {} : { pay: parseAmount(p.pay) }) })], MsgPurchaseResponse);
};

/** Rents a work or a collection from now on, for one of the lengths that are offered. */
export const rent = (renter: string, p: { work: string; seconds: number | bigint; maxPrice: Amount; recipient?: string }): Action<MsgRentResponse> =>
  new Action([msg(MsgRent, { renter, work: p.work, durationSeconds: p.seconds, maxPrice: parseAmount(p.maxPrice), recipient: p.recipient ?? "" })], MsgRentResponse);

/** Buys what a template sells to the recipient now, at the price that it asks now. `offersVersion` is that of the offers (`query.subscription.offers`) which the buyer has seen: with any other nothing is bought. */
export const buyByTemplate = (buyer: string, p: { work: string; offersVersion: bigint; maxPrice: Amount; pay?: Amount; recipient?: string; referrer?: string }): Action<MsgPurchaseByTemplateResponse> =>
  new Action([msg(MsgPurchaseByTemplate, {
    buyer, work: p.work, offersVersion: p.offersVersion, maxPrice: parseAmount(p.maxPrice), recipient: p.recipient ?? "", referrer: p.referrer ?? "", ...(p.pay === undefined ? {} : { pay: parseAmount(p.pay) }),
  })], MsgPurchaseByTemplateResponse);

/** Asks for the last purchase by a template back, as far as the template allows. */
export const refundByTemplate = (buyer: string, p: { work: string; recipient?: string }): Action<MsgRefundByTemplateResponse> =>
  new Action([msg(MsgRefundByTemplate, { buyer, work: p.work, recipient: p.recipient ?? "" })], MsgRefundByTemplateResponse);

/** Buys periods of a plan. `renewals` is how many more may be charged, each when the last one has ended: UNTIL_CANCELLED, or a number. */
export const subscribe = (subscriber: string, p: { plan: string; maxPrice: Amount; periods?: number; renewals?: number; recipient?: string }): Action<MsgSubscribeResponse> =>
  new Action([msg(MsgSubscribe, { subscriber, plan: p.plan, maxPrice: parseAmount(p.maxPrice), periods: p.periods ?? 1, renewals: p.renewals ?? 0, recipient: p.recipient ?? "" })], MsgSubscribeResponse);

/** Changes what renews a subscription, or ends it with `renewals: 0`. What is paid runs to its end. */
export const setRenewal = (payer: string, p: { plan: string; renewals: number; maxPrice?: Amount; viewer?: string }): Action<MsgSetRenewalResponse> =>
  new Action([msg(MsgSetRenewal, { payer, plan: p.plan, viewer: p.viewer ?? "", renewals: p.renewals, maxPrice: p.maxPrice === undefined ? ustream(0n) : parseAmount(p.maxPrice) })], MsgSetRenewalResponse);

/** Ends a subscription now; what is unused comes back. */
export const cancel = (viewer: string, p: { plan: string }): Action<MsgCancelResponse> => new Action([msg(MsgCancel, { viewer, plan: p.plan })], MsgCancelResponse);

/** Buys periods of a pass over many creators; with `recipient` it is a gift, which is not renewed. */
export const subscribePass = (subscriber: string, p: { pass: string; maxPrice: Amount; periods?: number; renewals?: number; recipient?: string }): Action<MsgSubscribePassResponse> =>
  new Action([msg(MsgSubscribePass, { subscriber, pass: p.pass, maxPrice: parseAmount(p.maxPrice), periods: p.periods ?? 1, renewals: p.renewals ?? 0, recipient: p.recipient ?? "" })], MsgSubscribePassResponse);

/** Ends a pass: nothing more is charged, and periods that have not begun go back to who paid them. */
export const cancelPass = (viewer: string, p: { pass: string }): Action<MsgCancelPassResponse> => new Action([msg(MsgCancelPass, { viewer, pass: p.pass })], MsgCancelPassResponse);

/** Gives a payment that still waits back to who paid, whole: for the paid creator's controller. */
export const refund = (controller: string, p: { holdId: string }): Action<MsgRefundResponse> => new Action([msg(MsgRefund, { controller, holdId: p.holdId })], MsgRefundResponse);

/** Tips a work's creator, or a creator. The words are public for good. */
export const tip = (payer: string, p: { subject: string; amount: Amount; memo?: string }): Action<MsgTipResponse> =>
  new Action([msg(MsgTip, { payer, subject: p.subject, amount: parseAmount(p.amount), memo: p.memo ?? "" })], MsgTipResponse);

/** Puts coins into the deposit out of which watching by the second is paid. */
export const deposit = (owner: string, p: { amount: Amount }): Action<MsgDepositResponse> => new Action([msg(MsgDeposit, { owner, amount: parseAmount(p.amount) })], MsgDepositResponse);

/** Takes back of the deposit what no node has reserved. */
export const withdraw = (owner: string, p: { amount: Amount; to?: string }): Action<MsgWithdrawResponse> =>
  new Action([msg(MsgWithdraw, { owner, amount: parseAmount(p.amount), to: p.to ?? "" })], MsgWithdrawResponse);

export type SessionScope = "payment" | "access" | "payment-and-access";
const scopes = {
  payment: SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT, access: SessionKeyScope.SESSION_KEY_SCOPE_ACCESS, "payment-and-access": SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
};

/** Lets an ed25519 key sign for the owner until a time of the chain, for at most `limit` in 24 hours. */
export const grantSessionKey = (owner: string, p: { pubkey: Uint8Array; limit: Amount; expires: number | bigint; scope?: SessionScope }): Action<MsgGrantSessionKeyResponse> =>
  new Action([msg(MsgGrantSessionKey, { owner, pubkey: p.pubkey, limit: parseAmount(p.limit), expires: p.expires, scope: scopes[p.scope ?? "payment-and-access"] })], MsgGrantSessionKeyResponse);

/** Stops a session key from signing anything new. */
export const revokeSessionKey = (owner: string, p: { pubkey: Uint8Array }): Action<MsgRevokeSessionKeyResponse> => new Action([msg(MsgRevokeSessionKey, { owner, pubkey: p.pubkey })], MsgRevokeSessionKeyResponse);

/** Claims what the network gives back of the signer's spending in the last closed period. */
export const claimRebate = (viewer: string): Action<MsgClaimRebateResponse> => new Action([msg(MsgClaimRebate, { viewer })], MsgClaimRebateResponse);
