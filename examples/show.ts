/** How demos print. */

export function step(title: string): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 76 - title.length))}\n`)
}

/** Since an instant of `performance.now()`. */
export function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

export function count(number: number): string {
  return number.toLocaleString('en-US')
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
