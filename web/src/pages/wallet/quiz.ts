/** Three different places out of so many words, in order, drawn anew each time. */
export function questions(count: number, random: () => number = () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32): number[] {
  const left = Array.from({ length: count }, (_, i) => i)
  const drawn: number[] = []
  while (drawn.length < 3 && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1))
  return drawn.sort((a, b) => a - b)
}
