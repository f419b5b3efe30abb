import type Hls from 'hls.js/light'
import type { Meter, PauseReason, Player } from '@streamchain/sdk/play'
import { decide } from '../lib/access'
import { chainConfig } from '../lib/api'
import { deeds } from '../lib/deeds'
import { explain, isCancelled } from '../lib/errors'
import { m } from '../lib/i18n'
import { perMinute } from '../lib/price'
import { stream } from '../lib/format'
import { settings } from '../lib/settings.svelte'
import { toasts } from '../lib/toast.svelte'
import { wallets } from '../lib/wallet.svelte'
import type { WorkDetail } from '../lib/work'
import { cuesOf, partsOf, tracksOf, type CaptionTrack } from './captions'
import { announce, silence } from './session'
import { resumes } from './resume'

export type Why = 'cap' | 'time' | 'pay' | 'chain' | 'node' | 'keys' | 'offline' | 'busy' | 'unsigned' | 'funds' | 'format' | 'other'

/** Why nothing plays, and what to do. */
export interface Halt {
  why: Why
  title: string
  todo: string
  detail?: string
}

/** Halts that end by themselves when what is gone comes back. */
const PASSING: ReadonlySet<Why> = new Set<Why>(['chain', 'node', 'keys', 'offline'])
const AGAIN = 4_000

/**
 * Plays one work in one media element: decides with the SDK how its viewer gets in, feeds hls.js with verified bytes, and says at any time what is being
 * paid and why nothing plays. What it cannot know it asks: the wallet through the sheet, limits through `raise` and `extend`.
 */
export class Engine {
  playing = $state(false)
  waiting = $state(false)
  ended = $state(false)
  time = $state(0)
  duration = $state(0)
  buffered = $state(0)
  volume = $state(settings.value.volume)
  muted = $state(false)
  speed = $state(settings.value.speed)
  levels = $state.raw<{ label: string }[]>([])
  level = $state(-1)
  current = $state('')
  tracks = $state.raw<CaptionTrack[]>([])
  track = $state(-1)

  how = $state<'metered' | 'free' | 'granted' | 'preview' | 'unknown'>('unknown')
  spent = $state.raw(0n)
  fees = $state.raw(0n)
  perMinute = $state.raw(0n)
  paidSeconds = $state(0)
  cap = $state.raw(0n)
  node = $state('')

  /** What it is doing while nothing is seen. */
  said = $state('')
  /** What has happened, for who listens rather than looks. */
  note = $state('')
  /** Known at once; shown when nothing is left to play, or when it takes a decision. */
  #halt = $state.raw<Halt>()
  #starved = $state(true)

  onNext: () => void = () => {}

  #work = $state.raw<WorkDetail>()
  #video: HTMLVideoElement | undefined
  #player: Player | undefined
  #hls: Hls | undefined
  #url: string | undefined
  #turn = 0
  #quality: 'best' | 'auto' | number = 'auto'
  #minutes = settings.value.minutesCap
  #pricePerTick = 0n
  #tickSeconds = 1
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopListening: (() => void) | undefined
  #texts = new Map<number, TextTrack>()
  #noted = 0

  get stop(): Halt | undefined {
    return this.#halt && this.#starved ? this.#halt : undefined
  }
  /** It is sold by the second, whether or not that is how it plays now. */
  get metered(): boolean {
    return this.perMinute > 0n
  }
  get canPip(): boolean {
    return document.pictureInPictureEnabled === true && this.#work?.kind !== 'audio' && this.#work?.kind !== 'podcast'
  }
  /** How much more one yes allows: the limit of the settings once again. */
  get raiseWords(): string {
    return stream(settings.value.spendCap)
  }

  /** Opens a work and plays it; the same work again goes on where it is, with whatever right there is now. */
  async open(work: WorkDetail, video: HTMLVideoElement): Promise<void> {
    const same = this.#work?.root === work.root
    const at = same && this.time > 0 && !this.ended ? this.time : resumes.at(work.root)
    if (!same) {
      this.cap = BigInt(settings.value.spendCap)
      this.#minutes = settings.value.minutesCap
      this.#quality = 'auto'
    }
    await this.#shut()
    const turn = ++this.#turn
    this.#work = work
    this.#video = video
    this.duration = work.duration_seconds
    this.time = at
    this.#halt = undefined
    this.#starved = true
    this.ended = false
    this.how = 'unknown'
    this.waiting = true
    this.#listen(video)
    try {
      await this.#start(work, video, at, turn)
    } catch (error) {
      if (turn === this.#turn) this.#fail(error)
    }
  }

  async #start(work: WorkDetail, video: HTMLVideoElement, at: number, turn: number): Promise<void> {
    this.said = m.say_access()
    const [{ Player, restChain, indexedDbStore, memoryStore, hlsConfig, playerUrl }, config] = await Promise.all([import('@streamchain/sdk/play'), chainConfig()])
    // A wallet of this device is opened without a question; another only when it has to sign.
    const address = wallets.address
    const decision = await decide(work.root, address)
    if (turn !== this.#turn) return
    if (decision.metered) {
      this.#pricePerTick = BigInt(decision.metered.price_per_tick)
      this.#tickSeconds = decision.metered.tick_seconds
      this.perMinute = perMinute(this.#pricePerTick, this.#tickSeconds)
    }

    this.said = m.say_nodes()
    const viewer = address ? { address, authorize: async (what: Parameters<typeof deeds.authorizePlaying>[0]) => void (await this.#authorize(what)) } : undefined
    const player = await Player.open({
      chain: restChain(config.rest, config.chain_id),
      work: work.root,
      ...(viewer ? { viewer } : {}),
      // without a wallet there is nothing to keep, and a frame of another site may be allowed to keep nothing
      store: viewer ? indexedDbStore() : memoryStore(),
      maxSpend: this.cap,
      maxSeconds: this.#minutes * 60,
      quality: this.#quality,
      holders: work.holders.map(({ operator, endpoint }) => ({ operator, endpoint })),
    })
    if (turn !== this.#turn) return void player.close()
    this.#player = player
    this.#told(player.meter)
    player.on('meter', (meter) => this.#told(meter))
    player.on('paused', ({ reason, error }) => this.#paused(reason, error))
    player.on('resumed', () => this.#resumed())
    player.on('waiting', ({ error, again }) => {
      if (again > 1) this.note = this.said = error.name === 'ChainError' ? m.say_chain_gone() : m.say_node_gone()
    })
    player.on('node', ({ operator }) => this.#served(operator))
    player.attach(video)

    if (player.meter.mode === 'none') return this.#set(this.#payHalt())
    if (player.meter.mode === 'metered') {
      this.said = m.say_lane()
      await player.prepare()
      if (turn !== this.#turn) return
    }
    this.said = m.say_buffer()
    if (player.playable) await this.#hlsStart(player, video, at, hlsConfig(player), playerUrl(player))
    else await this.#fileStart(player, video, at, turn)
  }

  async #authorize(what: Parameters<typeof deeds.authorizePlaying>[0]): Promise<void> {
    const before = this.said
    this.said = m.say_sign()
    try {
      await deeds.authorizePlaying(what)
    } finally {
      this.said = before
    }
  }

  async #hlsStart(player: Player, video: HTMLVideoElement, at: number, config: object, url: string): Promise<void> {
    const { default: HlsLight } = await import('hls.js/light')
    if (player !== this.#player) return
    if (!HlsLight.isSupported()) return this.#set({ why: 'format', title: m.stop_format(), todo: m.stop_format_text() })
    // No worker: it would be made of a blob, which the page's policy refuses; remuxing fragmented MP4 is cheap.
    const hls = new HlsLight({ ...config, enableWorker: false, startPosition: at } as ConstructorParameters<typeof HlsLight>[0])
    this.#hls = hls
    const { Events, ErrorTypes } = HlsLight
    hls.on(Events.MANIFEST_PARSED, (_, data) => {
      const metered = player.meter.mode === 'metered'
      const lines = data.levels.map((level) => level.height)
      this.levels = metered && this.#work?.kind === 'video' ? METERED.map(({ label }) => ({ label: label() })) : lines.map((height, i) => ({ label: height ? `${height}p` : `${Math.round((data.levels[i]?.bitrate ?? 0) / 1000)} kbit/s` }))
      hls.startLoad(at)
      if (at > 0) video.currentTime = at
      void this.#play()
    })
    hls.on(Events.LEVEL_SWITCHED, (_, { level }) => {
      const height = hls.levels[level]?.height
      this.current = height ? `${height}p` : ''
    })
    hls.on(Events.ERROR, (_, data) => {
      if (!data.fatal) return
      if (data.type === ErrorTypes.MEDIA_ERROR && this.#recovered < 2) {
        this.#recovered++
        return hls.recoverMediaError()
      }
      this.#fail(data.type === ErrorTypes.MEDIA_ERROR ? Object.assign(new Error(data.details), { slug: 'format' }) : ((data as { networkDetails?: unknown }).networkDetails ?? data.error))
    })
    hls.loadSource(url)
    hls.attachMedia(video)
    void this.#captions(player)
  }
  #recovered = 0

  /** A work that is one plain file, which the browser plays itself once it is here and checked. */
  async #fileStart(player: Player, video: HTMLVideoElement, at: number, turn: number): Promise<void> {
    const file = await player.fetchFile()
    if (turn !== this.#turn) return
    this.#url = URL.createObjectURL(new Blob([file.data], { type: file.type }))
    video.src = this.#url
    video.currentTime = at
    await this.#play()
  }

  async #captions(player: Player): Promise<void> {
    try {
      const master = new TextDecoder().decode((await player.load('master.m3u8')).data)
      if (player !== this.#player) return
      this.tracks = tracksOf(master)
      const preferred = this.tracks.findIndex((track) => track.language.split('-')[0] === document.documentElement.lang)
      if (settings.value.captions && this.tracks.length > 0) this.setTrack(Math.max(0, preferred))
    } catch {
      this.tracks = []
    }
  }

  async #loadTrack(index: number): Promise<void> {
    const { tracks } = this
    const player = this.#player
    const chosen = tracks[index]
    if (!player || !chosen || !this.#video) return
    let text = this.#texts.get(index)
    if (!text) {
      text = this.#video.addTextTrack('subtitles', chosen.label, chosen.language)
      this.#texts.set(index, text)
      const read = async (path: string) => new TextDecoder().decode((await player.load(path)).data)
      for (const part of partsOf(await read(chosen.path), chosen.path)) {
        for (const cue of cuesOf(await read(part))) {
          const made = new VTTCue(cue.start, cue.end, cue.text)
          if (/^\d+%?$/.test(cue.settings.line ?? '')) {
            made.snapToLines = !cue.settings.line!.endsWith('%')
            made.line = Number.parseInt(cue.settings.line!, 10)
          }
          text.addCue(made)
        }
      }
    }
    text.mode = this.track === index ? 'showing' : 'disabled'
  }

  /** Plays; where the browser wants a press first, it waits for one. */
  async #play(): Promise<void> {
    if (!this.#video) return
    this.#video.volume = this.volume
    this.#video.playbackRate = this.speed
    try {
      await this.#video.play()
    } catch (error) {
      if ((error as Error).name === 'NotAllowedError') this.waiting = false
    }
  }

  #listen(video: HTMLVideoElement): void {
    const on: [keyof HTMLMediaElementEventMap, () => void][] = [
      ['play', () => (this.playing = true)],
      ['playing', () => this.#flowing()],
      ['pause', () => ((this.playing = false), this.#note())],
      ['waiting', () => ((this.waiting = true), (this.#starved = true))],
      ['canplay', () => ((this.waiting = false), this.#still())],
      ['seeked', () => this.#progress()],
      ['ended', () => ((this.ended = true), (this.playing = false), this.#note())],
      ['durationchange', () => Number.isFinite(video.duration) && video.duration > 0 && (this.duration = video.duration)],
      ['timeupdate', () => this.#progress()],
      ['progress', () => this.#progress()],
      ['volumechange', () => ((this.volume = video.volume), (this.muted = video.muted))],
      ['error', () => this.#url && this.#fail(Object.assign(new Error(video.error?.message ?? ''), { slug: 'format' }))],
    ]
    for (const [name, run] of on) video.addEventListener(name, run)
    const online = (): void => this.retry()
    addEventListener('online', online)
    this.#stopListening = () => {
      for (const [name, run] of on) video.removeEventListener(name, run)
      removeEventListener('online', online)
    }
    announce(this.#work!, {
      play: () => void this.#play(),
      pause: () => video.pause(),
      seek: (to) => this.seek(to),
      by: (seconds) => this.seek(this.time + seconds),
      next: () => this.onNext(),
    })
  }

  #flowing(): void {
    this.waiting = false
    this.ended = false
    this.said = ''
    this.#still()
  }
  /** There is something to show: a halt that waits is not shown over it. */
  #still(): void {
    if (this.#video && this.#video.readyState >= 3) this.#starved = false
  }

  #progress(): void {
    const video = this.#video
    if (!video) return
    this.time = video.currentTime
    const { buffered } = video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= this.time + 0.5 && buffered.end(i) >= this.time) this.buffered = buffered.end(i)
    if (this.#halt && this.buffered - this.time < 0.3) this.#starved = true
    if (Math.abs(Date.now() - this.#noted) > 5_000) this.#note()
  }
  /** Remembers where it is. */
  #note(): void {
    const work = this.#work
    if (!work || this.time === 0) return
    this.#noted = Date.now()
    resumes.note({ root: work.root, title: work.title, ...(work.cover ? { cover: work.cover } : {}), at: this.ended ? 0 : Math.floor(this.time), duration: Math.floor(this.duration), when: Math.floor(Date.now() / 1000) })
  }

  #told(meter: Meter): void {
    this.how = meter.mode === 'none' ? 'unknown' : meter.mode
    this.spent = meter.spent
    this.paidSeconds = Math.min(meter.ticks * this.#tickSeconds, Math.max(meter.seconds, meter.ticks * this.#tickSeconds))
    const paid = this.#pricePerTick * BigInt(meter.ticks)
    const all = meter.spent + meter.spentBefore
    this.fees = all > paid ? all - paid : 0n
    if (meter.node) this.node = this.#nodeName(meter.node)
  }
  #nodeName(operator: string): string {
    const holder = this.#work?.holders.find((one) => one.operator === operator)
    return holder ? `${holder.region ? `${holder.region} · ` : ''}${holder.endpoint.replace(/^https?:\/\//, '')}` : operator.slice(0, 14)
  }
  #served(operator: string): void {
    const name = this.#nodeName(operator)
    if (this.node && this.node !== name && this.time > 1) this.note = m.note_node({ node: name })
    this.node = name
  }

  #payHalt(): Halt {
    return this.how === 'preview' ? { why: 'pay', title: m.stop_preview(), todo: m.stop_preview_text() } : { why: 'pay', title: m.stop_pay(), todo: m.stop_pay_text() }
  }

  #paused(reason: PauseReason, error: Error): void {
    if (!navigator.onLine) return this.#set({ why: 'offline', title: m.stop_offline(), todo: m.stop_offline_text() })
    const halts: Record<PauseReason, () => Halt> = {
      'spend-limit': () => ({ why: 'cap', title: m.stop_cap(), todo: m.stop_cap_text({ paid: stream(this.spent) }) }),
      'time-limit': () => ({ why: 'time', title: m.stop_time({ minutes: this.#minutes }), todo: m.stop_time_text() }),
      payment: () => this.#payHalt(),
      wallet: () => this.#walletHalt(error),
      nodes: () => ({ why: 'node', title: m.stop_node(), todo: m.stop_node_text() }),
      keys: () => ({ why: 'keys', title: m.stop_keys(), todo: m.stop_keys_text() }),
      chain: () => ({ why: 'chain', title: m.stop_chain(), todo: m.stop_chain_text() }),
    }
    this.#set((halts[reason] ?? halts.nodes)())
  }
  #walletHalt(error: unknown): Halt {
    const cause = (error as { cause?: unknown }).cause ?? error
    if (isCancelled(cause)) return { why: 'unsigned', title: m.stop_unsigned(), todo: m.stop_unsigned_text() }
    if ((cause as { slug?: string }).slug === 'sdk/InsufficientFunds') return { why: 'funds', title: m.stop_funds(), todo: m.stop_funds_text() }
    const { title, todo, detail } = explain(cause)
    return { why: 'other', title, todo, ...(detail ? { detail } : {}) }
  }

  /** What stopped it before or for good. */
  #fail(error: unknown): void {
    const { name = '', slug = '' } = (error ?? {}) as { name?: string; slug?: string }
    if (name === 'AbortError') return
    if (name === 'AuthorizationError') return this.#set(this.#walletHalt(error))
    if (name === 'BusyError') return this.#set({ why: 'busy', title: m.stop_busy(), todo: m.stop_busy_text() })
    if (slug === 'format') return this.#set({ why: 'format', title: m.stop_format(), todo: m.stop_format_text() })
    if (name === 'PaymentRequiredError') return this.#set(this.#payHalt())
    if (!navigator.onLine) return this.#set({ why: 'offline', title: m.stop_offline(), todo: m.stop_offline_text() })
    if (name === 'NoNodeError') return this.#set({ why: 'node', title: m.stop_node(), todo: m.stop_node_text() })
    if (name === 'ChainError' || (name === 'TypeError' && /fetch/i.test(String((error as Error).message)))) return this.#set({ why: 'chain', title: m.stop_chain(), todo: m.stop_chain_text() })
    const said = explain(error)
    this.#set({ why: 'other', title: said.title, todo: said.todo, ...(said.detail ? { detail: said.detail } : {}) })
  }

  #set(halt: Halt): void {
    this.#halt = halt
    this.waiting = false
    this.said = ''
    this.note = `${halt.title}. ${halt.todo}`
    // the free part is on its way: what ends it is shown after it
    if (halt.why === 'pay' && this.how === 'preview' && this.time === 0) this.#starved = false
    else if (!this.#video || this.#video.readyState < 3 || this.#video.paused || !PASSING.has(halt.why)) this.#starved = !this.#video || this.#video.readyState < 3 || this.buffered - this.time < 0.5
    clearTimeout(this.#timer)
    if (PASSING.has(halt.why)) this.#timer = setTimeout(() => this.retry(), AGAIN)
  }
  #resumed(): void {
    this.said = ''
    if (this.#halt && PASSING.has(this.#halt.why)) this.note = m.note_back()
    this.#halt = undefined
    clearTimeout(this.#timer)
  }

  /** Tries again what stopped: at the place where it waits, or from the start where it never began. */
  retry(): void {
    clearTimeout(this.#timer)
    if (!this.#halt || !this.#work || !this.#video) return
    if (this.#player?.paused) {
      this.#halt = undefined
      this.waiting = this.#starved
      this.said = m.say_buffer()
      this.#player.resume()
    } else void this.open(this.#work, this.#video)
  }
  /** Without a wallet only what is free plays: makes or opens one, and goes on where it is. */
  async join(): Promise<void> {
    try {
      await wallets.require('watch')
    } catch (error) {
      if (!isCancelled(error)) this.#fail(error)
      return
    }
    if (this.#work && this.#video) await this.open(this.#work, this.#video)
  }
  /** Allows as much again as the settings say for one work. */
  raise(): void {
    this.cap += BigInt(settings.value.spendCap)
    this.#go({ maxSpend: this.cap })
  }
  extend(): void {
    this.#minutes += settings.value.minutesCap
    this.#go({ maxSeconds: this.#minutes * 60 })
  }
  #go(limits: { maxSpend?: bigint; maxSeconds?: number }): void {
    this.#halt = undefined
    this.waiting = true
    this.#player?.raise(limits)
    void this.#play()
  }

  toggle(): void {
    const video = this.#video
    if (!video) return
    if (this.#halt && this.#starved) return this.retry()
    if (video.paused) void this.#play()
    else video.pause()
  }
  seek(to: number): void {
    if (!this.#video) return
    const at = Math.max(0, Math.min(to, this.duration > 0 ? this.duration - 0.1 : to))
    this.time = at
    this.ended = false
    this.#video.currentTime = at
  }
  setVolume(volume: number): void {
    if (!this.#video) return
    this.#video.volume = Math.min(1, Math.max(0, volume))
    this.#video.muted = false
    settings.change({ volume: this.#video.volume })
  }
  mute(): void {
    if (this.#video) this.#video.muted = !this.#video.muted
  }
  setSpeed(speed: number): void {
    this.speed = speed
    if (this.#video) this.#video.playbackRate = speed
    settings.change({ speed })
  }
  /** What is paid by the second has one quality at a time, each paid for itself: another one opens the work again. */
  setLevel(level: number): void {
    this.level = level
    if (this.how === 'metered' && this.#work && this.#video) {
      this.#quality = METERED[level]?.quality ?? 'auto'
      void this.open(this.#work, this.#video)
    } else if (this.#hls) this.#hls.nextLevel = level
  }
  setTrack(track: number): void {
    this.track = track
    settings.change({ captions: track >= 0 })
    for (const [index, text] of this.#texts) text.mode = index === track ? 'showing' : 'disabled'
    if (track >= 0) void this.#loadTrack(track).catch(() => toasts.show(m.captions_failed(), { tone: 'bad' }))
  }
  toggleCaptions(): void {
    if (this.tracks.length > 0) this.setTrack(this.track >= 0 ? -1 : 0)
  }
  pip(): void {
    if (!this.#video || !this.canPip) return
    if (document.pictureInPictureElement) void document.exitPictureInPicture()
    else void this.#video.requestPictureInPicture().catch(() => undefined)
  }

  /** Ends playing; nodes settle, and what was not spent returns. */
  close(): void {
    this.#turn++
    this.#note()
    void this.#shut()
    this.#work = undefined
    silence()
  }

  async #shut(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#hls?.destroy()
    this.#hls = undefined
    for (const text of this.#texts.values()) text.mode = 'disabled'
    this.#texts.clear()
    this.tracks = []
    this.levels = []
    this.#recovered = 0
    if (this.#url) URL.revokeObjectURL(this.#url)
    this.#url = undefined
    if (this.#video) {
      this.#video.pause()
      this.#video.removeAttribute('src')
      this.#video.load()
    }
    this.playing = false
    const player = this.#player
    this.#player = undefined
    if (!player) return
    player.attach(undefined)
    const result = await player.close().catch(() => undefined)
    if (result && result.spent > 0n) void wallets.refresh()
  }
}

/** Qualities of what is paid by the second, by lines. */
const METERED: { label: () => string; quality: 'best' | number }[] = [
  { label: m.quality_best, quality: 'best' },
  { label: () => '1080p', quality: 1080 },
  { label: () => '720p', quality: 720 },
  { label: () => '480p', quality: 480 },
  { label: () => '240p', quality: 240 },
]
