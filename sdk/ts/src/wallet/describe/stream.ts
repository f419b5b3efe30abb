import { SessionKeyScope } from "../../gen/streamchain/stream/v1/key.js";
import { MsgCancelFlow, MsgCloseLane, MsgCreateFlow, MsgDeposit, MsgGrantSessionKey, MsgOpenLanes, MsgPauseFlow, MsgReportUse, MsgReRateFlow, MsgResumeFlow, MsgRevokeSessionKey, MsgSettle, MsgTip, MsgTopUpFlow, MsgUpdateParams, MsgWithdraw, MsgWithdrawFlow } from "../../gen/streamchain/stream/v1/tx.js";
import { amt, count, hex, it, quote, replaced, span, tell, type Tellers, when, who } from "./words.js";

const scope: Partial<Record<SessionKeyScope, string>> = {
  [SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT]: "pay what you watch by the second",
  [SessionKeyScope.SESSION_KEY_SCOPE_ACCESS]: "show nodes that you have access",
  [SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS]: "pay what you watch by the second, and show nodes that you have access",
};

export const tellers: Tellers = {
  ...tell(MsgGrantSessionKey, (m) => {
    const pays = m.scope !== SessionKeyScope.SESSION_KEY_SCOPE_ACCESS;
    const access = scope[m.scope];
    return {
      text: `A key of this device (${hex(m.pubkey)}) may ${access ?? "act for you"} until ${when(m.expires)}${pays ? `, for at most ${amt(m.limit)} in any 24 hours, out of your deposit` : ""}.`,
      warn: pays ? "It pays without asking you again, within this limit. Allow it only on a page that you came to yourself." : "It acts for you without asking again. Allow it only on a page that you came to yourself.",
    };
  }),
  ...tell(MsgRevokeSessionKey, (m) => `The key ${hex(m.pubkey)} may act for you no more. What it has signed before can still be settled.`),
  ...tell(MsgDeposit, (m) => `You put ${amt(m.amount)} into your deposit for watching by the second. It stays yours, and you can take back what is not reserved.`),
  ...tell(MsgWithdraw, (m) => ({ text: `You take ${amt(m.amount)} of your deposit back, to ${who(m.to, "this account")}.`, ...(m.to && m.to !== m.owner ? { warn: `The coins go to ${who(m.to)}, not to this account.` } : {}) })),
  ...tell(MsgOpenLanes, (m) => `As a storage node you reserve ${count(m.intents.length, "part")} of viewers' deposits, which they have signed.`),
  ...tell(MsgSettle, (m) => `You settle what was watched in ${count(m.settlements.length, "session")}.`),
  ...tell(MsgCloseLane, (m) => `As a storage node you close what ${who(m.owner)} has reserved for you.`),
  ...tell(MsgReportUse, (m) => `As a storage node you prove what was watched in ${count(m.items.length, "session")} that cost nothing by the second.`),
  ...tell(MsgTip, (m) => `You tip ${amt(m.amount)} to ${it(m.subject)}${m.memo ? `, with the words ${quote(m.memo)}, which everybody can read` : ""}.`),
  ...tell(MsgCreateFlow, (m) => ({
    text: `You pay ${who(m.recipient)} ${amt({ denom: m.deposit?.denom ?? "", amount: m.rateAmount })} every ${span(m.rateSeconds)}${m.startsAt ? ` from ${when(m.startsAt)} on` : ""}, out of ${amt(m.deposit)} that you set aside now.`,
    warn: "It goes on by itself until you end it or what you set aside is used up.",
  })),
  ...tell(MsgTopUpFlow, (m) => `You add ${amt(m.amount)} to what flow ${it(m.flow)} pays out of.`),
  ...tell(MsgPauseFlow, (m) => `Flow ${it(m.flow)} pauses.`),
  ...tell(MsgResumeFlow, (m) => `Flow ${it(m.flow)} goes on.`),
  ...tell(MsgReRateFlow, (m) => `Flow ${it(m.flow)} pays ${m.rateAmount} base units every ${span(m.rateSeconds)} from now on.`),
  ...tell(MsgCancelFlow, (m) => `You end flow ${it(m.flow)}. What has run goes to its recipient, the rest back to who pays.`),
  ...tell(MsgWithdrawFlow, (m) => ({ text: `You take what flow ${it(m.flow)} has paid you, to ${who(m.to, "this account")}.`, ...(m.to && m.to !== m.recipient ? { warn: `The coins go to ${who(m.to)}, not to this account.` } : {}) })),
  ...replaced(MsgUpdateParams, "watching by the second"),
};
