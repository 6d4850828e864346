/** Names and texts in SQL, as the standard and both engines spell them. */

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
