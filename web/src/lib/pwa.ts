import { scriptURL } from './trusted'

/** Registers the service worker once the page is there, and shows a bar when a new version waits. Where there is none (developing, no https), nothing happens. */
export function startServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
  addEventListener('load', () => void register(), { once: true })
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register(scriptURL('/sw.js'), { updateViaCache: 'none' })
    const seen = (worker: ServiceWorker | null): void => {
      // the first one of all is no news
      if (!worker || !navigator.serviceWorker.controller) return
      if (worker.state === 'installed') void offer(worker)
      else worker.addEventListener('statechange', () => worker.state === 'installed' && void offer(worker))
    }
    seen(registration.waiting)
    registration.addEventListener('updatefound', () => seen(registration.installing))
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void registration.update().catch(() => undefined)
    })
  } catch {
    // the app works without
  }
}

let offered = false
async function offer(worker: ServiceWorker): Promise<void> {
  if (offered) return
  offered = true
  const [{ mount }, { default: Update }] = await Promise.all([import('svelte'), import('../embed/Update.svelte')])
  mount(Update, {
    target: document.body,
    props: {
      use: () => {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
        worker.postMessage('use-new-version')
      },
    },
  })
}
