import type { components, operations } from '@streamchain/sdk/discovery'
import { m } from './i18n'

type S = components['schemas']
export type Work = S['Work']
export type WorkDetail = S['WorkDetail']
export type Creator = S['Creator']
export type CreatorDetail = S['CreatorDetail']
export type Offer = S['Offer']
export type Plan = S['Plan']
export type Collection = S['Collection']
export type CollectionDetail = S['CollectionDetail']
export type Parts = S['Parts']
export type Payment = S['Payment']
export type Receipt = S['Receipt']
export type Feed = S['Feed']
export type FeedItem = S['FeedItem']
export type Dispute = S['Dispute']
export type Library = operations['getLibrary']['responses'][200]['content']['application/json']

export const workPath = (root: string): string => `/work/${encodeURIComponent(root)}`
export const creatorPath = (id: string): string => `/creator/${encodeURIComponent(id)}`
export const collectionPath = (id: string): string => `/collection/${id.split('/').map(encodeURIComponent).join('/')}`
export const txPath = (tx: string): string => `/tx/${encodeURIComponent(tx)}`

/** What nobody sees: spaces, controls, formats, fillers, the empty cell of Braille. */
const UNSEEN = /[\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** Whether a title has anything to see; a link of nothing else would have no name. */
export const titled = (title: string | undefined): boolean => (title ?? '').replace(UNSEEN, '') !== ''
/** A name that strangers gave, or what stands for it where it has nothing to see: no link, button or heading is without a name. */
export const named = (title: string | undefined, otherwise: string = m.untitled()): string => (titled(title) ? title! : otherwise)
/** What a work is called. */
export const workName = (work: { title?: string }): string => named(work.title, m.work_untitled())

/** Whether a work plays in the player; all else is read or downloaded. */
export const plays = (kind: string): boolean => ['video', 'audio', 'podcast', 'course'].includes(kind)
export const isAudio = (kind: string): boolean => kind === 'audio' || kind === 'podcast'
