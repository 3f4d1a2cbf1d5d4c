import { load } from 'cheerio/slim'
import type { Element, Parent } from './html-nodes.ts'

/** The document as a tree. Entities of its own are left unread and nothing is fetched, so none of them can do harm. */
export function parseXml(xml: string): Parent {
	const [root] = load(xml, { xml: { xmlMode: true, decodeEntities: true } })
		.root()
		.get()
	if (!root) throw new Error('a document without a root')
	return root
}

/** Prefixes are the writer's choice: `w:p` is `p`. */
export const localName = ({ name }: Element): string => name.slice(name.indexOf(':') + 1)

export const elementsOf = (parent: Parent | null): Element[] =>
	parent?.children.filter((child): child is Element => 'attribs' in child) ?? []

export const childrenOf = (parent: Parent | null, name: string): Element[] =>
	elementsOf(parent).filter((child) => localName(child) === name)

export const childOf = (parent: Parent | null, name: string): Element | null => childrenOf(parent, name)[0] ?? null

/** The elements of that name below, in order; what lies in one of them is not looked for. */
export function* descendants(parent: Parent | null, name: string): Generator<Element> {
	const stack = elementsOf(parent).reverse()
	for (let element = stack.pop(); element; element = stack.pop()) {
		if (localName(element) === name) yield element
		else
			for (let at = element.children.length - 1; at >= 0; at--) {
				const child = element.children[at]
				if (child && 'attribs' in child) stack.push(child)
			}
	}
}

export const descendant = (parent: Parent | null, name: string): Element | null => descendants(parent, name).next().value ?? null

/** An attribute, whatever its prefix. */
export function attribute({ attribs }: Element, name: string): string | undefined {
	if (name in attribs) return attribs[name]
	for (const [key, value] of Object.entries(attribs)) if (key.endsWith(`:${name}`)) return value
	return undefined
}

/** All characters below. */
export function characters(parent: Parent | null): string {
	let text = ''
	const stack = [...(parent?.children ?? [])].reverse()
	for (let node = stack.pop(); node; node = stack.pop()) {
		if (node.type === 'text') text += node.data
		else if ('children' in node) for (let at = node.children.length - 1; at >= 0; at--) stack.push(...node.children.slice(at, at + 1))
	}
	return text
}
