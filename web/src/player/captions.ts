/** A track of captions that a master playlist lists. */
export interface CaptionTrack {
  label: string
  language: string
  /** The playlist's path in the work. */
  path: string
}

export interface Cue {
  start: number
  end: number
  text: string
  settings: Record<string, string>
}

const attribute = (line: string, name: string): string => new RegExp(`[:,]${name}="([^"\\r\\n]*)"`).exec(line)?.[1] ?? ''

/** The caption tracks of a master playlist; the light build of hls.js leaves them to us. */
export function tracksOf(master: string): CaptionTrack[] {
  return master
    .split(/\r?\n/)
    .filter((line) => line.startsWith('#EXT-X-MEDIA:') && /[:,]TYPE=SUBTITLES(,|$)/.test(line))
    .map((line) => ({ label: attribute(line, 'NAME').slice(0, 80), language: attribute(line, 'LANGUAGE').slice(0, 35), path: attribute(line, 'URI') }))
    .filter((track) => inside(track.path))
    .slice(0, 32)
}

/** The files that a captions playlist names, as paths in the work. */
export function partsOf(playlist: string, playlistPath: string): string[] {
  const folder = playlistPath.includes('/') ? playlistPath.slice(0, playlistPath.lastIndexOf('/') + 1) : ''
  return playlist
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#') && inside(line))
    .map((line) => folder + line)
    .slice(0, 1000)
}

/** A relative path that stays where it is; whoever wrote the playlist is a stranger. */
const inside = (path: string): boolean => /^[^/\\:?#]+(\/[^/\\:?#]+)*$/.test(path) && !path.split('/').includes('..')

const TIME = /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})$/

function seconds(text: string): number | undefined {
  const found = TIME.exec(text)
  return found ? Number(found[1] ?? 0) * 3600 + Number(found[2]) * 60 + Number(found[3]) + Number(found[4]) / 1000 : undefined
}

/** The cues of a WebVTT file; what cannot be read is left out. The browser renders their text, as text. */
export function cuesOf(vtt: string): Cue[] {
  const blocks = vtt.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split(/\n{2,}/)
  const cues: Cue[] = []
  for (const block of blocks) {
    const lines = block.split('\n')
    const at = lines.findIndex((line) => line.includes('-->'))
    if (at < 0) continue
    const [from, rest] = lines[at]!.split('-->').map((part) => part.trim())
    const [to, ...settings] = (rest ?? '').split(/\s+/)
    const start = seconds(from ?? '')
    const end = seconds(to ?? '')
    const text = lines.slice(at + 1).join('\n').trim()
    if (start === undefined || end === undefined || end <= start || text === '') continue
    cues.push({ start, end, text, settings: Object.fromEntries(settings.map((one) => one.split(':')).filter((pair) => pair.length === 2) as [string, string][]) })
    if (cues.length === 50_000) break
  }
  return cues
}
