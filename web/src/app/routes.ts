import { m } from '../lib/i18n'
import { community } from '../community/routes'
import { network } from '../network/routes'
import { studio } from '../studio/routes'
import type { Route } from './router.svelte'

/** All pages. Each is its own chunk; areas of others list theirs in their folder. */
export const routes: Route[] = [
  { path: '/', area: 'discover', title: m.nav_discover, load: () => import('../pages/Home.svelte') },
  { path: '/search', area: 'discover', title: m.search_title, load: () => import('../pages/Search.svelte') },
  { path: '/work/:root', area: 'discover', title: m.work_title, load: () => import('../pages/Work.svelte') },
  { path: '/creator/:creator', area: 'discover', title: m.creator_title, load: () => import('../pages/Creator.svelte') },
  { path: '/collection/*', area: 'discover', title: m.collection_title, load: () => import('../pages/Collection.svelte') },
  { path: '/library', area: 'library', title: m.nav_library, load: () => import('../pages/Library.svelte') },
  { path: '/subscriptions', area: 'library', title: m.subs_title, load: () => import('../pages/Subscriptions.svelte') },
  { path: '/receipts', area: 'library', title: m.receipts_title, load: () => import('../pages/Receipts.svelte') },
  { path: '/tx/:tx', area: 'library', title: m.receipt_title, load: () => import('../pages/Receipt.svelte') },
  { path: '/wallet', area: 'wallet', title: m.nav_wallet, load: () => import('../pages/Wallet.svelte') },
  { path: '/settings', area: 'settings', title: m.nav_settings, load: () => import('../pages/Settings.svelte') },
  ...studio,
  ...community,
  ...network,
]
