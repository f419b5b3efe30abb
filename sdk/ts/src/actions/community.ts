import { type Amount, parseAmount } from "../core/amounts.js";
import { InvalidError } from "../core/errors.js";
import { creatorId, moduleAddress } from "../core/ids.js";
import { msg, type Msg } from "../core/msg.js";
import { MsgSend, MsgSendResponse } from "../gen/cosmos/bank/v1beta1/tx.js";
import { MsgWithdrawDelegatorReward, MsgWithdrawDelegatorRewardResponse } from "../gen/cosmos/distribution/v1beta1/tx.js";
import { VoteOption } from "../gen/cosmos/gov/v1/gov.js";
import { MsgDeposit, MsgDepositResponse, MsgSubmitProposal, MsgSubmitProposalResponse, MsgVote, MsgVoteResponse } from "../gen/cosmos/gov/v1/tx.js";
import { MsgBeginRedelegate, MsgBeginRedelegateResponse, MsgCancelUnbondingDelegation, MsgCancelUnbondingDelegationResponse, MsgDelegate, MsgDelegateResponse, MsgUndelegate, MsgUndelegateResponse } from "../gen/cosmos/staking/v1beta1/tx.js";
import { MsgTakeSeat, MsgTakeSeatResponse } from "../gen/streamchain/governance/v1/house.js";
import { Track } from "../gen/streamchain/governance/v1/track.js";
import { MsgDelegateVote, MsgDelegateVoteResponse, MsgEnact, MsgPause, MsgPauseResponse, MsgResume, MsgResumeResponse, MsgUndelegateVote, MsgUndelegateVoteResponse } from "../gen/streamchain/governance/v1/tx.js";
import { MsgCancelFlow, MsgCancelFlowResponse, MsgCreateFlow, MsgCreateFlowResponse, MsgPauseFlow, MsgPauseFlowResponse, MsgReRateFlow, MsgReRateFlowResponse, MsgResumeFlow, MsgResumeFlowResponse, MsgTopUpFlow, MsgTopUpFlowResponse, MsgWithdrawFlow, MsgWithdrawFlowResponse } from "../gen/streamchain/stream/v1/tx.js";
import { Action } from "./action.js";

/** Sends coins. */
export const send = (from: string, p: { to: string; amount: Amount }): Action<MsgSendResponse> => new Action([msg(MsgSend, { fromAddress: from, toAddress: p.to, amount: [parseAmount(p.amount)] })], MsgSendResponse);

export type VoteWord = "yes" | "no" | "abstain" | "veto";
const votes: Record<VoteWord, VoteOption> = {
  yes: VoteOption.VOTE_OPTION_YES, no: VoteOption.VOTE_OPTION_NO, abstain: VoteOption.VOTE_OPTION_ABSTAIN, veto: VoteOption.VOTE_OPTION_NO_WITH_VETO,
};

/** Votes on a proposal, or changes the vote. */
export const vote = (voter: string, p: { proposal: number | bigint; option: VoteWord }): Action<MsgVoteResponse> => new Action([msg(MsgVote, { voter, proposalId: p.proposal, option: votes[p.option] })], MsgVoteResponse);

/** Puts coins up for a proposal. */
export const depositOn = (depositor: string, p: { proposal: number | bigint; amount: Amount }): Action<MsgDepositResponse> => new Action([msg(MsgDeposit, { depositor, proposalId: p.proposal, amount: [parseAmount(p.amount)] })], MsgDepositResponse);

/**
 * Submits a proposal. Its messages, whose authority is `moduleAddress("governance")`, go through the timelock (MsgEnact); a proposal without messages asks
 * for an opinion, and x/gov wants it to have metadata: its title, unless told. Messages of x/upgrade have x/gov's account as authority and go `direct`.
 */
export const propose = (proposer: string, p: { title: string; summary: string; messages: Msg[]; deposit: Amount; direct?: boolean; expedited?: boolean; metadata?: string }): Action<MsgSubmitProposalResponse> => {
  const messages = p.direct || p.messages.length === 0 ? p.messages : [msg(MsgEnact, { authority: moduleAddress("gov"), messages: p.messages as { typeUrl: string; value: Uint8Array }[] })];
  return new Action([msg(MsgSubmitProposal, { proposer, title: p.title, summary: p.summary, metadata: p.metadata ?? (messages.length ? "" : p.title), expedited: p.expedited ?? false, messages, initialDeposit: [parseAmount(p.deposit)] })], MsgSubmitProposalResponse);
};

/** What proposals are about; `all` is every track that is lent to nobody else. */
export type TrackWord = "all" | "upgrade" | "fees-and-court" | "content-policy" | "parameters" | "treasury" | "safety";
const tracks: Record<TrackWord, Track> = {
  all: Track.TRACK_UNSPECIFIED, upgrade: Track.TRACK_UPGRADE, "fees-and-court": Track.TRACK_FEES_AND_COURT, "content-policy": Track.TRACK_CONTENT_POLICY, parameters: Track.TRACK_PARAMETERS,
  treasury: Track.TRACK_TREASURY, safety: Track.TRACK_SAFETY,
};

/** Lends the signer's vote on a topic. Voting oneself counts instead. */
export const delegateVote = (delegator: string, p: { delegate: string; track?: TrackWord }): Action<MsgDelegateVoteResponse> => new Action([msg(MsgDelegateVote, { delegator, delegate: p.delegate, track: tracks[p.track ?? "all"] })], MsgDelegateVoteResponse);
/** Takes a lent vote back, or refuses one that was lent to the signer (`delegator`). */
export const undelegateVote = (signer: string, p: { track?: TrackWord; delegator?: string } = {}): Action<MsgUndelegateVoteResponse> => new Action([msg(MsgUndelegateVote, { signer, delegator: p.delegator ?? signer, track: tracks[p.track ?? "all"] })], MsgUndelegateVoteResponse);

/** Takes a seat in the creators' house, or renews it. */
export const takeSeat = (controller: string, p: { creator?: string } = {}): Action<MsgTakeSeatResponse> => new Action([msg(MsgTakeSeat, { controller, creator: p.creator ?? creatorId(controller) })], MsgTakeSeatResponse);

/** Votes, as a member of the council, for pausing one type of message. */
export const pause = (member: string, p: { typeUrl: string; seconds: number | bigint; reason: string }): Action<MsgPauseResponse> => new Action([msg(MsgPause, { member, typeUrl: p.typeUrl, seconds: p.seconds, reason: p.reason })], MsgPauseResponse);
export const resume = (signer: string, p: { typeUrl: string }): Action<MsgResumeResponse> => new Action([msg(MsgResume, { signer, typeUrl: p.typeUrl })], MsgResumeResponse);

/** Stakes with a validator. */
export const stake = (delegator: string, p: { validator: string; amount: Amount }): Action<MsgDelegateResponse> => new Action([msg(MsgDelegate, { delegatorAddress: delegator, validatorAddress: p.validator, amount: parseAmount(p.amount) })], MsgDelegateResponse);
/** Takes stake back; it is free after a wait. */
export const unstake = (delegator: string, p: { validator: string; amount: Amount }): Action<MsgUndelegateResponse> => new Action([msg(MsgUndelegate, { delegatorAddress: delegator, validatorAddress: p.validator, amount: parseAmount(p.amount) })], MsgUndelegateResponse);
/** Moves stake to another validator. */
export const restake = (delegator: string, p: { from: string; to: string; amount: Amount }): Action<MsgBeginRedelegateResponse> => new Action([msg(MsgBeginRedelegate, { delegatorAddress: delegator, validatorSrcAddress: p.from, validatorDstAddress: p.to, amount: parseAmount(p.amount) })], MsgBeginRedelegateResponse);
/** Leaves stake that was being taken back (since block `height`) with the validator after all. */
export const cancelUnstake = (delegator: string, p: { validator: string; amount: Amount; height: number | bigint }): Action<MsgCancelUnbondingDelegationResponse> => new Action([msg(MsgCancelUnbondingDelegation, { delegatorAddress: delegator, validatorAddress: p.validator, amount: parseAmount(p.amount), creationHeight: p.height })], MsgCancelUnbondingDelegationResponse);

/** Claims what stake with validators has earned. */
export const claimStakingRewards = (delegator: string, p: { validators: string[] }): Action<MsgWithdrawDelegatorRewardResponse> => {
  if (!p.validators.length) throw new InvalidError("validators", "name the validators with which you stake");
  return new Action(p.validators.map((validatorAddress) => msg(MsgWithdrawDelegatorReward, { delegatorAddress: delegator, validatorAddress })), MsgWithdrawDelegatorRewardResponse);
};

/** Pays an account out of a deposit: `amount` base units in every `seconds`. */
export const createFlow = (sender: string, p: { recipient: string; deposit: Amount; amount: bigint | string; seconds: number | bigint; startsAt?: number | bigint }): Action<MsgCreateFlowResponse> =>
  new Action([msg(MsgCreateFlow, { sender, recipient: p.recipient, deposit: parseAmount(p.deposit), rateAmount: BigInt(p.amount).toString(), rateSeconds: p.seconds, startsAt: p.startsAt ?? 0 })], MsgCreateFlowResponse);
export const topUpFlow = (payer: string, p: { flow: string; amount: Amount }): Action<MsgTopUpFlowResponse> => new Action([msg(MsgTopUpFlow, { payer, flow: p.flow, amount: parseAmount(p.amount) })], MsgTopUpFlowResponse);
export const pauseFlow = (sender: string, p: { flow: string }): Action<MsgPauseFlowResponse> => new Action([msg(MsgPauseFlow, { sender, flow: p.flow })], MsgPauseFlowResponse);
export const resumeFlow = (sender: string, p: { flow: string }): Action<MsgResumeFlowResponse> => new Action([msg(MsgResumeFlow, { sender, flow: p.flow })], MsgResumeFlowResponse);
export const reRateFlow = (sender: string, p: { flow: string; amount: bigint | string; seconds: number | bigint }): Action<MsgReRateFlowResponse> => new Action([msg(MsgReRateFlow, { sender, flow: p.flow, rateAmount: BigInt(p.amount).toString(), rateSeconds: p.seconds })], MsgReRateFlowResponse);
export const cancelFlow = (signer: string, p: { flow: string }): Action<MsgCancelFlowResponse> => new Action([msg(MsgCancelFlow, { signer, flow: p.flow })], MsgCancelFlowResponse);
export const withdrawFlow = (recipient: string, p: { flow: string; to?: string }): Action<MsgWithdrawFlowResponse> => new Action([msg(MsgWithdrawFlow, { recipient, flow: p.flow, to: p.to ?? "" })], MsgWithdrawFlowResponse);
