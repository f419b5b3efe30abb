export type Tone = 'good' | 'bad' | 'plain'

export interface ToastItem {
  id: number
  tone: Tone
  text: string
  href?: string
  link?: string
}

class Toasts {
  items = $state.raw<ToastItem[]>([])
  #next = 1

  /** Says something that has happened. Bad news stays until it is closed; the rest goes after 6 s. */
  show(text: string, options: { tone?: Tone; href?: string; link?: string } = {}): void {
    const item: ToastItem = { id: this.#next++, tone: options.tone ?? 'plain', text, ...(options.href ? { href: options.href, link: options.link ?? options.href } : {}) }
    this.items = [...this.items.slice(-3), item]
    if (item.tone !== 'bad') setTimeout(() => this.close(item.id), 6_000)
  }

  close(id: number): void {
    this.items = this.items.filter((item) => item.id !== id)
  }
}

export const toasts = new Toasts()
