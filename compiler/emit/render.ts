/** Handlebars, set up once: strict, no HTML escaping, partials from the templates beside it. */
import { readdirSync, readFileSync } from 'node:fs'
import Handlebars from 'handlebars'

/** No names but those of a view-model and the helpers of Handlebars itself: else each field is looked for among the helpers first. */
const options: CompileOptions = { noEscape: true, strict: true, preventIndent: true, knownHelpersOnly: true }

/**
 * The templates of a folder: `name.hbs` is rendered by name, and each may include the others as `{{> name}}`.
 * A field that a template names and the view-model lacks is an error, not an empty string.
 */
export function templates(folder: URL): (name: string, model: object) => string {
  const engine = Handlebars.create()
  const compiled = new Map<string, HandlebarsTemplateDelegate>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.hbs')) continue
    const text = readFileSync(new URL(file, folder), 'utf8')
    const name = file.slice(0, -'.hbs'.length)
    const template = engine.compile(text, options)
    compiled.set(name, template)
    engine.registerPartial(name, template)
  }
  return (name, model) => {
    const template = compiled.get(name)
    if (!template) throw new Error(`no template ${name} in ${folder.pathname}`)
    return template(model)
  }
}

/** Every line of a documentation text, trimmed at its end. */
export function lines(text: string | null): string[] {
  return text === null ? [] : text.split(/\r?\n/).map(line => line.trimEnd())
}
