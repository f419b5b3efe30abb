import { sha256 } from "@noble/hashes/sha2.js";
import { type Amount, parseAmount } from "../core/amounts.js";
import { InvalidError, StreamError } from "../core/errors.js";
import { addressBytes } from "../core/ids.js";
import { msg } from "../core/msg.js";
import { Choice } from "../gen/streamchain/dispute/v1/dispute.js";
import { Kind } from "../gen/streamchain/dispute/v1/params.js";
import { MsgAddEvidence, MsgAddEvidenceResponse, MsgAppeal, MsgAppealResponse, MsgClaimOwed, MsgClaimOwedResponse, MsgCommitVote, MsgCommitVoteResponse, MsgContestHold, MsgContestHoldResponse, MsgOpenDispute, MsgOpenDisputeResponse, MsgRespond, MsgRespondResponse, MsgRevealVote, MsgRevealVoteResponse, MsgStakeJuror, MsgStakeJurorResponse, MsgUnstakeJuror, MsgUnstakeJurorResponse } from "../gen/streamchain/dispute/v1/tx.js";
import type { Wallet } from "../wallet/wallet.js";
import { Action } from "./action.js";
import type { Share } from "./creator.js";

export type DisputeWord = "infringement" | "impersonation" | "refund" | "split" | "illegal-content" | "provider-fault";
const kinds: Record<DisputeWord, Kind> = {
  infringement: Kind.KIND_INFRINGEMENT, impersonation: Kind.KIND_IMPERSONATION, refund: Kind.KIND_REFUND, split: Kind.KIND_SPLIT, "illegal-content": Kind.KIND_ILLEGAL_CONTENT,
  "provider-fault": Kind.KIND_PROVIDER_FAULT,
};

/** ustream, where the chain takes nothing else. */
function ustreamOf(amount: Amount): string {
  const { denom, amount: n } = parseAmount(amount);
  if (denom !== "ustream") throw new InvalidError("amount", "this is paid in STREAM only");
  return n;
}

/** Makes a claim about a work, a creator, a payment or a storage node, and puts up the bond. `evidence` is the CID of a document. */
export const openDispute = (claimant: string, p: { kind: DisputeWord; subject: string; evidence: string; bond: Amount; interim?: boolean; amount?: bigint | string; shares?: Share[] }): Action<MsgOpenDisputeResponse> =>
  new Action([msg(MsgOpenDispute, {
    claimant, kind: kinds[p.kind], subject: p.subject, evidence: p.evidence, bond: ustreamOf(p.bond), interim: p.interim ?? false, amount: BigInt(p.amount ?? 0).toString(), shares: p.shares ?? [],
  })], MsgOpenDisputeResponse);

/** Answers a claim, and puts up as much as the claimant. */
export const respond = (responder: string, p: { dispute: number | bigint; evidence: string }): Action<MsgRespondResponse> => new Action([msg(MsgRespond, { responder, ...p })], MsgRespondResponse);
export const addEvidence = (party: string, p: { dispute: number | bigint; evidence: string }): Action<MsgAddEvidenceResponse> => new Action([msg(MsgAddEvidence, { party, ...p })], MsgAddEvidenceResponse);

/** Lets another held payment wait for the ruling. `addBond` keeps the bond at a tenth of all that is contested. */
export const contestHold = (claimant: string, p: { dispute: number | bigint; holdId: string; amount?: bigint | string; addBond?: Amount }): Action<MsgContestHoldResponse> =>
  new Action([msg(MsgContestHold, { claimant, dispute: p.dispute, holdId: p.holdId, amount: BigInt(p.amount ?? 0).toString(), addBond: ustreamOf(p.addBond ?? 0n) })], MsgContestHoldResponse);

/** Asks for a larger jury. */
export const appeal = (appellant: string, p: { dispute: number | bigint; evidence: string; maxBond: Amount }): Action<MsgAppealResponse> =>
  new Action([msg(MsgAppeal, { appellant, dispute: p.dispute, evidence: p.evidence, maxBond: ustreamOf(p.maxBond) })], MsgAppealResponse);

export const stakeJuror = (juror: string, p: { amount: Amount }): Action<MsgStakeJurorResponse> => new Action([msg(MsgStakeJuror, { juror, amount: ustreamOf(p.amount) })], MsgStakeJurorResponse);
export const unstakeJuror = (juror: string, p: { amount: Amount }): Action<MsgUnstakeJurorResponse> => new Action([msg(MsgUnstakeJuror, { juror, amount: ustreamOf(p.amount) })], MsgUnstakeJurorResponse);
/** Collects bonds that returned, rewards, and stake whose wait is over. */
export const claimOwed = (account: string): Action<MsgClaimOwedResponse> => new Action([msg(MsgClaimOwed, { account })], MsgClaimOwedResponse);

/** A juror's vote: for the claimant, or against the claim. */
export type ChoiceWord = "uphold" | "dismiss";
const choices: Record<ChoiceWord, Choice> = { uphold: Choice.CHOICE_UPHOLD, dismiss: Choice.CHOICE_DISMISS };

/** One juror's place on one jury. */
export interface Seat {
  chainId: string;
  dispute: number | bigint;
  round: number;
  juror: string;
}

const SALT_DOMAIN = "streamchain/dispute/salt/v1", VOTE_DOMAIN = "streamchain/dispute/vote/v1";
const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);

/** A domain, and what the seat is of, as x/dispute lays it out: numbers are big-endian. */
function seatBytes(domain: string, seat: Seat): Uint8Array {
  const head = utf8(domain), chain = utf8(seat.chainId), juror = addressBytes(seat.juror);
  const out = new Uint8Array(head.length + 1 + 2 + chain.length + 8 + 4 + 2 + juror.length), view = new DataView(out.buffer);
  let at = head.length + 1;
  out.set(head);
  view.setUint16(at, chain.length);
  out.set(chain, at + 2);
  at += 2 + chain.length;
  view.setBigUint64(at, BigInt(seat.dispute));
  view.setUint32(at + 8, seat.round);
  view.setUint16(at + 12, juror.length);
  out.set(juror, at + 14);
  return out;
}

/** What a juror's key signs to get the salt of a vote. The signature must stay secret until the vote is shown. */
export const saltBytes = (seat: Seat): Uint8Array => seatBytes(SALT_DOMAIN, seat);

/** The salt that follows from a signature. */
export function saltOf(signature: Uint8Array): Uint8Array {
  return sha256(join(utf8(SALT_DOMAIN), signature));
}

/** The hash that seals a vote. */
export function voteHash(seat: Seat, choice: ChoiceWord, salt: Uint8Array): Uint8Array {
  return sha256(join(seatBytes(VOTE_DOMAIN, seat), Uint8Array.of(choices[choice]), salt));
}

function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/**
 * The salt of a juror's vote, out of the wallet alone: nothing has to be kept, and the same account gives it again on any machine.
 * A wallet with its key in this program gives that of `streamd juror`; an extension signs a text (ADR-036) instead, which gives
 * another salt, but always the same.
 *
 * It signs twice and compares, since who cannot do that again could never show the vote. Errors: StreamError `not-deterministic`.
 */
export async function voteSalt(wallet: Wallet, chainId: string, dispute: number | bigint, round: number): Promise<Uint8Array> {
  const bytes = saltBytes({ chainId, dispute, round, juror: wallet.address });
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  const sign = (): Promise<Uint8Array> => wallet.signBytes?.(bytes)
    ?? wallet.signArbitrary(`StreamChain: the secret of my sealed vote\nThis signature is a secret until the vote is shown. Give it only to the app in which you vote.\nchain: ${chainId}\ndispute: ${dispute}\nround: ${round}\n${hex}`);
  const first = saltOf(await sign());
  const again = saltOf(await sign());
  if (first.some((b, i) => b !== again[i])) throw new StreamError("not-deterministic", "this wallet does not sign the same way twice, so that a vote that it seals could never be shown; use another wallet");
  return first;
}

/** Seals a vote. The salt comes out of the wallet, so there is nothing to keep. */
export async function commitVote(wallet: Wallet, p: { chainId: string; dispute: number | bigint; round: number; choice: ChoiceWord }): Promise<Action<MsgCommitVoteResponse>> {
  const salt = await voteSalt(wallet, p.chainId, p.dispute, p.round);
  return new Action([msg(MsgCommitVote, { juror: wallet.address, dispute: p.dispute, round: p.round, commit: voteHash({ ...p, juror: wallet.address }, p.choice, salt) })], MsgCommitVoteResponse);
}

/**
 * Shows a vote: which one it was follows from the `commit` on the chain (`query.dispute.ballots`). Errors: StreamError `not-sealed`,
 * `other-salt`.
 */
export async function revealVote(wallet: Wallet, p: { chainId: string; dispute: number | bigint; round: number; commit: Uint8Array }): Promise<Action<MsgRevealVoteResponse>> {
  if (!p.commit.length) throw new StreamError("not-sealed", "you have sealed no vote in this round");
  const salt = await voteSalt(wallet, p.chainId, p.dispute, p.round);
  const choice = (["uphold", "dismiss"] as const).find((c) => voteHash({ ...p, juror: wallet.address }, c, salt).every((b, i) => b === p.commit[i]));
  if (!choice) throw new StreamError("other-salt", "this wallet did not seal the vote in this way; show it where it was sealed");
  return new Action([msg(MsgRevealVote, { juror: wallet.address, dispute: p.dispute, round: p.round, choice: choices[choice], salt })], MsgRevealVoteResponse);
}
