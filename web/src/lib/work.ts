import type { Discovery } from '@streamchain/sdk/discovery'

type Got<K extends keyof Discovery> = Discovery[K] extends (...args: never[]) => Promise<infer R> ? R : never

export type Work = Got<'listWorks'>['items'][number]
export type WorkDetail = Got<'getWork'>
export type Creator = Got<'listCreators'>['items'][number]
export type CreatorDetail = Got<'getCreator'>
export type Offer = Work['offers'][number]
export type Plan = Got<'listPlans'>['items'][number]
export type Collection = WorkDetail['collections'][number]
export type CollectionDetail = Got<'getCollection'>
export type Parts = WorkDetail['earnings']
export type Payment = Got<'listReceipts'>['items'][number]
export type Receipt = Got<'getReceipt'>
export type Library = Got<'getLibrary'>
export type Subscription = Library['subscriptions'][number]
export type Feed = Got<'listFeeds'>['items'][number]
export type FeedItem = Got<'getFeedItems'>['items'][number]
export type Dispute = WorkDetail['disputes'][number]

export const workPath = (root: string): string => `/work/${encodeURIComponent(root)}`
export const creatorPath = (id: string): string => `/creator/${encodeURIComponent(id)}`
export const collectionPath = (id: string): string => `/collection/${id.split('/').map(encodeURIComponent).join('/')}`
export const txPath = (tx: string): string => `/tx/${encodeURIComponent(tx)}`

/** Whether a work plays in the player; all else is read or downloaded. */
export const plays = (kind: string): boolean => ['video', 'audio', 'podcast', 'course'].includes(kind)
export const isAudio = (kind: string): boolean => kind === 'audio' || kind === 'podcast'
