import './lib/trusted'
import './styles/base.css'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { startRouter } from './app/router.svelte'
import { applyLanguage } from './lib/i18n'
import { startServiceWorker } from './lib/pwa'

const target = document.getElementById('app')!
applyLanguage()
if (location.pathname.startsWith('/embed/')) {
  void import('./embed/start').then(({ startEmbed }) => startEmbed(target))
} else {
  startRouter()
  mount(App, { target })
  startServiceWorker()
}
