import type { Route } from '../app/router.svelte'
import { m } from '../lib/i18n'

/** Pages of this area, each loaded when it is gone to. */
export const studio: Route[] = [
  { path: '/studio', area: 'studio', title: m.nav_studio, load: () => import('./Overview.svelte') },
  { path: '/studio/publish', area: 'studio', title: m.studio_publish, load: () => import('./publish/Publish.svelte') },
  { path: '/studio/works', area: 'studio', title: m.studio_works, load: () => import('./Works.svelte') },
  { path: '/studio/works/:root', area: 'studio', title: m.studio_works, load: () => import('./work/Manage.svelte') },
  { path: '/studio/earnings', area: 'studio', title: m.studio_earnings, load: () => import('./Earnings.svelte') },
  { path: '/studio/plans', area: 'studio', title: m.studio_plans, load: () => import('./Plans.svelte') },
  { path: '/studio/collections', area: 'studio', title: m.studio_collections, load: () => import('./Collections.svelte') },
  { path: '/studio/collections/:owner/:number', area: 'studio', title: m.studio_collections, load: () => import('./Collection.svelte') },
  { path: '/studio/collaborators', area: 'studio', title: m.studio_collaborators, load: () => import('./Collaborators.svelte') },
  { path: '/studio/templates', area: 'studio', title: m.studio_templates, load: () => import('./Templates.svelte') },
  { path: '/studio/verification', area: 'studio', title: m.studio_verification, load: () => import('./Verification.svelte') },
  { path: '/studio/disputes', area: 'studio', title: m.studio_disputes, load: () => import('./Disputes.svelte') },
  { path: '/studio/profile', area: 'studio', title: m.studio_profile, load: () => import('./Profile.svelte') },
]
