import { templates } from '../../emit/render.ts'

export const render = templates(new URL('./templates/', import.meta.url))
