import { isRecord, stored } from './store'

/** What a person chose here; empty means what the server says. Amounts in base units. */
export interface Settings {
  api: string
  rpc: string
  rest: string
  sponsor: string
  feed: string
  /** Most that playing may pay for one work, and in minutes, before it asks. */
  spendCap: string
  minutesCap: number
  autoplay: boolean
  captions: boolean
  /** Single keys steer the player (space, j, k, l, …). */
  shortcuts: boolean
  speed: number
  volume: number
}

export const defaults: Settings = {
  api: '',
  rpc: '',
  rest: '',
  sponsor: '',
  feed: 'trending',
  spendCap: '500000',
  minutesCap: 180,
  autoplay: true,
  captions: false,
  shortcuts: true,
  speed: 1,
  volume: 1,
}

const store = stored<Partial<Settings>>('settings', {}, isRecord)

/** Only fields that have the type of the default: what another version wrote must not break this one. */
function read(): Settings {
  const kept: Record<string, unknown> = { ...store.get() }
  const entries = Object.entries(defaults).map(([key, value]) => [key, typeof kept[key] === typeof value ? kept[key] : value])
  const settings = Object.fromEntries(entries) as Settings
  if (!/^\d+$/.test(settings.spendCap)) settings.spendCap = defaults.spendCap
  return settings
}

class SettingsStore {
  value = $state.raw<Settings>(read())

  change(part: Partial<Settings>): void {
    this.value = { ...this.value, ...part }
    store.set(this.value)
  }

  reset(): void {
    this.value = { ...defaults }
    store.clear()
  }
}

export const settings = new SettingsStore()
