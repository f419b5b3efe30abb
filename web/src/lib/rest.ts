import { chainConfig } from './api'

/**
 * Reads the chain's own state through its REST endpoint, for pages that only show it: no generated code has to be loaded for that. Throws an error with the
 * `status` and the chain's own text.
 */
export async function rest<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
  const { rest: base } = await chainConfig()
  const url = new URL(`${base.replace(/\/$/, '')}${path}`)
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value))
  const response = await fetch(url)
  if (response.ok) return (await response.json()) as T
  const told = (await response.json().catch(() => ({}))) as { message?: string }
  throw Object.assign(new Error(told.message ?? `${response.status}`), { status: response.status })
}

/** As `rest`, with undefined for what is not there. */
export async function restOr<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T | undefined> {
  try {
    return await rest<T>(path, query)
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined
    throw error
  }
}

/** A path segment; ids with a slash (plans, collections) keep it, as the chain's routes want. */
export const segment = (id: string): string => id.split('/').map(encodeURIComponent).join('/')
