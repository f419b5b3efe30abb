import { MemoryWallet, type Wallet } from '@streamchain/sdk/wallet'
import { MsgCommitVote, MsgRevealVote } from '@streamchain/sdk/gen/streamchain/dispute/v1/tx.js'
import { describe, expect, it } from 'vitest'
// made by x/dispute, whose salt `streamd juror` takes: sdk/vectors
import vectors from '../../../sdk/vectors/vectors.json'
import { reveal, seal } from './seal'

const wallet = await MemoryWallet.fromMnemonic(vectors.mnemonic)
const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
const base64 = (text: string): string => btoa(String.fromCharCode(...text.match(/../g)!.map((pair) => parseInt(pair, 16))))
const choices = { uphold: 1, dismiss: 2 } as const

describe.each(vectors.votes)('dispute $dispute, round $round, $choice', (v) => {
  const choice = v.choice as keyof typeof choices
  it('is sealed as streamd juror seals it', async () => {
    const [one] = await seal(wallet, v.chain_id, v, choice)
    const sent = MsgCommitVote.decode(one!.value)
    expect([sent.juror, String(sent.dispute), sent.round, hex(sent.commit)]).toEqual([vectors.address, v.dispute, v.round, v.hash])
  })
  it('is shown out of the key alone where streamd juror sealed it', async () => {
    const [one] = await reveal(wallet, v.chain_id, { ...v, commit: base64(v.hash) })
    const sent = MsgRevealVote.decode(one!.value)
    expect([sent.juror, Number(sent.choice), hex(sent.salt)]).toEqual([vectors.address, choices[choice], v.salt])
  })
  it('is not shown in another round, on another chain, or where nothing was sealed', async () => {
    const commit = base64(v.hash)
    await expect(reveal(wallet, v.chain_id, { ...v, round: v.round + 1, commit })).rejects.toMatchObject({ slug: 'other-salt' })
    await expect(reveal(wallet, `${v.chain_id}x`, { ...v, commit })).rejects.toMatchObject({ slug: 'other-salt' })
    await expect(reveal(wallet, v.chain_id, { dispute: v.dispute, round: v.round })).rejects.toMatchObject({ slug: 'not-sealed' })
  })
})

const bare = (sign: (text: string) => Uint8Array): Wallet =>
  ({ kind: 'keplr', name: 'test', address: vectors.address, algo: 'secp256k1', pubkey: wallet.pubkey, signDirect: () => Promise.reject(new Error('not here')), signArbitrary: (text: string) => Promise.resolve(sign(text)) }) as unknown as Wallet

it('an extension seals by a text that it shows, and finds that again', async () => {
  let shown = ''
  const extension = bare((text) => ((shown = text), new Uint8Array(64).fill(9)))
  const [one] = await seal(extension, 'chain-1', { dispute: '42', round: 1 }, 'dismiss')
  expect(shown).toContain('dispute: 42')
  expect(shown).toContain('the secret of my sealed vote')
  const commit = base64(hex(MsgCommitVote.decode(one!.value).commit))
  const [two] = await reveal(extension, 'chain-1', { dispute: '42', round: 1, commit })
  expect(Number(MsgRevealVote.decode(two!.value).choice)).toBe(2)
})

it('a wallet that signs in two ways is refused before anything is sealed', async () => {
  let count = 0
  await expect(seal(bare(() => new Uint8Array(64).fill(count++)), 'chain-1', { dispute: '42', round: 1 }, 'uphold')).rejects.toMatchObject({ slug: 'not-deterministic' })
})
