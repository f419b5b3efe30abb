import { m } from './i18n'

/** The recipients of a payment in the order in which they are shown, and the words for them. */
export const recipients = [
  'creator',
  'parents',
  'server',
  'key_holders',
  'endowment',
  'storage_pool',
  'stakers',
  'treasury',
  'participation',
  'royalty',
  'burn',
] as const
export type Recipient = (typeof recipients)[number]

/** The colour token of a recipient. */
export const colour: Record<Recipient, string> = {
  creator: 'creator',
  parents: 'parents',
  server: 'server',
  key_holders: 'keys',
  endowment: 'endowment',
  storage_pool: 'pool',
  stakers: 'stakers',
  treasury: 'treasury',
  participation: 'participation',
  royalty: 'royalty',
  burn: 'burn',
}

export function recipientName(recipient: Recipient): string {
  const names: Record<Recipient, () => string> = {
    creator: m.part_creator,
    parents: m.part_parents,
    server: m.part_server,
    key_holders: m.part_key_holders,
    endowment: m.part_endowment,
    storage_pool: m.part_storage_pool,
    stakers: m.part_stakers,
    treasury: m.part_treasury,
    participation: m.part_participation,
    royalty: m.part_royalty,
    burn: m.part_burn,
  }
  return names[recipient]()
}

/** The parts that are there, as BigInt, and their sum; amounts that are none are left out. */
export function partsOf(parts: Record<string, unknown>): { items: { recipient: Recipient; amount: bigint }[]; total: bigint } {
  const items = recipients.flatMap((recipient) => {
    const value = parts[recipient]
    const text = typeof value === 'string' ? value : typeof value === 'object' && value !== null && 'amount' in value ? String(value.amount) : ''
    return /^\d+$/.test(text) && BigInt(text) > 0n ? [{ recipient, amount: BigInt(text) }] : []
  })
  return { items, total: items.reduce((sum, item) => sum + item.amount, 0n) }
}
