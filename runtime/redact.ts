/** Secrets in text: connection strings lose their passwords, and what is known to be secret is not shown. */

/** To the last @, since passwords with an @ or a / of their own are given too: rather too much than too little. */
const inUrl = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*):[^\s"'<>]*@/gi
const inQuery = /([?&](?:password|sslpassword|passphrase|token)=)[^\s&#"'<>]*/gi

/** @example redact('redis://pods:secret@host') // 'redis://pods:***@host' */
export function redact(text: string, secrets: readonly string[] = []): string {
  let shown = text.replace(inUrl, '$1:***@').replace(inQuery, '$1***')
  for (const secret of secrets) shown = shown.replaceAll(secret, '***')
  return shown
}

/** The passwords of connection strings, as they are written and as they are meant. */
export function passwordsOf(urls: readonly (string | undefined)[]): string[] {
  const found = urls.flatMap((url = '') => {
    const short = /^[^/]*:\/\/[^/@:]*:([^/@]*)@/.exec(url)?.[1]
    const long = /^[^/]*:\/\/[^/@:]*:(.*)@/.exec(url)?.[1]
    const given = [...url.matchAll(inQuery)].map(([parameter]) => parameter.slice(parameter.indexOf('=') + 1))
    return [short, long, ...given].flatMap(password => (password ? [password, decoded(password)] : []))
  })
  // A short one would blot out half of every text. Longer ones first: one may begin with another.
  return [...new Set(found)].filter(password => password.length >= 4).sort((a, b) => b.length - a.length)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
