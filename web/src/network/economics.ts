import { rest } from '../lib/rest'

/** The economics of the chain in one answer of its own: what there is, how payments are shared, every bound and formula. */
export interface Economics {
  supply: string
  minted: string
  burned: string
  yearly_emission: string
  next_halving_at: string
  emission: { began_at: string; genesis_supply: string; stakers: string; storage: string; participation: string }
  revenue: { rails: Record<string, string | number>[]; refund_window_seconds: string; rebate_period_seconds: string; rebate_bps: number; denoms: string[] }
  stream: Record<string, string>
  tiers: { tier: string; least: string; discount_bps: number }[]
  allocation: { name: string; amount: string }[]
  constants: { name: string; value: string; unit: string }[]
  formulas: { name: string; text: string }[]
}
export const chainEconomics = async (): Promise<Economics> => (await rest<{ economics: Economics }>('/streamchain/stream/v1/economics')).economics

export interface Fee {
  /** The parameter as a proposal would change it. */
  name: string
  value: string
  unit: 'ustream' | 'bps' | 'seconds' | 'bytes' | 'number'
  source: string
}

/** Every parameter of a module that is an amount, a share or a time, with where on the chain it stands. */
export async function fees(): Promise<Fee[]> {
  const modules = ['content', 'storage', 'stream', 'subscription', 'dispute', 'revenue'] as const
  const all = await Promise.all(
    modules.map(async (module) => {
      const source = `/streamchain/${module}/v1/params`
      const { params } = await rest<{ params: Record<string, unknown> }>(source)
      return Object.entries(params).flatMap(([key, value]) => feesIn(`${module}.${key}`, value, source))
    }),
  )
  const { params } = await rest<{ params: { min_deposit: { amount: string }[]; expedited_min_deposit: { amount: string }[] } }>('/cosmos/gov/v1/params/deposit')
  const gov = '/cosmos/gov/v1/params/deposit'
  return [
    ...all.flat(),
    { name: 'gov.min_deposit', value: params.min_deposit[0]?.amount ?? '0', unit: 'ustream', source: gov },
    { name: 'gov.expedited_min_deposit', value: params.expedited_min_deposit[0]?.amount ?? '0', unit: 'ustream', source: gov },
  ]
}

function feesIn(name: string, value: unknown, source: string): Fee[] {
  if (name === 'revenue.rails') return []
  if (Array.isArray(value)) return value.flatMap((item, i) => (typeof item === 'object' ? feesIn(`${name}[${label(item) ?? i}]`, item, source) : []))
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => feesIn(`${name}.${key}`, inner, source))
  if (typeof value === 'boolean' || !/^\d+$/.test(String(value))) return []
  const unit = /_bps$/.test(name) ? 'bps' : /_seconds$/.test(name) ? 'seconds' : /bytes/.test(name) ? 'bytes' : /deposit|bond|fee|stake|price|cap$|amount/.test(name) ? 'ustream' : 'number'
  return [{ name, value: String(value), unit, source }]
}
/** Lists are told apart by the enum that each entry has. */
const label = (item: unknown): string | undefined => {
  const kind = (item as { kind?: unknown; rail?: unknown }).kind ?? (item as { rail?: unknown }).rail
  return typeof kind === 'string' ? kind.toLowerCase().replace(/^(kind|rail)_/, '') : undefined
}
