import { addressBytes } from '@streamchain/sdk'
import type { Wallet } from '@streamchain/sdk/wallet'

/**
 * A juror's vote is sealed with a salt that follows from the juror's key, as `streamd juror` does it (x/dispute, CLI): there is nothing to keep, and any
 * browser or machine with the same key opens it again. An extension shows what it signs and signs no bare bytes; there the salt follows from the signature of
 * a text that says what it is for.
 */
const SALT = 'streamchain/dispute/salt/v1'
const VOTE = 'streamchain/dispute/vote/v1'

export const UPHOLD = 1
export const DISMISS = 2
export type Choice = typeof UPHOLD | typeof DISMISS

export interface Seat {
  chainId: string
  dispute: bigint
  round: number
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function big(value: bigint | number, bytes: 2 | 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(value))
  return new Uint8Array(view.buffer).slice(8 - bytes)
}

const sha256 = async (data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await crypto.subtle.digest('SHA-256', data))

/** domain ‖ 0 ‖ u16 len ‖ chain id ‖ u64 dispute ‖ u32 round ‖ u16 len ‖ juror */
export function place(domain: string, seat: Seat, juror: Uint8Array): Uint8Array<ArrayBuffer> {
  const chain = utf8(seat.chainId)
  return join(utf8(domain), new Uint8Array(1), big(chain.length, 2), chain, big(seat.dispute, 8), big(seat.round, 4), big(juror.length, 2), juror)
}

/** What the chain keeps of a sealed vote. */
export const sealOf = (seat: Seat, juror: Uint8Array, choice: Choice, salt: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  sha256(join(place(VOTE, seat, juror), new Uint8Array([choice]), salt))

const saltOf = (signature: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => sha256(join(utf8(SALT), signature))

/** The text that an extension shows. */
export const saltText = (seat: Seat): string => `${SALT}\nchain ${seat.chainId}\ndispute ${seat.dispute}\nround ${seat.round}\nThis signature is the secret of your sealed vote. Sign it nowhere else.`

/** The wallet signs in two ways at two times, so a salt that follows from its signatures could not be found again. */
export class NotDeterministic extends Error {
  override name = 'NotDeterministic'
}

async function salt(wallet: Wallet, seat: Seat, juror: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const sign = (): Promise<Uint8Array> => (wallet.signBytes ? wallet.signBytes(place(SALT, seat, juror)) : wallet.signArbitrary(saltText(seat)))
  const first = await sign()
  const second = await sign()
  if (first.length !== second.length || first.some((byte, i) => byte !== second[i])) throw new NotDeterministic('this wallet does not sign the same bytes the same way')
  return saltOf(first)
}

/** Seals a choice. Refuses, before anything is on the chain, a wallet that could not open it again. */
export async function seal(wallet: Wallet, seat: Seat, choice: Choice): Promise<Uint8Array<ArrayBuffer>> {
  const juror = addressBytes(wallet.address)
  return sealOf(seat, juror, choice, await salt(wallet, seat, juror))
}

/** Finds out what was sealed; undefined where this wallet did not seal it this way. */
export async function unseal(wallet: Wallet, seat: Seat, commit: Uint8Array): Promise<{ choice: Choice; salt: Uint8Array } | undefined> {
  const juror = addressBytes(wallet.address)
  const found = await salt(wallet, seat, juror)
  for (const choice of [UPHOLD, DISMISS] as const) {
    const made = await sealOf(seat, juror, choice, found)
    if (made.length === commit.length && made.every((byte, i) => byte === commit[i])) return { choice, salt: found }
  }
  return undefined
}

export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
