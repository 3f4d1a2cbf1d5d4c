import { load } from 'cheerio/slim'

/** What a paragraph's style makes of it: the level of a heading, or a line of the table of contents. */
export type Role = number | 'contents'

/**
 * Roles by style id, from `word/styles.xml`. Ids are not to be trusted: a Chinese Word calls heading 1 "1" or "a3", so the style's
 * name decides (ECMA-376 keeps built-in names English), else its outline level, else those of the style that it is based on.
 */
export function rolesOfStyles(xml: string): Map<string, Role> {
	const $ = load(xml, { xml: true })
	const roles = new Map<string, Role>()
	const bases = new Map<string, string>()
	for (const element of $('w\\:style').get()) {
		const style = $(element)
		const id = style.attr('w:styleId') ?? ''
		const role = roleOf(style.children('w\\:name').attr('w:val') ?? '', style.find('w\\:outlineLvl').attr('w:val'))
		if (role !== null) roles.set(id, role)
		bases.set(id, style.children('w\\:basedOn').attr('w:val') ?? '')
	}
	for (const id of bases.keys()) {
		const inherited = inherit(id, roles, bases)
		if (inherited !== undefined) roles.set(id, inherited)
	}
	return roles
}

function roleOf(name: string, outlineLevel: string | undefined): Role | null {
	const [, heading] = /^heading (\d)$/i.exec(name) ?? []
	if (heading) return Number(heading)
	if (/^title$/i.test(name)) return 1
	if (/^toc /i.test(name)) return 'contents'
	const level = Number(outlineLevel)
	return outlineLevel !== undefined && level >= 0 && level < 9 ? level + 1 : null
}

const MAX_BASES = 10

function inherit(id: string, roles: Map<string, Role>, bases: Map<string, string>): Role | undefined {
	let style = id
	for (let steps = 0; steps < MAX_BASES && style !== ''; steps++) {
		const role = roles.get(style)
		if (role !== undefined) return role
		style = bases.get(style) ?? ''
	}
	return undefined
}
