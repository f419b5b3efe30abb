import type { Msg } from '@streamchain/sdk'
import type { Answer, Ask, Job, Packager, PackagerInfo, Published, Quote } from '@streamchain/sdk/publish'
import { chainConfig } from '../../lib/api'
import { isCancelled } from '../../lib/errors'
import { m } from '../../lib/i18n'
import { restOr, segment } from '../../lib/rest'
import { chain, send } from '../../lib/send.svelte'
import { isRecord, stored } from '../../lib/store'
import { wallets } from '../../lib/wallet.svelte'
import { draft, offerOf, type Draft } from '../offers'
import type { Template } from '../chain'

export type Step = 1 | 2 | 3 | 4

/** What somebody says of a work, as typed. */
export interface Form {
  title: string
  description: string
  kind: string
  language: string
  licence: string
  tags: string
  handle: string
  parents: { work: string; percent: string }[]
  offers: Draft[]
  encrypt: boolean
  keepSecret: boolean
  copies: number
  days: number
  previous: string
}

interface Kept {
  job?: string
  step: Step
  form: Form
}

const blank = (): Form => ({
  title: '',
  description: '',
  kind: '',
  language: '',
  licence: 'CC-BY-4.0',
  tags: '',
  handle: '',
  parents: [],
  offers: [draft('metered', { price: '0.006' })],
  encrypt: true,
  keepSecret: false,
  copies: 3,
  days: 90,
  previous: '',
})

const kept = stored<Kept | null>('studio.publish', null, (value): value is Kept | null => value === null || (isRecord(value) && isRecord(value.form) && typeof value.step === 'number'))
const token = stored<string>('studio.packager', '', (value): value is string => typeof value === 'string')

/** The only messages that publishing needs: whatever else a helper asked for would not be signed. */
const ASKED = [
  '/streamchain.content.v1.MsgRegisterCreator',
  '/streamchain.content.v1.MsgCommit',
  '/streamchain.content.v1.MsgPublish',
  '/streamchain.storage.v1.MsgRequestDeals',
  '/streamchain.storage.v1.MsgDrawKeySet',
  '/streamchain.storage.v1.MsgDealKeys',
  '/streamchain.subscription.v1.MsgSetOffers',
]

const purposes: Record<string, () => string> = {
  'register-creator': m.studio_ask_creator,
  date: m.studio_ask_date,
  register: m.studio_ask_register,
  'draw-keys': m.studio_ask_draw,
  'deal-keys': m.studio_ask_deal,
  sell: m.studio_ask_sell,
}

const works: Job['state'][] = ['packaging', 'preparing', 'publishing']
export const isMedia = (file: { name: string; type: string }): boolean =>
  /^(video|audio)\//.test(file.type) || /\.(mp4|mkv|mov|webm|avi|m4v|mp3|m4a|ogg|opus|flac|wav|aac)$/i.test(file.name)

/** One work in the making: where it is, what was said of it, and what it waits for. It survives a reload; the helper keeps the bytes. */
export class Publishing {
  step = $state<Step>(1)
  form = $state<Form>(blank())
  helper = $state<'looking' | 'absent' | 'unpaired' | 'ready'>('looking')
  info = $state.raw<PackagerInfo>()
  job = $state.raw<Job>()
  /** bytes of the file that the helper has */
  sent = $state(0)
  busy = $state('')
  error = $state.raw<unknown>()
  /** A text that waits to be signed, in plain words. */
  granting = $state.raw<Ask>()
  /** Without a helper: a file that does not play, published by the page itself. */
  file = $state.raw<File>()
  cover = $state.raw<string>()
  quote = $state.raw<Quote>()
  published = $state.raw<Published>()
  stages = $state.raw<{ stage: string; done: number; total: number; node?: string }[]>([])

  #packager: Packager | undefined
  #following: AbortController | undefined
  #answered = ''
  #grant: ((yes: boolean) => void) | undefined
  #coverFile: File | undefined

  constructor(previous = '') {
    const was = kept.get()
    if (was) {
      this.form = { ...blank(), ...was.form }
      this.step = was.step
    }
    if (previous && previous !== this.form.previous) {
      this.form = { ...blank(), previous, offers: [] }
      this.step = 1
      kept.set({ step: 1, form: $state.snapshot(this.form) as Form })
    }
  }

  keep(): void {
    kept.set({ step: this.step, form: $state.snapshot(this.form) as Form, ...(this.job ? { job: this.job.id } : {}) })
  }

  go(step: Step): void {
    this.step = step
    this.error = undefined
    this.keep()
    scrollTo({ top: 0 })
  }

  /** Looks for the helper on this machine, and for the job of before. */
  async find(): Promise<void> {
    this.helper = 'looking'
    this.error = undefined
    try {
      const [{ Packager }, { packager }] = await Promise.all([import('@streamchain/sdk/publish'), chainConfig()])
      if (!packager) throw new Error('none')
      this.#packager = new Packager(packager, token.get())
      this.info = await this.#packager.info()
    } catch {
      this.helper = 'absent'
      return
    }
    this.helper = this.info.paired ? 'ready' : 'unpaired'
    const id = kept.get()?.job
    if (!this.info.paired || !id) return
    try {
      this.see(await this.#packager.job(id))
      void this.follow()
    } catch (error) {
      if ((error as { slug?: string }).slug === 'no-job') this.forget()
      else this.error = error
    }
  }

  async pair(code: string): Promise<void> {
    await this.doing('pair', async () => {
      token.set(await this.#packager!.pair(code))
      await this.find()
      // chosen before there was anybody to take it
      const file = this.file
      if (file && this.helper === 'ready' && !this.job) {
        this.file = undefined
        await this.choose(file)
      }
    })
  }

  private see(job: Job): void {
    this.job = job
    this.sent = job.received
    this.keep()
    void this.picture()
  }

  private async doing(what: string, work: () => Promise<void>): Promise<void> {
    this.busy = what
    this.error = undefined
    try {
      await work()
    } catch (error) {
      if (!isCancelled(error)) this.error = error
    } finally {
      this.busy = ''
    }
  }

  /** A file was chosen: the helper gets it and packages it; what does not play stays in the page where there is no helper. */
  async choose(file: File): Promise<void> {
    this.step = 1
    if (!this.form.title) this.form.title = file.name.replace(/\.[^.]+$/, '').replace(/[_-]+/g, ' ')
    if (this.helper !== 'ready') {
      this.file = file
      this.keep()
      return
    }
    await this.doing('file', async () => {
      const p = this.#packager!
      let job = this.job
      if (!job || job.state !== 'receiving' || job.name !== file.name || job.size !== file.size) {
        if (job && job.state !== 'done' && !job.result) await p.remove(job.id).catch(() => undefined)
        job = await p.create(file.name, file.size)
        this.see(job)
      }
      this.#following = new AbortController()
      const source = { size: file.size, slice: (from: number, to: number) => file.slice(from, to) } as Parameters<Packager['send']>[1]
      this.see(await p.send(job, source, (bytes) => (this.sent = bytes), this.#following.signal))
      this.see(await p.package(job.id))
      void this.follow()
    })
  }

  /** Packages again: after it failed, or was stopped. */
  async repackage(): Promise<void> {
    await this.doing('file', async () => {
      this.see(await this.#packager!.package(this.job!.id))
      void this.follow()
    })
  }

  async setCover(file: File | undefined): Promise<void> {
    await this.doing('cover', async () => {
      this.#coverFile = file
      if (!this.job) {
        this.show(file)
        return
      }
      this.see(file ? await this.#packager!.cover(this.job.id, file) : await this.#packager!.removeCover(this.job.id))
    })
  }

  async addCaptions(language: string, file: File): Promise<void> {
    await this.doing('captions', async () => {
      this.see(await this.#packager!.captions(this.job!.id, language, file))
      this.see(await this.#packager!.package(this.job!.id))
      void this.follow()
    })
  }

  private show(picture: Blob | undefined): void {
    if (this.cover) URL.revokeObjectURL(this.cover)
    this.cover = picture ? URL.createObjectURL(picture) : undefined
  }

  #pictured = ''
  private async picture(): Promise<void> {
    const job = this.job
    if (!job) return
    const which = `${job.id} ${job.cover} ${job.probe ? 1 : 0} ${job.cover === 'own' ? job.revision : ''}`
    if (job.cover === 'none' || job.state === 'done' || which === this.#pictured) return
    this.#pictured = which
    this.show(await this.#packager!.picture(job.id).catch(() => undefined))
  }

  /** Follows the job while it works, and answers what it asks. */
  private async follow(): Promise<void> {
    this.#following?.abort()
    const here = (this.#following = new AbortController())
    try {
      while (this.job && works.includes(this.job.state) && !here.signal.aborted) {
        const { ask } = this.job
        if (ask && ask.id !== this.#answered) {
          this.#answered = ask.id
          const answer = await this.answer(ask)
          this.see(answer ? await this.#packager!.answer(this.job.id, answer) : await this.#packager!.job(this.job.id))
          continue
        }
        this.see(await this.#packager!.job(this.job.id, this.job.revision, here.signal))
      }
    } catch (error) {
      if (!here.signal.aborted) this.error = error
    }
  }

  private async answer(ask: Ask): Promise<Answer | undefined> {
    const wallet = await wallets.require('sign').catch(() => undefined)
    if (!wallet || wallet.address !== ask.account) {
      this.error = Object.assign(new Error(m.studio_other_account({ account: ask.account })), { slug: 'rejected' })
      return { ask: ask.id, cancelled: true }
    }
    try {
      if (ask.kind === 'sign') {
        const text = ask.text ?? ''
        const { chain_id: id } = await chainConfig()
        if (!text.startsWith('StreamChain upload\n') || !text.includes(`\nchain: ${id}\naccount: ${wallet.address}\n`)) throw new Error('the packager asks for a signature of something else than an upload')
        this.granting = ask
        const yes = await new Promise<boolean>((resolve) => (this.#grant = resolve))
        this.granting = undefined
        if (!yes) return { ask: ask.id, cancelled: true }
        const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
        return { ask: ask.id, pubkey: base64(wallet.pubkey), signature: base64(await wallet.signArbitrary(text)) }
      }
      // a reload may have come between sending and hearing of it
      const work = this.job?.quote?.work
      if (ask.purpose === 'register' && work && (await restOr(`/streamchain/content/v1/works/${segment(work)}`))) {
        await this.#packager!.stop(this.job!.id)
        this.see(await this.#packager!.publish(this.job!.id))
        return undefined
      }
      const messages = (ask.messages ?? []).map((one) => ({ typeUrl: one.type_url, value: Uint8Array.from(atob(one.value), (c) => c.charCodeAt(0)) }))
      const strange = messages.find((one) => !ASKED.includes(one.typeUrl))
      if (strange) throw new Error(`the packager asks for what publishing does not need: ${strange.typeUrl}`)
      const sent = await send(messages, { title: purposes[ask.purpose]?.() ?? m.studio_publish(), done: '', purpose: 'sign' })
      return { ask: ask.id, tx_hash: sent.hash }
    } catch (error) {
      if (!isCancelled(error)) this.error = error
      return { ask: ask.id, cancelled: true }
    }
  }

  grant(yes: boolean): void {
    this.#grant?.(yes)
  }

  private terms(templates: Template[]): Parameters<Packager['prepare']>[2] {
    const { form } = this
    const offers = form.previous
      ? []
      : form.offers.map((one) => {
          const made = offerOf(one, templates.find((t) => t.id === one.template)?.params)
          if ('flaw' in made) throw new Error(m.studio_fix_offers())
          return made.offer
        })
    return {
      title: form.title.trim(),
      licence: form.licence.trim(),
      offers,
      noEncrypt: !form.encrypt,
      keepSecret: form.keepSecret,
      copies: form.copies,
      days: form.days,
      ...(form.description.trim() ? { description: form.description.trim() } : {}),
      ...(form.language ? { language: form.language } : {}),
      ...(form.kind ? { kind: form.kind } : {}),
      ...(form.previous ? { previous: form.previous } : {}),
      tags: form.tags.split(',').map((tag) => tag.trim()).filter(Boolean),
      parents: form.parents.filter((one) => one.work).map((one) => ({ work: one.work, bps: Math.round(Number(one.percent) * 100) })),
    }
  }

  /** What it would cost, before anything is signed. */
  async prepare(templates: Template[]): Promise<void> {
    await this.doing('prepare', async () => {
      const wallet = await wallets.require('sign')
      if (!this.job) return
      this.see(await this.#packager!.prepare(this.job.id, wallet.address, this.terms(templates)))
      void this.follow()
    })
  }

  async publish(): Promise<void> {
    await this.doing('publish', async () => {
      this.see(await this.#packager!.publish(this.job!.id))
      void this.follow()
    })
  }

  async stop(): Promise<void> {
    this.#following?.abort()
    await this.doing('stop', async () => {
      if (this.job) this.see(await this.#packager!.stop(this.job.id))
    })
  }

  /** Publishes what does not play from the page itself. Each transaction is shown by the wallet's sheet. */
  async publishHere(templates: Template[]): Promise<void> {
    await this.doing('publish', async () => {
      const [{ publishFile, bytesSource }, client, wallet] = await Promise.all([import('@streamchain/sdk/publish'), chain(), wallets.require('sign')])
      // the client with our sheet in place of its own signing; its other methods keep their own client
      const shown = new Proxy(client, {
        get(target, key) {
          if (key === 'tx') return (_: unknown, messages: Msg[]) => send([...messages], { title: m.studio_publish(), done: '', purpose: 'sign' })
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      const states = stored<Record<string, unknown> | null>('studio.here', null, (value): value is Record<string, unknown> | null => value === null || isRecord(value))
      const was = states.get()
      const file = this.file!
      this.published = await publishFile(
        { name: file.name, source: file as unknown as Parameters<typeof publishFile>[0]['source'], type: file.type },
        {
          client: shown,
          wallet,
          terms: this.terms(templates),
          ...(this.#coverFile ? { cover: bytesSource(new Uint8Array(await this.#coverFile.arrayBuffer())) } : {}),
          ...(was ? { state: was as never } : {}),
          save: async (state) => states.set(state as never),
          progress: (one) => {
            const key = `${one.stage} ${one.node ?? ''}`
            this.stages = [...this.stages.filter((old) => `${old.stage} ${old.node ?? ''}` !== key), one]
          },
          confirm: (quote) => {
            this.quote = quote
            return true
          },
        },
      )
      states.clear()
      kept.clear()
    })
  }

  /** Begins anew: what the helper has of this one goes, unless it was paid for. */
  async discard(): Promise<void> {
    await this.doing('discard', async () => {
      this.#following?.abort()
      if (this.job && this.job.state !== 'done') await this.#packager!.remove(this.job.id)
      this.forget()
    })
  }

  forget(): void {
    this.job = undefined
    this.file = undefined
    this.published = undefined
    this.sent = 0
    this.show(undefined)
    this.#pictured = ''
    this.form = blank()
    this.step = 1
    kept.clear()
  }

  end(): void {
    this.#following?.abort()
    this.#grant?.(false)
  }
}
