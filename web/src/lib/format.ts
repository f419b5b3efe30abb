import { intl, m } from './i18n'

/** An amount of one denomination in base units: 1 STREAM = 1,000,000 ustream. Amounts are decimal strings or BigInt, never floats. */
export interface Coin {
  denom: string
  amount: string
}

export const BASE = 'ustream'
export const SYMBOL = 'STREAM'
const DECIMALS = 6

/** The decimal text of base units, exact: units('1250000') = '1.25'. */
export function units(amount: string | bigint, decimals = DECIMALS): string {
  const value = BigInt(amount)
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return (value < 0n ? '-' : '') + digits.slice(0, digits.length - decimals) + (fraction && '.' + fraction)
}

/** Base units of what somebody typed, exact; undefined where it is no amount or has more decimals than the coin. */
export function parseUnits(text: string, decimals = DECIMALS): bigint | undefined {
  const found = /^(\d{1,20})(?:[.,](\d*))?$/.exec(text.trim())
  if (!found || (found[2] ?? '').length > decimals) return undefined
  return BigInt(found[1]! + (found[2] ?? '').padEnd(decimals, '0'))
}

/** Localised digits of an exact decimal text. */
function decimal(text: string): string {
  return new Intl.NumberFormat(intl(), { maximumFractionDigits: DECIMALS }).format(text as `${number}`)
}

/** '1.25 STREAM'; a foreign denomination is shown in its own base units, since nobody here knows its decimals. */
export function coin(value: Coin | undefined): string {
  if (!value) return ''
  if (value.denom === BASE) return `${decimal(units(value.amount))}\u00a0${SYMBOL}`
  return `${new Intl.NumberFormat(intl()).format(BigInt(value.amount))}\u00a0${value.denom}`
}

/** '1.25 STREAM' of base units of STREAM. */
export const stream = (amount: string | bigint): string => coin({ denom: BASE, amount: amount.toString() })

/** As `stream`, cut to two decimals, for where there is little room; never more than there is. */
export function streamShort(amount: string | bigint): string {
  const value = BigInt(amount)
  const cut = value > 1_000_000n ? value - (value % 10_000n) : value
  return stream(cut)
}

export const integer = (value: number | bigint | string): string => new Intl.NumberFormat(intl()).format(typeof value === 'string' ? BigInt(value) : value)

/** '90 %' of basis points. */
export const percent = (bps: number | bigint): string =>
  new Intl.NumberFormat(intl(), { style: 'percent', maximumFractionDigits: 2 }).format(Number(bps) / 10_000)

/** What part of a whole an amount is, in basis points, rounded down. */
export function bps(part: string | bigint, whole: string | bigint): number {
  const all = BigInt(whole)
  return all === 0n ? 0 : Number((BigInt(part) * 10_000n) / all)
}

/** '3:07' or '1:02:09', as players show it. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0))
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(s / 3600)
  const minutes = Math.floor((s % 3600) / 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`
}

const UNITS: [unit: string, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** '3 minutes', '1 day 2 hours': the two largest units, which is all that anybody reads. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(new Intl.NumberFormat(intl(), { style: 'unit', unit, unitDisplay: 'long' }).format(count))
    if (parts.length === 2) break
  }
  if (parts.length === 0) return new Intl.NumberFormat(intl(), { style: 'unit', unit: 'second', unitDisplay: 'long' }).format(0)
  return new Intl.ListFormat(intl(), { type: 'unit', style: 'narrow' }).format(parts)
}

/** A period in the words of a price: 'day', '30 days', 'month' stays '30 days' since the chain counts seconds. */
export function per(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds === size) return perOne(unit)
  return duration(seconds)
}

function perOne(unit: string): string {
  switch (unit) {
    case 'day':
      return m.one_day()
    case 'hour':
      return m.one_hour()
    case 'minute':
      return m.one_minute()
    default:
      return m.one_second()
  }
}

export const date = (unix: number): string => new Intl.DateTimeFormat(intl(), { dateStyle: 'medium' }).format(unix * 1000)
export const dateTime = (unix: number): string => new Intl.DateTimeFormat(intl(), { dateStyle: 'medium', timeStyle: 'short' }).format(unix * 1000)

/** '3 days ago', 'in 2 hours'. */
export function ago(unix: number, now: number = Date.now() / 1000): string {
  const delta = unix - now
  const format = new Intl.RelativeTimeFormat(intl(), { numeric: 'auto' })
  const size = Math.abs(delta)
  if (size < 60) return format.format(Math.round(delta), 'second')
  if (size < 3_600) return format.format(Math.round(delta / 60), 'minute')
  if (size < 86_400) return format.format(Math.round(delta / 3_600), 'hour')
  if (size < 30 * 86_400) return format.format(Math.round(delta / 86_400), 'day')
  if (size < 365 * 86_400) return format.format(Math.round(delta / (30 * 86_400)), 'month')
  return format.format(Math.round(delta / (365 * 86_400)), 'year')
}

/** '12.4 MB', in powers of ten as disks are sold. */
export function bytes(value: number | string | bigint): string {
  const n = Number(value)
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte']
  const step = n > 0 ? Math.min(steps.length - 1, Math.floor(Math.log10(n) / 3)) : 0
  return new Intl.NumberFormat(intl(), { style: 'unit', unit: steps[step], unitDisplay: 'short', maximumFractionDigits: step > 1 ? 1 : 0 }).format(n / 1000 ** step)
}

/** A sentence with the long ids in it shortened: what is said, not a place to check an address. */
export const shortIds = (text: string): string => text.replace(/\b(?:stream(?:creator|valoper)?1|bafy|bafk)[a-z0-9]{30,}/g, (id) => short(id))

/** 'bafyrei…q7x2': enough of an id or address to tell it by, in both directions of writing. */
export function short(id: string, head = 10, tail = 5): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`
}
