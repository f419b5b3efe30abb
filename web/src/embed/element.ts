/**
 * `<stream-player work="bafyrei…" base="https://streams.example.org"></stream-player>`: a work in somebody else's page. Small and alone: it makes a frame of
 * `/embed/{work}` when it comes near the window, so that player, keys and checked bytes stay on the app's own origin and the page around it sees none of them.
 *
 *   <script type="module" src="https://streams.example.org/embed/stream-player.js"></script>
 *   <stream-player work="bafyrei…"></stream-player>
 *
 * Attributes: `work` (a root), `base` (where the app is; by default where this script came from), `label`. Events, all without detail but `work`:
 * `streamready`, `streamplay`, `streampause`, `streamended`.
 */
const WORK = /^bafyrei[a-z2-7]{52}$/
const home = new URL(import.meta.url).origin
const EVENTS = ['ready', 'play', 'pause', 'ended']

class StreamPlayer extends HTMLElement {
  static observedAttributes = ['work', 'base', 'label']
  #frame: HTMLIFrameElement | undefined
  #from: ((event: MessageEvent) => void) | undefined

  constructor() {
    super()
    const css =
      ':host{display:block;aspect-ratio:16/9;min-inline-size:16rem;background:#06100d;border-radius:8px;overflow:hidden}:host([hidden]){display:none}iframe{inline-size:100%;block-size:100%;border:0;display:block}p{margin:0;padding:1rem;color:#f1f6f0;font:1rem system-ui,sans-serif}'
    const root = this.attachShadow({ mode: 'open' })
    // a sheet that is made, and not written, is none that the policy of the page around could refuse
    if ('replaceSync' in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(css)
      root.adoptedStyleSheets = [sheet]
      return
    }
    const style = document.createElement('style')
    style.textContent = css
    root.append(style)
  }

  connectedCallback(): void {
    this.#from = (event) => {
      const data = event.data as { streamchain?: unknown; work?: unknown } | null
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== this.#origin() || typeof data?.streamchain !== 'string' || !EVENTS.includes(data.streamchain)) return
      this.dispatchEvent(new CustomEvent(`stream${data.streamchain}`, { bubbles: true, detail: { work: this.getAttribute('work') } }))
    }
    addEventListener('message', this.#from)
    this.#show()
  }

  disconnectedCallback(): void {
    if (this.#from) removeEventListener('message', this.#from)
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#show()
  }

  /** Only http and https: an attribute that a page's author took from elsewhere must not become a script. */
  #origin(): string {
    try {
      const url = new URL(this.getAttribute('base') || home)
      return url.protocol === 'https:' || url.protocol === 'http:' ? url.origin : ''
    } catch {
      return ''
    }
  }

  #show(): void {
    const root = this.shadowRoot!
    for (const old of root.querySelectorAll('iframe, p')) old.remove()
    this.#frame = undefined
    const work = this.getAttribute('work') ?? ''
    const origin = this.#origin()
    if (!WORK.test(work) || !origin) {
      const note = document.createElement('p')
      note.textContent = 'stream-player: needs work="bafyrei…" and, where the script comes from elsewhere, base="https://…"'
      root.append(note)
      return
    }
    const frame = document.createElement('iframe')
    frame.src = `${origin}/embed/${work}`
    frame.title = this.getAttribute('label') || 'StreamChain'
    frame.loading = 'lazy'
    frame.allow = 'autoplay; encrypted-media; fullscreen; picture-in-picture'
    frame.referrerPolicy = 'no-referrer'
    this.#frame = frame
    root.append(frame)
  }
}

if (!customElements.get('stream-player')) customElements.define('stream-player', StreamPlayer)

declare global {
  interface HTMLElementTagNameMap {
    'stream-player': StreamPlayer
  }
}

export { StreamPlayer }
