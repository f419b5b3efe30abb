import { mount } from 'svelte'
import Embed from './Embed.svelte'

/** The page of a frame: one work, no app around it. */
export function startEmbed(target: HTMLElement): void {
  const root = decodeURIComponent(/^\/embed\/([^/]+)/.exec(location.pathname)?.[1] ?? '')
  mount(Embed, { target, props: { root } })
}
