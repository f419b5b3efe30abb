import { describe, expect, it } from 'vitest'
import { cuesOf, partsOf, tracksOf } from '../src/player/captions'
import { command, forPlayer, speedAfter } from '../src/player/keys'
import { resumes } from '../src/player/resume'

const key = (name: string, more: Partial<KeyboardEvent> = {}) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more })

describe('keys', () => {
  it.each([
    [' ', { do: 'toggle' }],
    ['k', { do: 'toggle' }],
    ['j', { do: 'seek', by: -10 }],
    ['L', { do: 'seek', by: 10 }],
    ['ArrowLeft', { do: 'seek', by: -5 }],
    ['m', { do: 'mute' }],
    ['>', { do: 'speed', step: 1 }],
    ['7', { do: 'jump', share: 0.7 }],
    ['q', undefined],
    ['Enter', undefined],
  ])('%j', (name, expected) => expect(command(key(name))).toEqual(expected))
  it('leaves the browser’s own shortcuts alone', () => {
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey']) expect(command(key('f', { [modifier]: true }))).toBeUndefined()
  })
  it('speeds stop at both ends', () => expect([speedAfter(1, 1), speedAfter(2, 1), speedAfter(0.5, -1)]).toEqual([1.25, 2, 0.5]))

  it('are the player’s only where nobody else wants them', () => {
    const host = document.createElement('div')
    const button = host.appendChild(document.createElement('button'))
    const range = host.appendChild(Object.assign(document.createElement('input'), { type: 'range' }))
    const field = document.body.appendChild(document.createElement('input'))
    document.body.append(host)
    const press = (target: Element, name: string): boolean => {
      let answer = false
      const listen = (event: Event): void => void (answer = forPlayer(event as KeyboardEvent, host))
      document.addEventListener('keydown', listen, { once: true })
      target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }))
      return answer
    }
    expect(press(document.body, 'k')).toBe(true)
    expect(press(field, 'k')).toBe(false)
    expect(press(button, 'k')).toBe(true)
    expect(press(button, ' ')).toBe(false)
    expect(press(range, 'ArrowLeft')).toBe(false)
    expect(press(range, 'm')).toBe(true)
    const dialog = document.body.appendChild(document.createElement('dialog'))
    dialog.setAttribute('open', '')
    expect(press(document.body, 'k')).toBe(false)
  })
})

describe('captions', () => {
  const master = `#EXTM3U
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",URI="captions/en.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="evil",LANGUAGE="xx",URI="https://evil.example/x.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="up",LANGUAGE="xx",URI="../../x.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="captions"
v0/index.m3u8`
  it('are those that stay inside the work', () => expect(tracksOf(master)).toEqual([{ label: 'English', language: 'en', path: 'captions/en.m3u8' }]))
  it('have their files beside the playlist', () => expect(partsOf('#EXTM3U\n#EXTINF:30,\nen.vtt\nhttps://evil/x.vtt\n../x.vtt\n', 'captions/en.m3u8')).toEqual(['captions/en.vtt']))
  it('are read as text, and what is broken is left out', () => {
    const cues = cuesOf('WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n1\n00:01.000 --> 00:02.500 line:90% align:center\nHello <b>you</b>\nthere\n\nNOTE no\n\n00:05.000 --> 00:04.000\nbackwards\n\nx --> y\nno\n\n01:00:00.000 --> 01:00:01.000\nlate')
    expect(cues.map(({ start, end, text }) => [start, end, text])).toEqual([
      [1, 2.5, 'Hello <b>you</b>\nthere'],
      [3600, 3601, 'late'],
    ])
    expect(cues[0]!.settings).toEqual({ line: '90%', align: 'center' })
  })
})

describe('where somebody stopped', () => {
  const at = (root: string, seconds: number, duration = 100) => resumes.note({ root, title: root, at: seconds, duration, when: 1 })
  it('is gone on from, but not from the first seconds or the end', () => {
    at('a', 50)
    at('b', 3)
    at('c', 95)
    expect([resumes.at('a'), resumes.at('b'), resumes.at('c'), resumes.at('d')]).toEqual([50, 0, 0, 0])
    expect(resumes.list().map((one) => one.root)).toEqual(['a'])
  })
  it('keeps the newest fifty', () => {
    for (let i = 0; i < 60; i++) at(`w${i}`, 50)
    expect(resumes.list()).toHaveLength(50)
    expect(resumes.list()[0]!.root).toBe('w59')
  })
})
