import { Discovery, type Config } from '@streamchain/sdk/discovery'
import { settings } from './settings.svelte'

let client: { base: string; discovery: Discovery } | undefined

/** The discovery server: this page's own, unless another was chosen in the settings. */
export function discovery(): Discovery {
  const base = settings.value.api || `${location.origin}/api/v1`
  if (client?.base !== base) client = { base, discovery: new Discovery(base) }
  return client.discovery
}

export type { Config }

let config: { base: string; promise: Promise<Config> } | undefined

/** Where the chain, the sponsor and the packager are, with what the settings say instead. Asked for once. */
export async function chainConfig(): Promise<Config> {
  const base = settings.value.api
  if (config?.base !== base) {
    const promise = discovery().getConfig()
    config = { base, promise }
    promise.catch(() => (config = undefined))
  }
  const { rpc, rest, sponsor } = settings.value
  const served = await config.promise
  return { ...served, rpc: rpc || served.rpc, rest: rest || served.rest, ...(sponsor || served.sponsor ? { sponsor: sponsor || served.sponsor } : {}) }
}
