import { expect, test } from 'vitest'
import { leavesOf, parse } from './params'

test('parameters are named as the chain names them', () => {
  const leaves = leavesOf({ workDeposit: '1000000', ttlSeconds: 604800n, terms: [{ kind: 1, seatFee: '10' }], root: new Uint8Array(2), none: undefined })
  expect(leaves.map((leaf) => leaf.name)).toEqual(['work_deposit', 'ttl_seconds', 'terms[0].kind', 'terms[0].seat_fee'])
  expect(leaves[3]!.path).toEqual(['terms', 0, 'seatFee'])
})

test.each([
  ['12', '1000000', '12'],
  ['12.5', '1000000', undefined],
  ['-1', '1000000', undefined],
  ['', 'ustream', undefined],
  ['uatom', 'ustream', 'uatom'],
  ['7', 3, 7],
  ['7.5', 3, undefined],
  ['1e9', 3, undefined],
  ['9223372036854775807', 1n, 9223372036854775807n],
  ['x', 1n, undefined],
  ['true', false, true],
  ['yes', false, undefined],
] as const)('%s where there was %s', (text, like, want) => {
  expect(parse(text, like)).toBe(want)
})
