import { chainConfig } from '../lib/api'
import { deeds } from '../lib/deeds'
import { wallets } from '../lib/wallet.svelte'
import type { WorkDetail } from '../lib/work'

/** Fetches a work's file, every byte checked and decrypted; tells how far it is, of 0 to 1. */
export async function fetchWork(work: WorkDetail, progress: (share: number) => void): Promise<File> {
  const [{ Player, restChain, indexedDbStore, typeOf }, config] = await Promise.all([import('@streamchain/sdk/play'), chainConfig()])
  const address = wallets.address
  const player = await Player.open({
    chain: restChain(config.rest, config.chain_id),
    work: work.root,
    ...(address ? { viewer: { address, authorize: async (what: Parameters<typeof deeds.authorizePlaying>[0]) => void (await deeds.authorizePlaying(what)) } } : {}),
    store: indexedDbStore(),
    holders: work.holders.map(({ operator, endpoint }) => ({ operator, endpoint })),
  })
  try {
    const names = (await player.files()).filter((name, _, all) => all.length === 1 || name !== 'index.json')
    const path = names[0] ?? ''
    const whole = Number(work.piece_size) || 1
    const parts: Uint8Array<ArrayBuffer>[] = []
    let done = 0
    for await (const part of player.streamFile(path)) {
      parts.push(part)
      done += part.length
      progress(Math.min(1, done / whole))
    }
    return new File(parts, path.split('/').at(-1) ?? work.title, { type: typeOf(path) })
  } finally {
    await player.close()
  }
}
