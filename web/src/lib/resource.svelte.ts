import { untrack } from 'svelte'

/** Something that is loaded: at any time loading for the first time, there, or failed with what to say. While it is loaded again the old value stays. */
export class Resource<T> {
  data = $state.raw<T>()
  error = $state.raw<unknown>()
  loading = $state(true)
  #load: () => Promise<T>
  #turn = 0

  constructor(load: () => Promise<T>) {
    this.#load = load
  }

  async reload(): Promise<void> {
    const turn = ++this.#turn
    this.loading = true
    try {
      const data = await this.#load()
      if (turn !== this.#turn) return
      this.data = data
      this.error = undefined
    } catch (error) {
      if (turn !== this.#turn) return
      this.error = error
    }
    this.loading = false
  }
}

/**
 * Loads now, and again whenever `key` (read reactively) changes; to be called while a component is set up. The value of before goes when the key
 * changes, so that a page never shows one thing under another's name.
 */
export function resource<K, T>(key: () => K, load: (key: K) => Promise<T>): Resource<T> {
  const made: Resource<T> = new Resource(() => load(untrack(key)))
  $effect.pre(() => {
    key()
    untrack(() => {
      made.data = undefined
      void made.reload()
    })
  })
  return made
}

interface Page<T> {
  items: T[]
  cursor?: string
}

/** A list that comes page by page: `more()` appends the next one. */
export class Pages<T> {
  items = $state.raw<T[]>([])
  error = $state.raw<unknown>()
  loading = $state(true)
  done = $state(false)
  #load: (cursor: string | undefined) => Promise<Page<T>>
  #cursor: string | undefined
  #turn = 0

  constructor(load: (cursor: string | undefined) => Promise<Page<T>>) {
    this.#load = load
  }

  async restart(): Promise<void> {
    this.#cursor = undefined
    this.items = []
    this.done = false
    await this.#next()
  }

  async more(): Promise<void> {
    if (!this.loading && !this.done) await this.#next()
  }

  async #next(): Promise<void> {
    const turn = ++this.#turn
    this.loading = true
    try {
      const page = await this.#load(this.#cursor)
      if (turn !== this.#turn) return
      this.items = [...this.items, ...page.items]
      this.#cursor = page.cursor
      this.done = !page.cursor
      this.error = undefined
    } catch (error) {
      if (turn !== this.#turn) return
      this.error = error
    }
    this.loading = false
  }
}

/** A paged list that starts anew whenever `key` changes; to be called while a component is set up. */
export function pages<K, T>(key: () => K, load: (key: K, cursor: string | undefined) => Promise<Page<T>>): Pages<T> {
  const made: Pages<T> = new Pages((cursor) => load(untrack(key), cursor))
  $effect.pre(() => {
    key()
    untrack(() => void made.restart())
  })
  return made
}
