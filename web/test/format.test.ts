import { describe, expect, it } from 'vitest'
import { ago, bps, bytes, clock, coin, duration, parseUnits, per, percent, short, shortIds, stream, streamShort, units } from '../src/lib/format'

const plain = (text: string): string => text.replace(/\u00a0|\u202f/g, ' ')

describe('amounts', () => {
  it.each([
    ['0', '0'],
    ['1', '0.000001'],
    ['1250000', '1.25'],
    ['1000000', '1'],
    ['100000000000000000001', '100000000000000.000001'],
  ])('%s base units are %s', (amount, text) => expect(units(amount)).toBe(text))

  it('writes every digit of what a float would lose', () => {
    expect(plain(stream('9007199254740993000001'))).toBe('9,007,199,254,740,993.000001 STREAM')
    expect(plain(coin({ denom: 'ibc/ABC', amount: '9007199254740993' }))).toBe('9,007,199,254,740,993 ibc/ABC')
  })

  it('never shows more than there is where it is cut', () => {
    expect(plain(streamShort('995648754'))).toBe('995.64 STREAM')
    expect(plain(streamShort('999'))).toBe('0.000999 STREAM')
  })

  it.each([
    ['1.5', 1_500_000n],
    ['1,5', 1_500_000n],
    ['0.000001', 1n],
    [' 20 ', 20_000_000n],
    ['1.', 1_000_000n],
    ['1.0000001', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['١', undefined],
  ])('what is typed as %j is %s', (text, amount) => expect(parseUnits(text)).toBe(amount))

  it('what is written is read as the same', () => {
    for (const amount of [1n, 999_999n, 1_000_000n, 123_456_789n, 10n ** 20n]) expect(parseUnits(units(amount))).toBe(amount)
  })

  it('shares are rounded down and never divide by zero', () => {
    expect(bps('1', '3')).toBe(3333)
    expect(bps('1', '0')).toBe(0)
    expect(plain(percent(9000))).toBe('90%')
  })
})

describe('times', () => {
  it.each([
    [0, '0:00'],
    [187, '3:07'],
    [3729, '1:02:09'],
    [Number.NaN, '0:00'],
    [-3, '0:00'],
  ])('%s s on the clock', (seconds, text) => expect(clock(seconds)).toBe(text))

  it('lengths have at most two units', () => {
    expect(duration(93_784)).toBe('1 day 2 hours')
    expect(duration(0)).toBe('0 seconds')
    expect(duration(60)).toBe('1 minute')
  })
  it('a period of one is its unit', () => {
    expect(per(86_400)).toBe('day')
    expect(per(30 * 86_400)).toBe('30 days')
  })
  it('says how long ago', () => {
    expect(ago(1000, 1000 + 3 * 86_400)).toBe('3 days ago')
    expect(ago(5000, 1400)).toBe('in 1 hour')
  })
})

it('sizes are those of disks', () => expect([plain(bytes(25_775_546)), plain(bytes(0))]).toEqual(['25.8 MB', '0 byte']))
it('a sentence with ids can be read', () => {
  expect(shortIds(`Paid by stream1vj9muen6fau94kkkvfy6jjsqpjmkftlkt3sxxd for bafyreicnyemlfz3yiihntxoeckjjpe3ydnu55ulbqzqbx4jxv3ob7lvnxy, stream1short.`)).toBe('Paid by stream1vj9…3sxxd for bafyreicny…lvnxy, stream1short.')
})
it('ids keep their ends', () => expect([short('stream1abcdefghijklmnop', 8, 4), short('abc')]).toEqual(['stream1a…mnop', 'abc']))
