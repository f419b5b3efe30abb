import { isRecord, stored } from '../lib/store'

/** Where somebody stopped in a work; kept in this browser only. */
export interface Position {
  root: string
  title: string
  cover?: string
  at: number
  duration: number
  when: number
}

const KEEP = 50
const valid = (value: unknown): value is Position[] => Array.isArray(value) && value.every((one) => isRecord(one) && typeof one.root === 'string' && typeof one.at === 'number')
const store = stored<Position[]>('resume', [], valid)

export const resumes = {
  /** Started works that were not watched to the end, newest first. */
  list: (): Position[] => store.get().filter((one) => one.at > 5 && (one.duration === 0 || one.at < one.duration - 10)),

  /** Where to go on, in seconds; 0 at the beginning, and after the end. */
  at(root: string): number {
    const found = store.get().find((one) => one.root === root)
    return found && found.at > 5 && (found.duration === 0 || found.at < found.duration - 10) ? found.at : 0
  },

  note(position: Position): void {
    store.set([position, ...store.get().filter((one) => one.root !== position.root)].slice(0, KEEP))
  },

  clear(): void {
    store.clear()
  },
}
