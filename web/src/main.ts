import './lib/trusted'
import './styles/base.css'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { startRouter } from './app/router.svelte'
import { applyLanguage } from './lib/i18n'

applyLanguage()
startRouter()
mount(App, { target: document.getElementById('app')! })
