/** Secrets in text: connection strings lose their passwords, and what is known to be secret is not shown. */

const inUrl = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*):[^\s/@]*@/gi

/** @example redact('redis://pods:secret@host') // 'redis://pods:***@host' */
export function redact(text: string, secrets: readonly string[] = []): string {
  let shown = text.replace(inUrl, '$1:***@')
  for (const secret of secrets) shown = shown.replaceAll(secret, '***')
  return shown
}

/** The passwords of connection strings, as they are written and as they are meant. */
export function passwordsOf(urls: readonly (string | undefined)[]): string[] {
  const found = urls.flatMap(url => {
    const password = /^[^/]*:\/\/[^/@:]*:([^/@]*)@/.exec(url ?? '')?.[1]
    return password ? [password, decoded(password)] : []
  })
  // A short one would blot out half of every text.
  return [...new Set(found)].filter(password => password.length >= 4)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
