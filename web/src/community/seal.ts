import type { Msg } from '@streamchain/sdk'
import type { ChoiceWord } from '@streamchain/sdk/actions'
import type { Wallet } from '@streamchain/sdk/wallet'

/**
 * A juror's vote is sealed as the SDK does it, whose salt follows from the wallet: with a key in this browser it is that of `streamd juror`, so either
 * opens what the other sealed. Nothing is kept. Errors: StreamError `not-deterministic` before anything is sent, `not-sealed`, `other-salt`.
 */
export type Choice = ChoiceWord

/** A juror's place, as the chain's REST writes it. */
export interface Ballot {
  dispute: string
  round: number
  /** What was sealed, base64. */
  commit?: string | null
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

/** What is sent to seal a choice. */
export async function seal(wallet: Wallet, chainId: string, { dispute, round }: Ballot, choice: Choice): Promise<Msg[]> {
  const { commitVote } = await import('@streamchain/sdk/actions')
  return [...(await commitVote(wallet, { chainId, dispute: BigInt(dispute), round, choice })).msgs]
}

/** What is sent to show the choice that was sealed. */
export async function reveal(wallet: Wallet, chainId: string, { dispute, round, commit }: Ballot): Promise<Msg[]> {
  const { revealVote } = await import('@streamchain/sdk/actions')
  return [...(await revealVote(wallet, { chainId, dispute: BigInt(dispute), round, commit: fromBase64(commit ?? '') })).msgs]
}
