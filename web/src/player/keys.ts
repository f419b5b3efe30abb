/** What a key does in the player; undefined for keys that are not its own. */
export type Command =
  | { do: 'toggle' | 'mute' | 'fullscreen' | 'captions' | 'pip' | 'next' }
  | { do: 'seek'; by: number }
  | { do: 'jump'; share: number }
  | { do: 'volume'; by: number }
  | { do: 'speed'; step: 1 | -1 }

/** The usual keys: space and k, arrows and j l, up and down, m, f, c, i, n, < and >, 0 to 9. Time runs to the right in every language, as in other players. */
export function command(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): Command | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  switch (event.key) {
    case ' ':
    case 'k':
    case 'K':
      return { do: 'toggle' }
    case 'ArrowLeft':
      return { do: 'seek', by: -5 }
    case 'ArrowRight':
      return { do: 'seek', by: 5 }
    case 'j':
    case 'J':
      return { do: 'seek', by: -10 }
    case 'l':
    case 'L':
      return { do: 'seek', by: 10 }
    case 'ArrowUp':
      return { do: 'volume', by: 0.05 }
    case 'ArrowDown':
      return { do: 'volume', by: -0.05 }
    case 'm':
    case 'M':
      return { do: 'mute' }
    case 'f':
    case 'F':
      return { do: 'fullscreen' }
    case 'c':
    case 'C':
      return { do: 'captions' }
    case 'i':
    case 'I':
      return { do: 'pip' }
    case 'n':
    case 'N':
      return { do: 'next' }
    case '<':
      return { do: 'speed', step: -1 }
    case '>':
      return { do: 'speed', step: 1 }
    default:
      return /^[0-9]$/.test(event.key) ? { do: 'jump', share: Number(event.key) / 10 } : undefined
  }
}

/** Whether a key press is meant for the player: it is in the player, or nothing is focused. A control that uses the key itself keeps it. */
export function forPlayer(event: KeyboardEvent, host: HTMLElement | undefined): boolean {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return false
  const target = event.target as HTMLElement | null
  if (!target || target === document.body || target.id === 'main') return true
  if (!host?.contains(target)) return false
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return false
  if (target instanceof HTMLInputElement) return !['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].includes(event.key)
  return !(target.closest('button, a') && [' ', 'Enter'].includes(event.key))
}

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
export function speedAfter(now: number, step: 1 | -1): number {
  const at = SPEEDS.findIndex((speed) => speed >= now - 0.001)
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.length - 1 : at) + step))]!
}
