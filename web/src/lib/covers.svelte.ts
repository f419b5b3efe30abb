import { discovery } from './api'

/** Addresses of active nodes, asked for once, when the first cover without a known holder is shown. */
let nodes = $state.raw<string[]>([])
let asked = false

async function ask(): Promise<void> {
  try {
    const network = await discovery().getNetwork()
    nodes = network.nodes.filter((node) => node.status === 'active').map((node) => node.endpoint)
  } catch {
    // made covers stand
  }
}

const web = (address: string): boolean => /^https?:\/\//.test(address)

/** Where a cover may be had, likeliest first; four at most. Pictures are shown as pictures only, from the node's own origin. */
export function coverAddresses(cid: string, url?: string, holders: string[] = []): string[] {
  if (!/^b[a-z2-7]{20,}$/.test(cid)) return []
  if (!url && holders.length === 0 && !asked) {
    asked = true
    queueMicrotask(() => void ask())
  }
  const bases = holders.length > 0 ? holders : url ? [] : nodes
  const all = [...(url ? [url] : []), ...bases.map((base) => `${base.replace(/\/$/, '')}/ipfs/${cid}`)]
  return [...new Set(all)].filter(web).slice(0, 4)
}
