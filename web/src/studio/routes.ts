import type { Route } from '../app/router.svelte'

/** Pages of this area, each loaded when it is gone to. */
export const studio: Route[] = []
