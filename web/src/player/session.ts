import type { WorkDetail } from '../lib/work'
import { workName } from '../lib/work'

/** What the system's own controls (lock screen, headset, keyboard) can do. */
export interface Steering {
  play: () => void
  pause: () => void
  seek: (to: number) => void
  by: (seconds: number) => void
  next: () => void
}

/** Shows a work in the system's media controls, so that it goes on in the background and is steered from there. */
export function announce(work: WorkDetail, steer: Steering): void {
  const session = navigator.mediaSession
  if (!session || typeof MediaMetadata === 'undefined') return
  const artwork = work.cover_url && /^https?:/.test(work.cover_url) ? [{ src: work.cover_url }] : []
  session.metadata = new MediaMetadata({ title: workName(work), artist: work.creator.handle ? `@${work.creator.handle}` : 'StreamChain', artwork })
  const handlers: [MediaSessionAction, MediaSessionActionHandler][] = [
    ['play', steer.play],
    ['pause', steer.pause],
    ['seekbackward', (details) => steer.by(-(details.seekOffset ?? 10))],
    ['seekforward', (details) => steer.by(details.seekOffset ?? 10)],
    ['seekto', (details) => details.seekTime !== undefined && steer.seek(details.seekTime)],
    ['nexttrack', steer.next],
  ]
  for (const [action, handler] of handlers) {
    try {
      session.setActionHandler(action, handler)
    } catch {
      // This browser does not know the action.
    }
  }
}

export function silence(): void {
  if (navigator.mediaSession) navigator.mediaSession.metadata = null
}
