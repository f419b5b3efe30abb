/** Cover art out of an id: the same id gives the same picture everywhere, so a work without a cover is still told by its look. */
export interface Art {
  /** Index of one of the colour pairs of ui/Cover.svelte. */
  palette: number
  motif: 'ticks' | 'dial' | 'waves' | 'steps'
  /** Lengths of 0 to 1. */
  values: number[]
  turn: number
}

export const PALETTES = 6
const MOTIFS: Art['motif'][] = ['ticks', 'dial', 'waves', 'steps']

/** FNV-1a, then xorshift: not for secrets, only so that neighbouring ids look unlike each other. */
function* stream(id: string): Generator<number, never> {
  let state = 0x811c9dc5
  for (let i = 0; i < id.length; i++) state = Math.imul(state ^ id.charCodeAt(i), 0x01000193)
  state = state >>> 0 || 1
  for (;;) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    yield state / 0x1_0000_0000
  }
}

export function art(id: string): Art {
  const chance = stream(id)
  for (let i = 0; i < 4; i++) chance.next()
  const next = (): number => chance.next().value
  return {
    palette: Math.floor(next() * PALETTES),
    motif: MOTIFS[Math.floor(next() * MOTIFS.length)]!,
    turn: Math.floor(next() * 360),
    values: Array.from({ length: 24 }, () => 0.15 + 0.85 * next()),
  }
}
