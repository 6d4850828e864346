const ours = new URL('./uvu.mjs', import.meta.url).href

export async function resolve(specifier, context, next) {
  return specifier === 'uvu' ? { url: ours, format: 'module', shortCircuit: true } : next(specifier, context)
}
