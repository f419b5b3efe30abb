import { GenericAuthorization } from "../../gen/cosmos/authz/v1beta1/authz.js";
import { MsgExec, MsgGrant, MsgRevoke } from "../../gen/cosmos/authz/v1beta1/tx.js";
import { MsgMultiSend, MsgSend, MsgSetSendEnabled, MsgUpdateParams as BankParams } from "../../gen/cosmos/bank/v1beta1/tx.js";
import { SendAuthorization } from "../../gen/cosmos/bank/v1beta1/authz.js";
import { MsgUpdateParams as ConsensusParams } from "../../gen/cosmos/consensus/v1/tx.js";
import { MsgCommunityPoolSpend, MsgDepositValidatorRewardsPool, MsgFundCommunityPool, MsgSetWithdrawAddress, MsgUpdateParams as DistributionParams, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission } from "../../gen/cosmos/distribution/v1beta1/tx.js";
import { AllowedMsgAllowance, BasicAllowance, PeriodicAllowance } from "../../gen/cosmos/feegrant/v1beta1/feegrant.js";
import { MsgGrantAllowance, MsgPruneAllowances, MsgRevokeAllowance } from "../../gen/cosmos/feegrant/v1beta1/tx.js";
import { VoteOption } from "../../gen/cosmos/gov/v1/gov.js";
import { MsgCancelProposal, MsgDeposit, MsgExecLegacyContent, MsgSubmitProposal, MsgUpdateParams as GovParams, MsgVote, MsgVoteWeighted } from "../../gen/cosmos/gov/v1/tx.js";
import { MsgUnjail, MsgUpdateParams as SlashingParams } from "../../gen/cosmos/slashing/v1beta1/tx.js";
import { MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgCreateValidator, MsgDelegate, MsgEditValidator, MsgRotateConsPubKey, MsgUndelegate, MsgUpdateParams as StakingParams } from "../../gen/cosmos/staking/v1beta1/tx.js";
import { StakeAuthorization } from "../../gen/cosmos/staking/v1beta1/authz.js";
import { MsgCancelUpgrade, MsgSoftwareUpgrade } from "../../gen/cosmos/upgrade/v1beta1/tx.js";
import { MsgCreatePeriodicVestingAccount, MsgCreatePermanentLockedAccount, MsgCreateVestingAccount } from "../../gen/cosmos/vesting/v1beta1/tx.js";
import type { Msg } from "../../core/msg.js";
import { amt, coins, count, decimalPercent, parameters, quote, replaced, tell, type Tellers, when, who } from "./words.js";

const vote: Partial<Record<VoteOption, string>> = {
  [VoteOption.VOTE_OPTION_YES]: "Yes", [VoteOption.VOTE_OPTION_NO]: "No", [VoteOption.VOTE_OPTION_ABSTAIN]: "Abstain", [VoteOption.VOTE_OPTION_NO_WITH_VETO]: "No with veto",
};

/** What an authorization lets another account do. */
function authorization(any: Msg | undefined): string {
  switch (any?.typeUrl) {
    case "/cosmos.authz.v1beta1.GenericAuthorization":
      return `send ${quote(GenericAuthorization.decode(any.value).msg)} in your name, without any limit`;
    case "/cosmos.bank.v1beta1.SendAuthorization": {
      const a = SendAuthorization.decode(any.value);
      return `send ${coins(a.spendLimit)} of yours${a.allowList.length ? ` to ${a.allowList.map((x) => who(x)).join(", ")}` : " to anybody"}`;
    }
    case "/cosmos.staking.v1beta1.StakeAuthorization": {
      const a = StakeAuthorization.decode(any.value);
      return `move ${a.maxTokens ? amt(a.maxTokens) : "all"} of your stake`;
    }
  }
  return `do something that this app does not know (${quote(any?.typeUrl ?? "nothing")})`;
}

/** What an allowance pays. */
function allowance(any: Msg | undefined): string {
  switch (any?.typeUrl) {
    case "/cosmos.feegrant.v1beta1.BasicAllowance": {
      const a = BasicAllowance.decode(any.value);
      return `${a.spendLimit.length ? `at most ${coins(a.spendLimit)}` : "without any limit"}${a.expiration ? ` until ${when(a.expiration)}` : ""}`;
    }
    case "/cosmos.feegrant.v1beta1.PeriodicAllowance": {
      const a = PeriodicAllowance.decode(any.value);
      return `at most ${coins(a.periodSpendLimit)} every ${a.period?.seconds ?? 0n} seconds`;
    }
    case "/cosmos.feegrant.v1beta1.AllowedMsgAllowance": {
      const a = AllowedMsgAllowance.decode(any.value);
      return `${allowance(a.allowance)}, for ${count(a.allowedMessages.length, "kind")} of messages`;
    }
  }
  return `in a way that this app does not know (${quote(any?.typeUrl ?? "nothing")})`;
}

const byValidator = "As a validator you ";

export const tellers: Tellers = {
  ...tell(MsgSend, (m) => `You send ${coins(m.amount)} to ${who(m.toAddress)}.`),
  ...tell(MsgMultiSend, (m) => ({ text: `You send ${m.inputs.map((i) => coins(i.coins)).join(" and ")}:`, more: m.outputs.map((o) => `${coins(o.coins)} to ${who(o.address)}`) })),
  ...tell(MsgSetSendEnabled, (m) => ({ text: "Which coins can be sent changes; only governance can do this:", more: m.sendEnabled.map((s) => `${s.denom}: ${s.enabled ? "can be sent" : "cannot be sent"}`) })),
  ...replaced(BankParams, "sending coins"),
  ...tell(MsgDelegate, (m) => ({ text: `You stake ${amt(m.amount)} with the validator ${who(m.validatorAddress)}.`, warn: "Taking it back needs weeks of waiting, and a part is lost if the validator misbehaves." })),
  ...tell(MsgUndelegate, (m) => `You take ${amt(m.amount)} of your stake back from the validator ${who(m.validatorAddress)}. It is free after a wait.`),
  ...tell(MsgBeginRedelegate, (m) => `You move ${amt(m.amount)} of your stake from the validator ${who(m.validatorSrcAddress)} to ${who(m.validatorDstAddress)}.`),
  ...tell(MsgCancelUnbondingDelegation, (m) => `You leave ${amt(m.amount)}, which you were taking back, with the validator ${who(m.validatorAddress)} after all.`),
  ...tell(MsgCreateValidator, (m) => `You become the validator ${quote(m.description?.moniker ?? "")} and stake ${amt(m.value)} with yourself.`),
  ...tell(MsgEditValidator, (m) => `${byValidator}change what you say of yourself${m.commissionRate ? `, and your commission to ${decimalPercent(m.commissionRate)}` : ""}.`),
  ...tell(MsgRotateConsPubKey, () => ({ text: `${byValidator}change the key that you sign blocks with.`, warn: "Whoever has the new key signs blocks for you." })),
  ...replaced(StakingParams, "staking"),
  ...tell(ConsensusParams, (m) => ({ text: "The network's rules of blocks are replaced; only governance can do this. The new ones:", more: parameters(m) })),
  ...tell(MsgUnjail, () => `${byValidator}come back after you were put out for missing blocks.`),
  ...replaced(SlashingParams, "validators' penalties"),
  ...tell(MsgSetWithdrawAddress, (m) => ({ text: `What your stake earns is paid to ${who(m.withdrawAddress)} from now on.`, ...(m.withdrawAddress !== m.delegatorAddress ? { danger: "All rewards of your stake go to another account." } : {}) })),
  ...tell(MsgWithdrawDelegatorReward, (m) => `You claim what your stake with the validator ${who(m.validatorAddress)} has earned.`),
  ...tell(MsgWithdrawValidatorCommission, () => `${byValidator}claim your commission.`),
  ...tell(MsgFundCommunityPool, (m) => `You give ${coins(m.amount)} to the community pool. They do not come back.`),
  ...tell(MsgCommunityPoolSpend, (m) => `${who(m.recipient)} gets ${coins(m.amount)} of the community pool; only governance can do this.`),
  ...tell(MsgDepositValidatorRewardsPool, (m) => `You give ${coins(m.amount)} to those who stake with the validator ${who(m.validatorAddress)}. They do not come back.`),
  ...replaced(DistributionParams, "staking rewards"),
  ...tell(MsgSubmitProposal, (m) => ({ text: `You propose ${quote(m.title, 140)} and put up ${coins(m.initialDeposit)}.${m.messages.length ? " It would do:" : ""}`, inner: m.messages, warn: "The deposit is lost if the proposal is vetoed." })),
  ...tell(MsgVote, (m) => `You vote ${vote[m.option] ?? "in a way that this app does not know"} on proposal ${m.proposalId}.`),
  ...tell(MsgVoteWeighted, (m) => ({ text: `You share your vote on proposal ${m.proposalId}:`, more: m.options.map((o) => `${vote[o.option] ?? "?"}: ${o.weight}`) })),
  ...tell(MsgDeposit, (m) => ({ text: `You put up ${coins(m.amount)} for proposal ${m.proposalId}.`, warn: "The deposit is lost if the proposal is vetoed." })),
  ...tell(MsgCancelProposal, (m) => `You withdraw your proposal ${m.proposalId}. A part of the deposits is lost.`),
  ...tell(MsgExecLegacyContent, () => "A proposal of an old kind is carried out; only governance can do this."),
  ...replaced(GovParams, "proposals"),
  ...tell(MsgGrantAllowance, (m) => ({ text: `You pay the network's fees of ${who(m.grantee)}, ${allowance(m.allowance)}.`, warn: "Fees that it makes come out of your account." })),
  ...tell(MsgRevokeAllowance, (m) => `You pay the network's fees of ${who(m.grantee)} no more.`),
  ...tell(MsgPruneAllowances, () => "Allowances that have ended are cleaned up."),
  ...tell(MsgGrant, (m) => ({
    text: `${who(m.grantee)} may ${authorization(m.grant?.authorization)}${m.grant?.expiration ? ` until ${when(m.grant.expiration)}` : ", until you take it back"}.`,
    danger: "Another account can act in your name. Sign this only if you asked for exactly that.",
  })),
  ...tell(MsgExec, (m) => ({ text: "You act in the name of others, who allowed it:", inner: m.msgs })),
  ...tell(MsgRevoke, (m) => `${who(m.grantee)} may send ${quote(m.msgTypeUrl)} in your name no more.`),
  ...tell(MsgSoftwareUpgrade, (m) => `The network stops at height ${m.plan?.height ?? 0n} for the upgrade ${quote(m.plan?.name ?? "")}; only governance can do this.`),
  ...tell(MsgCancelUpgrade, () => "The upgrade that is planned does not take place; only governance can do this."),
  ...tell(MsgCreateVestingAccount, (m) => `You give ${coins(m.amount)} to ${who(m.toAddress)}, locked until ${when(m.endTime)}.`),
  ...tell(MsgCreatePermanentLockedAccount, (m) => ({ text: `You give ${coins(m.amount)} to ${who(m.toAddress)}, locked for ever.`, warn: "Nobody can ever send them on." })),
  ...tell(MsgCreatePeriodicVestingAccount, (m) => `You give ${count(m.vestingPeriods.length, "part")} of coins to ${who(m.toAddress)}, unlocked one after the other from ${when(m.startTime)} on.`),
};
