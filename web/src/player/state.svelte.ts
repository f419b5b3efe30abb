import type { WorkDetail } from '../lib/work'

/** What plays, known to the whole app without the player's code. `Host.svelte` does the playing. */
class PlaybackState {
  /** The work in the player; nothing is loaded while there is none. */
  work = $state.raw<WorkDetail>()
  /** Works that follow, by root. */
  queue = $state.raw<{ root: string; title: string }[]>([])
  playing = $state(false)
  /** The place on the work's page over which the player lies; elsewhere it is docked below. */
  stage = $state.raw<HTMLElement>()
  /** Grows with each wish to play, so that the same work can be wanted again. */
  wish = $state(0)

  get opened(): boolean {
    return this.work !== undefined
  }

  play(work: WorkDetail): void {
    this.work = work
    this.wish++
  }

  enqueue(work: { root: string; title: string }): void {
    if (!this.queue.some((item) => item.root === work.root)) this.queue = [...this.queue, { root: work.root, title: work.title }]
  }

  drop(root: string): void {
    this.queue = this.queue.filter((item) => item.root !== root)
  }

  close(): void {
    this.work = undefined
    this.playing = false
  }
}

export const playback = new PlaybackState()
