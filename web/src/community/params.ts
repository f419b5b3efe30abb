import type { Msg } from '@streamchain/sdk'
import { chainConfig } from '../lib/api'
import { m } from '../lib/i18n'

/** Parameters that a proposal can change, read from the chain as it keeps them, so that what is not changed is proposed exactly as it is. */

export const modules = ['content', 'storage', 'revenue', 'stream', 'subscription', 'dispute', 'governance'] as const
export type Module = (typeof modules)[number]

type Plain = string | number | bigint | boolean
export interface Leaf {
  /** Where it is: ['terms', 0, 'bond']. */
  path: (string | number)[]
  /** As the chain's documents call it: 'terms[0].bond'. */
  name: string
  value: Plain
}
export interface Read {
  leaves: Leaf[]
  /** The message that sets all parameters, with some changed. Throws where a text is no value of its kind. */
  change(authority: string, changes: Map<string, string>): Msg
}

interface Codecs {
  Answer: { decode(bytes: Uint8Array): { params: Record<string, unknown> | undefined }; encode(answer: never): { finish(): Uint8Array } }
  Change: { $type: string; encode(message: never): { finish(): Uint8Array }; fromPartial(value: never): never }
}

async function codecs(module: Module): Promise<Codecs> {
  const both = async (query: Promise<unknown>, tx: Promise<unknown>): Promise<Codecs> => {
    const [q, t] = (await Promise.all([query, tx])) as [{ QueryParamsResponse: Codecs['Answer'] }, { MsgUpdateParams: Codecs['Change'] }]
    return { Answer: q.QueryParamsResponse, Change: t.MsgUpdateParams }
  }
  switch (module) {
    case 'content':
      return both(import('@streamchain/sdk/gen/streamchain/content/v1/query.js'), import('@streamchain/sdk/gen/streamchain/content/v1/tx.js'))
    case 'storage':
      return both(import('@streamchain/sdk/gen/streamchain/storage/v1/query.js'), import('@streamchain/sdk/gen/streamchain/storage/v1/tx.js'))
    case 'revenue':
      return both(import('@streamchain/sdk/gen/streamchain/revenue/v1/query.js'), import('@streamchain/sdk/gen/streamchain/revenue/v1/tx.js'))
    case 'stream':
      return both(import('@streamchain/sdk/gen/streamchain/stream/v1/query.js'), import('@streamchain/sdk/gen/streamchain/stream/v1/tx.js'))
    case 'subscription':
      return both(import('@streamchain/sdk/gen/streamchain/subscription/v1/query.js'), import('@streamchain/sdk/gen/streamchain/subscription/v1/tx.js'))
    case 'dispute':
      return both(import('@streamchain/sdk/gen/streamchain/dispute/v1/query.js'), import('@streamchain/sdk/gen/streamchain/dispute/v1/tx.js'))
    case 'governance':
      return both(import('@streamchain/sdk/gen/streamchain/governance/v1/query.js'), import('@streamchain/sdk/gen/streamchain/governance/v1/tx.js'))
  }
}

/** Asks the chain's node for the bytes of a module's parameters. */
async function ask(module: Module): Promise<Uint8Array> {
  const { rpc } = await chainConfig()
  const answer = await fetch(rpc, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'abci_query', params: { path: `/streamchain.${module}.v1.Query/Params`, data: '', height: '0', prove: false } }),
  })
  const { result } = (await answer.json()) as { result?: { response: { code?: number; value?: string | null; log?: string } } }
  if (!result || result.response.code) throw new Error(result?.response.log || `the chain's node answers ${answer.status}`)
  return Uint8Array.from(atob(result.response.value ?? ''), (c) => c.charCodeAt(0))
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

export function leavesOf(value: unknown, path: (string | number)[] = [], name = ''): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesOf(item, [...path, i], `${name}[${i}]`))
  if (value instanceof Uint8Array || value === undefined || value === null) return []
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key], name ? `${name}.${snake(key)}` : snake(key)))
  return [{ path, name, value: value as Plain }]
}

/** A text as a value of the kind of another; undefined where it is none. */
export function parse(text: string, like: Plain): Plain | undefined {
  const trimmed = text.trim()
  switch (typeof like) {
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : undefined
    case 'bigint':
      return /^-?\d{1,19}$/.test(trimmed) ? BigInt(trimmed) : undefined
    case 'number':
      return /^\d{1,10}$/.test(trimmed) ? Number(trimmed) : undefined
    default:
      return /^\d+$/.test(like) ? (/^\d{1,60}$/.test(trimmed) ? trimmed : undefined) : trimmed === '' ? undefined : trimmed
  }
}

function put(target: Record<string | number, unknown>, path: (string | number)[], value: Plain): void {
  const last = path.at(-1)!
  let at = target
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[last] = value
}

export async function readParams(module: Module): Promise<Read> {
  const [{ Answer, Change }, bytes] = await Promise.all([codecs(module), ask(module)])
  const answer = Answer.decode(bytes)
  const again = Answer.encode(answer as never).finish()
  // what this app does not know it would leave out, and a proposal would then set to nothing
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) throw new Error(m.community_params_newer())
  const params = answer.params ?? {}
  const leaves = leavesOf(params)
  return {
    leaves,
    change(authority, changes) {
      const changed = structuredClone(params)
      for (const [name, text] of changes) {
        const leaf = leaves.find((one) => one.name === name)
        const value = leaf && parse(text, leaf.value)
        if (!leaf || value === undefined) throw new Error(`${name}: ${text}`)
        put(changed as Record<string, unknown>, leaf.path, value)
      }
      return { typeUrl: `/${Change.$type}`, value: Change.encode(Change.fromPartial({ authority, params: changed } as never)).finish() }
    },
  }
}
