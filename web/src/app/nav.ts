import { m } from '../lib/i18n'
import type { IconName } from '../ui/icons'
import type { Area } from './router.svelte'

export const places: { area: Area; href: string; icon: IconName; name: () => string }[] = [
  { area: 'discover', href: '/', icon: 'discover', name: m.nav_discover },
  { area: 'library', href: '/library', icon: 'library', name: m.nav_library },
  { area: 'studio', href: '/studio', icon: 'studio', name: m.nav_studio },
  { area: 'community', href: '/community', icon: 'community', name: m.nav_community },
  { area: 'network', href: '/network', icon: 'network', name: m.nav_network },
]
