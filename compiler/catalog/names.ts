/** Names in generated code. */

/** @example camelCase('origin_stats') // 'originStats' */
export function camelCase(name: string): string {
  return name
    .replace(/[_-]+([A-Za-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
    .replace(/^[A-Z]/, first => first.toLowerCase())
}

/** @example pascalCase('origin_stats') // 'OriginStats', as is 'origin-stats': projects have hyphens */
export function pascalCase(name: string): string {
  const camel = camelCase(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** A property name as TypeScript writes it. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}
