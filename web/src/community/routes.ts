import type { Route } from '../app/router.svelte'
import { m } from '../lib/i18n'

/** Pages of this area, each loaded when it is gone to. */
export const community: Route[] = [
  { path: '/community', area: 'community', title: m.nav_community, load: () => import('./Proposals.svelte') },
  { path: '/community/proposals/new', area: 'community', title: m.community_propose, load: () => import('./Propose.svelte') },
  { path: '/community/proposals/:id', area: 'community', title: m.community_proposal, load: () => import('./Proposal.svelte') },
  { path: '/community/stake', area: 'community', title: m.community_stake, load: () => import('./Stake.svelte') },
  { path: '/community/delegate', area: 'community', title: m.community_delegate, load: () => import('./Delegate.svelte') },
  { path: '/community/court', area: 'community', title: m.community_court, load: () => import('./Court.svelte') },
  { path: '/community/court/jury', area: 'community', title: m.community_jury, load: () => import('./Jury.svelte') },
  { path: '/community/court/:id', area: 'community', title: m.community_dispute, load: () => import('./Dispute.svelte') },
  { path: '/community/council', area: 'community', title: m.community_council, load: () => import('./Council.svelte') },
  { path: '/community/treasury', area: 'community', title: m.community_treasury, load: () => import('./Treasury.svelte') },
]
