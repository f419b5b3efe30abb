import { addressBytes } from '@streamchain/sdk'
import type { Wallet } from '@streamchain/sdk/wallet'
import { expect, test } from 'vitest'
import { DISMISS, NotDeterministic, place, seal, sealOf, unseal, UPHOLD, type Seat } from './seal'

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
const address = 'stream1qurswpc8qurswpc8qurswpc8qurswpc8zsdjtw'
const seat: Seat = { chainId: 'streamchain-local-1', dispute: 42n, round: 1 }
const juror = addressBytes(address)

/** A wallet whose signatures are all of the byte 9, as those of the vectors, which are x/dispute's. */
const wallet = (sign: (bytes: Uint8Array) => Uint8Array, bare = true): Wallet =>
  ({
    kind: 'memory',
    name: 'test',
    address,
    algo: 'secp256k1',
    pubkey: new Uint8Array(33),
    signDirect: () => Promise.reject(new Error('not here')),
    signArbitrary: (text: string) => Promise.resolve(sign(new TextEncoder().encode(text))),
    ...(bare ? { signBytes: (bytes: Uint8Array) => Promise.resolve(sign(bytes)) } : {}),
  }) as Wallet
const nine = (): Uint8Array => new Uint8Array(64).fill(9)

test('the bytes that are signed, the salt and the seal are the ones of the chain', async () => {
  expect(hex(place('streamchain/dispute/salt/v1', seat, juror))).toBe(
    '73747265616d636861696e2f646973707574652f73616c742f763100001373747265616d636861696e2d6c6f63616c2d31000000000000002a0000000100140707070707070707070707070707070707070707',
  )
  expect(hex(await seal(wallet(nine), seat, UPHOLD))).toBe('8672060dbe4825de05a941dea1980c067d4c377f0ee16c6d640f0e903a37e7a8')
  expect(hex(await seal(wallet(nine), seat, DISMISS))).toBe('b463ecafa3627b12e366fe9d87c6120e0f1c283ee7f016a4fe151a6f35bd05c5')
})

test.each([UPHOLD, DISMISS] as const)('the key alone finds choice %i and the salt again', async (choice) => {
  const made = await seal(wallet(nine), seat, choice)
  const found = await unseal(wallet(nine), seat, made)
  expect(found?.choice).toBe(choice)
  expect(hex(await sealOf(seat, juror, choice, found!.salt))).toBe(hex(made))
  expect(hex(found!.salt)).toBe('cb272e9f9adbf308fc38736a5427c742ff49ca664be53cb907eab450a4913afb')
})

test('another key, another round or another chain finds nothing', async () => {
  const made = await seal(wallet(nine), seat, UPHOLD)
  expect(await unseal(wallet(() => new Uint8Array(64).fill(8)), seat, made)).toBeUndefined()
  for (const other of [{ ...seat, round: 2 }, { ...seat, dispute: 43n }, { ...seat, chainId: 'streamchain-local-2' }]) expect(await unseal(wallet(nine), other, made)).toBeUndefined()
})

test('an extension seals by a text that it shows, and finds that again', async () => {
  let shown = ''
  const extension = wallet((bytes) => ((shown = new TextDecoder().decode(bytes)), nine()), false)
  const made = await seal(extension, seat, DISMISS)
  expect(shown).toContain('dispute 42')
  expect(shown).toContain('secret of your sealed vote')
  expect((await unseal(extension, seat, made))?.choice).toBe(DISMISS)
})

test('a wallet that signs in two ways is refused before anything is sealed', async () => {
  let count = 0
  await expect(seal(wallet(() => new Uint8Array(64).fill(count++)), seat, UPHOLD)).rejects.toBeInstanceOf(NotDeterministic)
})
