import { rest } from '../lib/rest'

/** A document that jurors read: its text, or only how large it is where it is none. */
export type Read = { text: string; size: number } | { size: number }

const MOST = 1 << 20
const PATIENCE = 8_000

/** Nobody keeps it, or nobody who does answers. */
export class NotKept extends Error {
  override name = 'NotKept'
  slug = 'evidence-not-found'
}

/**
 * Fetches a document of one block from whichever node has it, and checks it against its CID: what a node gives instead is never shown. Text is shown as
 * text and nothing else.
 */
export async function readEvidence(text: string): Promise<Read> {
  const { CID } = await import('@streamchain/sdk/node')
  const cid = CID.parse(text)
  const { providers = [] } = await rest<{ providers?: { endpoints: string[]; status: string }[] }>('/streamchain/storage/v1/providers', { 'pagination.limit': 50 })
  const urls = providers.filter((p) => p.status === 'PROVIDER_STATUS_ACTIVE').flatMap((p) => p.endpoints.slice(0, 1))
  const data = await firstOf(urls, async (url) => {
    const answer = await fetch(`${url.replace(/\/$/, '')}/ipfs/${text}?format=raw`, { signal: AbortSignal.timeout(PATIENCE), referrerPolicy: 'no-referrer' })
    if (!answer.ok) throw new NotKept(`${answer.status}`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (bytes.length > MOST || !(await cid.fits(bytes))) throw new NotKept('what came is something else')
    return bytes
  })
  try {
    const plain = cid.codec === 0x55 ? new TextDecoder('utf-8', { fatal: true }).decode(data) : undefined
    // control characters make a document that is no text
    if (plain !== undefined && !/[\u0000-\u0008\u000e-\u001f]/.test(plain)) return { text: plain, size: data.length }
  } catch {
    // not UTF-8
  }
  return { size: data.length }
}

/** Asks a few at a time and takes the first that succeeds. */
async function firstOf<T>(urls: string[], ask: (url: string) => Promise<T>): Promise<T> {
  for (let i = 0; i < urls.length; i += 4) {
    try {
      return await Promise.any(urls.slice(i, i + 4).map(ask))
    } catch {
      // the next few
    }
  }
  throw new NotKept('no storage node has this document')
}
