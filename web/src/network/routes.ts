import type { Route } from '../app/router.svelte'
import { m } from '../lib/i18n'

/** Pages of this area, each loaded when it is gone to. */
export const network: Route[] = [
  { path: '/network', area: 'network', title: m.nav_network, load: () => import('./Health.svelte') },
  { path: '/network/nodes/:operator', area: 'network', title: m.network_node, load: () => import('./Node.svelte') },
  { path: '/network/works/:root', area: 'network', title: m.network_copies, load: () => import('./Copies.svelte') },
  { path: '/network/economics', area: 'network', title: m.network_economics, load: () => import('./Economics.svelte') },
  { path: '/network/validators', area: 'network', title: m.network_validators, load: () => import('./Validators.svelte') },
]
